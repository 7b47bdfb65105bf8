"""One customer: its details, services, orders, charges, mails, and all that was done to it."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records, order_queries, views
from gateway_service.drafts import Desk
from gateway_service.order_queries import Wanted
from gateway_service.pages import called, mails, one_box, orders, reach, services, site, told
from gateway_service.pages.customers import states
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.pages.orders import Clerk
from gateway_service.pages.people import Operator
from gateway_service.upstream import Owner, Upstream
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import CustomerLog, CustomerRecord, LogQuery
from patchbay_contracts.mails import MailQuery
from patchbay_contracts.message import Frozen
from patchbay_contracts.services import ServicePage, ServiceQuery

PAGE = 50
M = TypeVar("M", bound=Frozen)


def router(desk: Desk) -> APIRouter:
    """What is looked at."""
    routes, upstream = site.routes("/customers/{id_}"), desk.upstream

    @routes.get("")
    async def show(request: Request, id_: UUID, who: Clerk) -> Response:
        return page(request, *await one(upstream, who, id_), "customer-details.html", **details())

    @routes.get("/services")
    async def list_services(request: Request, id_: UUID, who: Clerk, after: str | None = None) -> Response:
        customer, reseller = await one(upstream, who, id_)
        query = {"customer_id": id_, "resellers": (customer.reseller,), "count": PAGE, "after": after}
        answer = await asked(upstream, "provisioning", "/services/search", ServiceQuery, query)
        found = ServicePage.model_validate_json(answer)
        return page(
            request,
            customer,
            reseller,
            "customer-services.html",
            called=await called.of(upstream, customer.reseller),
            services=found.services,
            service_words=services.states(),
            **more(request.url.path, after, found.next),
        )

    @routes.get("/orders")
    async def list_orders(request: Request, id_: UUID, who: Clerk, after: str | None = None) -> Response:
        customer, reseller = await one(upstream, who, id_)
        try:
            before = views.from_cursor(after)
        except ValueError:
            raise _no_page() from None
        filters, of = Filters(request, one_box.FIND), (customer.reseller,)
        like, rows = await one_box.orders(desk, of, filters, id_), list[Any]()
        if not filters.errors:
            wanted = Wanted(customer_id=id_, likes=(like,) if like else ())
            async with desk.running.database.connection() as db:
                rows = [*await order_queries.page(db, of, wanted, before, PAGE + 1)]
        next_ = views.cursor(rows[PAGE - 1].id) if len(rows) > PAGE else None
        return page(
            request,
            customer,
            reseller,
            "customer-orders.html",
            422 if filters.errors else 200,
            errors=filters.errors,
            filters=filters,
            rows=rows[:PAGE],
            order_words=orders.states(),
            first=filters.first,
            next=filters.page(next_),
        )

    @routes.get("/mails")
    async def list_mails(request: Request, id_: UUID, who: Clerk, after: str | None = None) -> Response:
        customer, reseller = await one(upstream, who, id_)
        query = {"customer_id": id_, "resellers": (customer.reseller,), "limit": PAGE, "after": after}
        found = await mails.found(upstream, _checked(MailQuery, query))
        return page(
            request,
            customer,
            reseller,
            "customer-mails.html",
            found=found,
            mail_words=mails.states(),
            **more(request.url.path, after, found.next if found else None),
        )

    @routes.get("/log")
    async def list_log(request: Request, id_: UUID, who: Clerk, after: str | None = None) -> Response:
        customer, reseller = await one(upstream, who, id_)
        query = {"id": id_, "resellers": (customer.reseller,), "limit": PAGE, "after": after}
        log = CustomerLog.model_validate_json(await asked(upstream, "customer", "/customers/log", LogQuery, query))
        return page(
            request,
            customer,
            reseller,
            "customer-log.html",
            entries=log.entries,
            whats=_whats(),
            **more(request.url.path, after, log.next),
        )

    return routes


async def one(upstream: Upstream, who: Operator, id_: UUID) -> tuple[CustomerRecord, str]:
    """A customer of the operator's resellers, and what its reseller is called. Raises Problem 404."""
    sees = await reach.of(upstream, who)
    for found in await customer_records.get(upstream, sees.ids, [id_]):
        return found, sees.names.get(found.reseller, found.reseller)
    raise Problem(404, _("There is no such customer"), _("You have no customer with this id."))


def page(
    request: Request,
    customer: CustomerRecord,
    reseller: str,
    template: str,
    status: int = 200,
    *,
    errors: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """A page about that customer, with what is to be said of what was just done."""
    base = f"/customers/{customer.id}"
    tabs = [
        (base, _("Details")),
        (f"{base}/services", _("Services")),
        (f"{base}/orders", _("Orders")),
        (f"{base}/charges", _("Charges")),
        (f"{base}/mails", _("Mails")),
        (f"{base}/pin", _("PIN")),
        (f"{base}/log", _("History")),
    ]
    response = site.render(
        request,
        template,
        status,
        errors=errors,
        customer=customer,
        reseller=reseller,
        base=base,
        tabs=tabs,
        words=states(),
        said=said().get(told.heard(request)),
        new_draft=mint(),
        **context,
    )
    return told.forget(request, response, base)


def said() -> dict[str, tuple[str, str]]:
    """What can be said after something was done: how, and in what words."""
    return {
        "changed": ("success", _("The details are changed.")),
        "same": ("info", _("Nothing was changed: it was all so already.")),
        "blocked": ("success", _("The customer is blocked, and can order nothing.")),
        "unblocked": ("success", _("The customer can order again.")),
        "account-block": ("success", _("The account is blocked: the customer can order nothing.")),
        "account-unblock": ("success", _("The account is not blocked any more: the customer can order again.")),
        "account-limit": ("success", _("The account is limited.")),
        "account-lifted": ("success", _("The account has no limit any more.")),
        "pin": ("success", _("The new PIN is in force.")),
        "pin-weak": ("warning", _("The new PIN is in force, but easily guessed. Set another one.")),
        "right": ("success", _("The PIN is right.")),
        "locked": ("danger", _("No PIN can be tried just now: there were too many wrong ones.")),
        **{f"wrong-{n}": ("danger", _("The PIN is wrong. Tries left: %(n)s") % {"n": n}) for n in range(100)},
    }


def details(why: str = "", conflict: Any = ()) -> dict[str, Any]:
    """What the page of details needs besides: the reason that was typed, and what somebody else changed meanwhile."""
    return {"why": why, "meanwhile": conflict}


async def asked(upstream: Upstream, owner: Owner, path: str, kind: type[Frozen], query: Mapping[str, Any]) -> bytes:
    """A page of what an owner keeps. Raises Problem 404 for a page that is none."""
    try:
        return await upstream.ask(owner, path, _checked(kind, query))
    except Problem as problem:
        if problem.status == 422 and query["after"]:
            raise _no_page() from None
        raise


def _checked(kind: type[M], query: Mapping[str, Any]) -> M:
    try:
        return kind.model_validate(query)
    except ValueError:
        raise _no_page() from None


def _no_page() -> Problem:
    return Problem(404, _("This page of the list is not there"), _("Begin with the first one."))


def more(path: str, after: str | None, next_: str | None) -> dict[str, Any]:
    """Where the first and the next page of a list are."""
    return {"first": path if after else None, "next": f"{path}?{urlencode({'after': next_})}" if next_ else None}


def _whats() -> dict[str, str]:
    """What was done to a customer."""
    return {
        "created": _("created"),
        "changed": _("details changed"),
        "blocked": _("blocked"),
        "unblocked": _("unblocked"),
        "pin_set": _("PIN set"),
        "pin_right": _("PIN verified: right"),
        "pin_wrong": _("PIN verified: wrong"),
        "pin_locked": _("PIN locked after too many wrong ones"),
    }
