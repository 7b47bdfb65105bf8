"""The Customer tab: a new customer's details, or one that is there; and which reseller it belongs to."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records, drafts, looking
from gateway_service.draft import (
    Author,
    Changed,
    CustomerFields,
    Draft,
    DraftContact,
    Note,
    for_another_reseller,
)
from gateway_service.drafts import Desk
from gateway_service.pages import resellers, site
from gateway_service.pages.absent import Absent
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, Wizard
from gateway_service.pages.wizard_places import ADDRESS_LINES
from gateway_service.pages.wizard_typed import uuid, version_of, whole
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import CustomerFound, CustomersFound, CustomersQuery, ResellersFound
from patchbay_contracts.services import CustomersFound as CustomersOfNumber
from patchbay_contracts.services import NumberQuery

FEW = 20
"""More resellers than these are searched for."""
MOST_CONTACTS = 20
CODE = 2
"""Letters of a country's code, in whatever case they are typed."""
FINDING = ("find", "find_reseller")
"""What is typed to find a customer, and a reseller."""
PLAIN_FIELDS = ("name", "email", "phone", "reference", "city", "postcode", "country")


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        customer = look.document.customer if form is None else as_typed(form)
        if customer.kind not in {"new", "existing"}:
            customer = customer.model_copy(update={"kind": look.document.customer.kind})
        text, of_reseller = (_looked_for(request, look, form, name) for name in FINDING)
        looks = form is None and bool(request.query_params.get("find"))  # whoever looks for one has chosen none yet
        reseller, spared = look.draft.reseller, look.absent.spared
        chosen, found, usable = await asyncio.gather(
            spared(_existing(desk, reseller, customer.id), None),
            spared(_found(desk, look.absent, reseller, text if customer.kind == "existing" else ""), None),
            spared(resellers.found(desk.upstream, look.author.resellers, of_reseller, FEW), ResellersFound()),
        )
        options = [(one.id, one.name) for one in usable.resellers]
        if reseller not in {option[0] for option in options}:
            names = await resellers.names(desk.upstream, [reseller])
            options.insert(0, (reseller, names[reseller]))
        at = "id" if found else "find"
        errors = {at if id_ == "id" else id_: said for id_, said in errors.items() if id_ != "id" or not looks}
        return wizard.render(
            request,
            look,
            "customer",
            errors,
            form,
            customer=customer,
            lines=(*customer.address_lines, *[""] * ADDRESS_LINES)[: max(ADDRESS_LINES, len(customer.address_lines))],
            has_pin=look.document.customer.sealed_pin is not None,
            reseller=form.text("reseller") if form is not None else reseller,
            resellers=options,
            more_resellers=usable.more,
            chosen=chosen,
            found=found,
            find=text,
            find_reseller=of_reseller,
        )

    async def kept(author: Author, draft: Draft, form: Form, reseller: str) -> Changed:
        fields = CustomerFields.model_validate(_given(form))
        pin = form.exact("pin") or ("" if form.ticked("no_pin") else None)
        return await drafts.set_customer(
            desk,
            author,
            draft.id,
            version_of(form),
            fields,
            reseller=reseller or None,
            pin=pin,
            looked_for={name: _findable(form.text(name)) for name in FINDING if name in form.names()},
        )

    async def keep_typed(author: Author, draft: Draft, form: Form) -> Draft:
        """Another reseller only where nothing has to be chosen anew for it: that is for who presses to say."""
        _, notes = for_another_reseller(draft.document)
        return (await kept(author, draft, form, "" if notes else form.text("reseller"))).draft

    async def act(author: Author, draft: Draft, form: Form) -> Sequence[Note] | str:
        changed = await kept(author, draft, form, form.text("reseller"))
        looked_for = {name: form.text(name) for name in FINDING if form.ticked(name)}
        if looked_for and not form.ticked("go"):
            return f"/wizard/{draft.id}/customer?{urlencode(looked_for)}#found"
        return changed.notes

    wizard.tab(routes, "customer", page, act, keep_typed)
    return routes


def as_typed(form: Form) -> CustomerFields:
    """The details as they were typed, to be shown again whether they can be kept or not."""
    given = _given(form)
    contacts = tuple(DraftContact.model_construct(**one) for one in given["contacts"])
    return CustomerFields.model_construct(**given | {"id": uuid(form.text("id")), "contacts": contacts})


def _given(form: Form) -> dict[str, Any]:
    """Contacts without name and address are none; one may be taken out by its button."""
    count = whole(form.text("contacts")) or 0
    gone = form.text("act").removeprefix("remove:") if form.text("act").startswith("remove:") else None
    contacts = [
        {
            "kind": form.text(f"contacts-{n}-kind") or "contact",
            "name": form.text(f"contacts-{n}-name"),
            "email": form.text(f"contacts-{n}-email"),
        }
        for n in range(min(count, MOST_CONTACTS + 1))
        if str(n) != gone
    ]
    lines = [form.text(f"address_lines-{n}") for n in range(6)]
    while lines and not lines[-1]:
        lines.pop()
    country = form.text("country")
    return {name: form.text(name) for name in PLAIN_FIELDS} | {
        "country": country.upper() if len(country) == CODE else country,
        "kind": form.text("kind") or "new",
        "id": form.text("id") or None,
        "address_lines": tuple(lines),
        "contacts": tuple(one for one in contacts if one["name"] or one["email"]),
    }


def _looked_for(request: Request, look: Look, form: Form | None, name: str) -> str:
    """What is to be found: as it was typed now, or before."""
    if form is not None:
        return _findable(form.text(name))
    return _findable(request.query_params.get(name, getattr(look.document.customer, name)))


def _findable(text: str) -> str:
    """Without what nobody could have typed."""
    return "".join(one if one.isprintable() else " " for one in text)[:200].strip()


async def _existing(desk: Desk, reseller: str, id_: UUID | None) -> CustomerFound | None:
    if id_ is None:
        return None
    there = await customer_records.get(desk.upstream, [reseller], [id_])
    return next(map(customer_records.listed, there), None)


async def _found(desk: Desk, absent: Absent, reseller: str, text: str) -> Sequence[CustomerFound] | None:
    """Customers by name, e-mail, own reference; and who has a number that begins so. None if nothing is looked for, or
    nobody is found while it cannot be asked who has the number."""
    if not text:
        return None
    try:
        query = CustomersQuery(resellers=(reseller,), text=text)
    except ValidationError:
        return ()
    answer = await desk.upstream.ask("customer", "/customers/search", query)
    found = {one.id: one for one in CustomersFound.model_validate_json(answer).customers}
    if (number := looking.number_in(text)) is not None:
        having = await absent.spared(_with_number(desk, reseller, number), None)
        if having is None and not found:
            return None
        others = [id_ for id_ in having or () if id_ not in found]
        there = await customer_records.get(desk.upstream, [reseller], others) if others else ()
        found |= {one.id: customer_records.listed(one) for one in there}
    return tuple(found.values())


async def _with_number(desk: Desk, reseller: str, number: str) -> Sequence[UUID]:
    query = NumberQuery(resellers=(reseller,), number=number, count=FEW)
    try:
        answer = await desk.upstream.ask("provisioning", "/customers/by-number", query)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return ()
    found = CustomersOfNumber.model_validate_json(answer)
    return tuple(one.customer_id for one in found.customers)
