"""Customers: the list of those of an operator's resellers, by what they are found by, and the same as CSV."""

from collections.abc import AsyncGenerator, Sequence
from typing import get_args

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records, looking
from gateway_service.drafts import Desk
from gateway_service.pages import listing, reach, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.pages.orders import Clerk
from gateway_service.pages.reach import Reach
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import (
    MOST_CUSTOMERS,
    CustomerFound,
    CustomersFound,
    CustomersQuery,
    State,
)
from patchbay_contracts.services import CustomersFound as CustomersOfNumber
from patchbay_contracts.services import NumberQuery

PAGE = 50
MOST_BY_NUMBER = 20
STATES: tuple[State, ...] = get_args(State)
_FIELDS = {"text": "text", "created_from": "from", "created_before": "to", "after": ""}


def router(desk: Desk) -> APIRouter:
    """The list, in both forms."""
    routes = site.routes("/customers")

    @routes.get("")
    async def show(request: Request, who: Clerk) -> Response:
        sees = await reach.of(desk.upstream, who)
        filters, query = _asked(request, sees, PAGE)
        page = await _page(desk.upstream, query, filters)
        return site.render(
            request,
            "customers-list.html",
            422 if filters.errors else 200,
            errors=filters.errors,
            filters=filters,
            sees=sees,
            states=[(state, states()[state]) for state in STATES],
            words=states(),
            customers=page.customers,
            next=filters.page(page.next),
        )

    @routes.get(".csv")
    async def download(request: Request, who: Clerk) -> Response:
        sees = await reach.of(desk.upstream, who)
        _filters, query = _asked(request, sees, MOST_CUSTOMERS)
        if query is None:
            return site.elsewhere(request, str(request.url).replace("/customers.csv", "/customers", 1))
        head = ("customer", "reseller", "name", "email", "phone", "reference", "state", "created_at")
        return await listing.download("customers", head, _all(desk.upstream, query.model_copy(update={"after": None})))

    return routes


def states() -> dict[str, str]:
    """What the states of customers are called."""
    return {"active": _("active"), "blocked": _("blocked")}


def _asked(request: Request, sees: Reach, limit: int) -> tuple[Filters, CustomersQuery | None]:
    """The filters, and what they ask; nothing, if they make no sense."""
    filters = Filters(request, "text", "state", "reseller", "from", "to")
    state, reseller = filters.choice("state", STATES), filters.choice("reseller", sees.ids)
    given = {
        "resellers": (reseller,) if reseller else sees.ids,
        "text": filters["text"],
        "states": (state,) if state else STATES,
        "created_from": filters.day("from"),
        "created_before": filters.day("to", over=True),
        "after": filters.after,
        "limit": limit,
    }
    try:
        query = CustomersQuery.model_validate(given)
    except ValidationError as error:
        for fault in error.errors():
            field = _FIELDS.get(str(fault["loc"][0]), "")
            said = _("Enter 200 characters at the most, without control characters")
            filters.errors.setdefault(field, said if field else _("This page of the list is not there"))
    return filters, None if filters.errors else query


async def _page(upstream: Upstream, query: CustomersQuery | None, filters: Filters) -> CustomersFound:
    if query is None:
        return CustomersFound()
    try:
        return await _found(upstream, query)
    except Problem as problem:
        if problem.status != 422:
            raise
        filters.errors[""] = _("This page of the list is not there. Begin with the first one.")
        return CustomersFound()


async def _all(upstream: Upstream, query: CustomersQuery) -> AsyncGenerator[list[Sequence[object]]]:
    while True:
        page = await _found(upstream, query)
        yield [_cells(one) for one in page.customers]
        if page.next is None:
            return
        query = query.model_copy(update={"after": page.next})


async def _found(upstream: Upstream, query: CustomersQuery) -> CustomersFound:
    """A page. Whoever has a number that begins with what was typed stands on top of the first one."""
    answer = await upstream.ask("customer", "/customers/search", query)
    page = CustomersFound.model_validate_json(answer)
    number = None if query.after is not None else looking.number_in(query.text)
    if number is None:
        return page
    known = {one.id for one in page.customers}
    having = [one for one in await _with_number(upstream, query, number) if one.id not in known]
    return page.model_copy(update={"customers": (*having, *page.customers)})


async def _with_number(upstream: Upstream, query: CustomersQuery, number: str) -> Sequence[CustomerFound]:
    wanted = NumberQuery(resellers=query.resellers, number=number, count=MOST_BY_NUMBER)
    answer = await upstream.ask("provisioning", "/customers/by-number", wanted)
    ids = tuple(one.customer_id for one in CustomersOfNumber.model_validate_json(answer).customers)
    if not ids:
        return ()
    found = map(customer_records.listed, await customer_records.get(upstream, query.resellers, ids))
    return [one for one in found if _matches(one, query)]


def _matches(one: CustomerFound, query: CustomersQuery) -> bool:
    since, before = query.created_from, query.created_before
    in_time = (since is None or one.created_at >= since) and (before is None or one.created_at < before)
    return one.state in query.states and in_time


def _cells(one: CustomerFound) -> Sequence[object]:
    return (
        one.id,
        one.reseller,
        one.name,
        one.email,
        one.phone,
        one.reference,
        one.state,
        one.created_at.isoformat(),
    )
