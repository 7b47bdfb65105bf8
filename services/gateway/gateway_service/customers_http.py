"""Customers over the public API: found, shown, and changed by whoever saw their newest version."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, customer_records, etags, fields, lists, reading_openapi
from gateway_service.etags import Seen
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Before, From, Page
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem, faults, invalid_fields
from patchbay_contracts.customers import (
    ChangeCustomer,
    CustomerFound,
    CustomerRecord,
    CustomersFound,
    CustomersQuery,
    Details,
    Looked,
    State,
)
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import Address, Contact, Phone
from patchbay_contracts.words import Email, Text

LISTED = (*(name for name in CustomerFound.model_fields if name != "reseller"), lists.LINKS)
ALL = ("id", "version", "state", *Details.model_fields, "created_at", "order_id", lists.LINKS)


class CustomerChange(Frozen):
    """What is left out stays; null empties what may be empty. A new `state` needs a `why`."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = None
    email: Email | None = None
    address: Address | None = None
    phone: Phone | None = None
    reference: Text | None = None
    contacts: tuple[Contact, ...] | None = None
    state: State | None = None
    why: Text | None = None


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of customers, for keys with the scope `orders`, and for reading `read`."""
    routes = Routes(prefix="/v1/customers")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("", **reading_openapi.CUSTOMERS)
    async def list_customers(
        *,
        caller: Known,
        asked: Annotated[Asked, Depends()],
        text: Annotated[
            Looked, Query(description="beginnings of words of the name, an e-mail address, or your reference")
        ] = "",
        state: State | None = None,
        created_from: From = None,
        created_before: Before = None,
    ) -> Response:
        query = CustomersQuery(
            resellers=(caller.reseller,),
            text=text,
            states=(state,) if state else ("active", "blocked"),
            created_from=created_from,
            created_before=created_before,
        )

        async def fetch(after: str | None, limit: int) -> Page:
            page = query.model_copy(update={"after": after, "limit": limit})
            found = CustomersFound.model_validate_json(await upstream.ask("customer", "/customers/search", page))
            return Page([_listed(one) for one in found.customers], found.next)

        return await lists.answer(asked, "customers", LISTED, fetch)

    @routes.get("/{id}", **reading_openapi.CUSTOMER)
    async def show_customer(
        id: UUID,  # noqa: A002 - its name in the path
        request: Request,
        caller: Known,
        fields_: Annotated[Fields, Query(alias="fields")] = None,
    ) -> Response:
        names = fields.chosen(fields_, ALL)
        record = await the_customer(upstream, caller, id)
        return etags.shown(request, orjson.dumps(fields.only(_shown(record), names)), record.version)

    @routes.patch("/{id}", **reading_openapi.CHANGE_CUSTOMER)
    async def change_customer(id: UUID, request: Request, caller: Known, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, CustomerChange)
        record = await the_customer(upstream, caller, id)
        changed = await _changed(upstream, caller, record, body, version)
        return etags.shown(request, orjson.dumps(_shown(changed)), changed.version)

    return routes


async def the_customer(upstream: Upstream, caller: Caller, id_: UUID) -> CustomerRecord:
    """The caller's own. Raises Problem 404."""
    found = await customer_records.get(upstream, (caller.reseller,), (id_,))
    if not found:
        detail = f"You have no customer {id_}. Its id is in the order that made it."
        raise Problem(404, "No such customer", detail, code="no_such_customer")
    return found[0]


async def _changed(
    upstream: Upstream, caller: Caller, record: CustomerRecord, body: CustomerChange, version: int
) -> CustomerRecord:
    """The customer as it is then. Raises Problem 412 when somebody else changed it since that version."""
    given = body.model_dump(exclude={"state", "why"}, exclude_unset=True)
    try:
        query = ChangeCustomer(
            resellers=(caller.reseller,),
            id=record.id,
            by=caller.by,
            version=max(1, version),
            details=Details.model_validate(record.details.model_dump() | given) if given else None,
            state=body.state,
            why=body.why,
        )
    except ValidationError as error:
        raise invalid_fields(faults(error)) from None
    try:
        return CustomerRecord.model_validate_json(await upstream.ask("customer", "/customers/change", query))
    except Problem as problem:
        for fault in problem.body.get("errors", ()):
            fault["pointer"] = str(fault.get("pointer", "")).removeprefix("/details")
        if problem.status != 409:
            raise
        detail = f"It was changed meanwhile: you saw version {version}, it is {record.version} now. Read it, then try."
        tag = {"ETag": etags.of_version(record.version)}
        raise Problem(412, "It is another one now", detail, headers=tag) from None


def _listed(one: CustomerFound) -> dict[str, Any]:
    return one.model_dump(mode="json", exclude={"reseller"}) | {"links": {"self": f"/v1/customers/{one.id}"}}


def _shown(record: CustomerRecord) -> dict[str, Any]:
    shown = record.model_dump(mode="json", exclude={"reseller", "details", "pin_locked_until"})
    return shown | record.details.model_dump(mode="json") | {"links": {"self": f"/v1/customers/{record.id}"}}
