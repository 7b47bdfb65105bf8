"""What an operator does to a customer: new details, blocking, and services that are begun for it."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import drafts
from gateway_service.draft import Author, CustomerFields
from gateway_service.drafts import Desk
from gateway_service.pages import customer_form, site, told
from gateway_service.pages.customer_page import details, one, page
from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import unknown
from gateway_service.pages.language import gettext as _
from gateway_service.pages.orders import Clerk
from gateway_service.upstream import Upstream
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import (
    ChangeCustomer,
    CustomerLog,
    CustomerRecord,
    LogEntry,
    LogQuery,
)
from patchbay_contracts.words import Text

_STATES = {"block": "blocked", "unblock": "active"}


def router(desk: Desk) -> APIRouter:
    """What is done, each by a form of its own."""
    routes = site.routes("/customers/{id_}")
    for add in (_details, _state, _services):
        add(routes, desk)
    return routes


def _details(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/edit")
    async def edit(request: Request, id_: UUID, who: Clerk) -> Response:
        customer, reseller = await one(desk.upstream, who, id_)
        typed = customer_form.of(customer.details)
        return page(
            request, customer, reseller, "customer-edit.html", typed=typed, version=customer.version, **details()
        )

    @routes.post("/edit")
    async def change(request: Request, id_: UUID, who: Clerk) -> Response:
        customer, reseller = await one(desk.upstream, who, id_)
        form = await site.form(request)
        typed, seen, why = customer_form.typed(form), _version(form.text("version")), form.text("why")
        wanted, errors = customer_form.details(typed)
        if why and not is_text(why):
            errors["why"] = _("Say why in 200 characters at the most, on one line")
        errors |= unknown(form, customer_form.choices())
        meanwhile, status = list[LogEntry](), 422
        if wanted is not None and not errors:
            asked = ChangeCustomer(
                resellers=(customer.reseller,), id=id_, by=who.by, version=seen, details=wanted, why=why or None
            )
            try:
                new = await _changed(desk.upstream, asked)
            except Refused as refused:
                errors = {customer_form.field(typed, place): said for place, said in refused.faults}
            else:
                if isinstance(new, CustomerRecord):
                    word = "same" if new.version == seen and new.details == customer.details else "changed"
                    return told.say(request, f"/customers/{id_}", word, f"/customers/{id_}")
                customer, meanwhile, status = new.current, new.log, 409
                errors, seen = {"": _somebody_else()}, customer.version
        return page(
            request,
            customer,
            reseller,
            "customer-edit.html",
            status,
            errors=errors,
            typed=typed,
            version=seen,
            **details(why, meanwhile),
        )


def _state(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/state")
    async def set_state(request: Request, id_: UUID, who: Clerk) -> Response:
        customer, reseller = await one(desk.upstream, who, id_)
        form = await site.form(request)
        to, why = _STATES.get(form.text("act")), form.text("why")
        if to is None or not is_text(why):
            errors = {"why": _("Say why, in 200 characters at the most and on one line")}
            return page(
                request, customer, reseller, "customer-details.html", 422, errors=errors, **details(form.text("why"))
            )
        asked = ChangeCustomer.model_validate(
            {"resellers": (customer.reseller,), "id": id_, "by": who.by, "version": _version(form.text("version"))}
            | {"state": to, "why": why}
        )
        try:
            new = await _changed(desk.upstream, asked)
        except Refused as refused:
            errors = {"why": "; ".join(said for _place, said in refused.faults)}
            return page(request, customer, reseller, "customer-details.html", 422, errors=errors, **details(why))
        if isinstance(new, CustomerRecord):
            return told.say(request, f"/customers/{id_}", f"{form.text('act')}ed", f"/customers/{id_}")
        errors = {"": _somebody_else()}
        context = details(why, new.log)
        return page(request, new.current, reseller, "customer-details.html", 409, errors=errors, **context)


def _services(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/add-services")
    async def begin(request: Request, id_: UUID, who: Clerk) -> Response:
        customer, _reseller = await one(desk.upstream, who, id_)
        author = Author((customer.reseller,), who.by, site.address(request))
        try:
            new = UUID((await site.form(request)).text("draft"))  # pressed twice, it is the same draft
        except ValueError:
            new = mint()
        draft = await drafts.begin(desk, author, customer.reseller, new)
        if draft.document.customer.id is None:
            fields = CustomerFields(kind="existing", id=id_)
            await drafts.set_customer(desk, author, draft.id, draft.version, fields)
        return site.go(f"/wizard/{draft.id}/service")


class _Conflict:
    """Somebody else changed the customer: what it is now, and what was done since."""

    def __init__(self, current: CustomerRecord, log: list[LogEntry]) -> None:
        self.current, self.log = current, log


class Refused(Exception):
    """What the customer service does not take: the place in the details, and what it says."""

    def __init__(self, faults: Sequence[tuple[Sequence[str], str]]) -> None:
        super().__init__()
        self.faults = faults


async def _changed(upstream: Upstream, asked: ChangeCustomer) -> CustomerRecord | _Conflict:
    try:
        return CustomerRecord.model_validate_json(await upstream.ask("customer", "/customers/change", asked))
    except Problem as problem:
        if problem.status != 409 or "current" not in problem.body:
            raise refused_of(problem) from None
        current = CustomerRecord.model_validate(problem.body["current"])
    answer = await upstream.ask("customer", "/customers/log", LogQuery(resellers=asked.resellers, id=asked.id))
    log = CustomerLog.model_validate_json(answer)
    return _Conflict(current, [entry for entry in log.entries if entry.version > asked.version])


def refused_of(problem: Problem) -> Refused:
    """What is said of the fields. Raises the problem if that is all there is."""
    faults = problem.body.get("errors", ())
    if problem.status != 422 or not faults or any(fault.get("pointer") == "/id" for fault in faults):
        raise problem
    return Refused(
        [
            (
                str(fault.get("pointer", "")).removeprefix("/details").split("/")[1:],
                said(fault),
            )
            for fault in faults
        ]
    )


def _somebody_else() -> str:
    return _("Somebody else changed this customer meanwhile. See what changed; what you typed is still here.")


def _version(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < len(text) < 9 and int(text) else 1


def is_text(text: str) -> bool:
    """Whether it can be kept as a reason."""
    try:
        TypeAdapter(Text).validate_python(text)
    except ValidationError:
        return False
    return True
