"""The customer's part of a validity report. What is an error here is what orders are refused for."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from customer_service import model, pins, queries, searching
from customer_service.pin_rules import accepted, weak
from customer_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import pointer
from patchbay_contracts.order import NewCustomer
from patchbay_contracts.validity import CheckedCustomer, Finding, Findings, Severity, ValidityQuery

MOST_ABOUT = 5
SOUND_PIN = "0000"
"""Stands in for the PIN where the other fields are looked at: it is looked at by itself."""

FIELDS = {
    "name": ("a name", "1 to 200 characters without line breaks"),
    "email": ("an e-mail address", "such as ada@example.com"),
    "phone": ("a phone number", "4 to 30 digits, spaces and + ( ) / . -"),
    "reference": ("a reference", "up to 200 characters without line breaks"),
    "address_lines": ("the address", "up to 6 lines of up to 200 characters without line breaks"),
    "city": ("a town", "up to 200 characters without line breaks"),
    "postcode": ("a postcode", "up to 200 characters without line breaks"),
    "country": ("a country", "two capital letters, such as GB"),
    "contacts": ("the contacts", "20 at the most"),
    "kind": ("a kind of contact", "contact or supplier"),
}


async def findings(db: Connection, asked: ValidityQuery) -> Findings:
    """What is wrong with the customer, or had better be different."""
    found: list[Finding] = []
    resellers = await queries.resellers(db, [asked.reseller])
    if (barred := model.barred_reseller(asked.reseller, resellers.get(asked.reseller))) is not None:
        found.append(_error(barred, "/reseller"))
    customer = asked.customer
    if customer is None:
        return Findings(findings=tuple(found))
    if customer.id is not None:
        there = await queries.customers(db, [customer.id])
        if (refused := model.barred_customer(asked.reseller, customer.id, there.get(customer.id))) is not None:
            found.append(_error(refused))
        return Findings(findings=tuple(found))
    found += wrong_details(customer)
    found += _about_pin(customer, asked.held_by)
    found += await _taken_or_alike(db, asked.reseller, customer, {one.pointer for one in found})
    return Findings(findings=tuple(found))


def wrong_details(customer: CheckedCustomer) -> Iterator[Finding]:
    """What the order's document would be refused for, but for the PIN."""
    try:
        NewCustomer.model_validate(_document(customer))
    except ValidationError as error:
        seen = set()
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            loc = fault["loc"]
            place = list(loc[1:] if loc[0] == "address" and len(loc) > 1 else loc)
            place[0] = "address_lines" if place[0] == "lines" else place[0]
            if (at := pointer(place)) not in seen:
                seen.add(at)
                yield _wrong(customer, place, "/customer" + at)


def _document(customer: CheckedCustomer) -> dict[str, Any]:
    """The order's customer; what is empty and need not be there is left out."""
    address: dict[str, Any] = {
        name: value for name in ("city", "postcode", "country") if (value := getattr(customer, name).strip())
    }
    if lines := [line for line in customer.address_lines if line.strip()]:
        address["lines"] = lines
    given: dict[str, Any] = {
        name: value for name in ("phone", "reference") if (value := getattr(customer, name).strip())
    }
    if address:
        given["address"] = address
    contacts = [contact.model_dump() for contact in customer.contacts]
    return given | {"name": customer.name, "email": customer.email, "pin": SOUND_PIN, "contacts": contacts}


def _wrong(customer: CheckedCustomer, place: list[int | str], at: str) -> Finding:
    field = next(part for part in reversed(place) if isinstance(part, str))
    what, form = FIELDS[field]
    of_contact = place[0] == "contacts" and len(place) > 1
    missing = field in ("name", "email") and not _given(customer, place).strip()
    whose = f" of contact {int(place[1]) + 1}" if of_contact else ""
    if missing:
        return _finding(f"{field}_required", "error", at, f"{what}{whose} is required", f"give {what}: {form}")
    code = f"{'contact_' if of_contact else ''}{field}_wrong"
    return _finding(code, "error", at, f"this is not {what}{whose} that can be kept", f"write {form}")


def _given(customer: CheckedCustomer, place: list[int | str]) -> str:
    if place[0] == "contacts":
        return str(getattr(customer.contacts[int(place[1])], str(place[2])))
    return str(getattr(customer, str(place[0])))


def _about_pin(customer: CheckedCustomer, held_by: UUID) -> Iterator[Finding]:
    if not customer.sealed_pin:
        yield _finding("pin_required", "error", "/customer/pin", "a PIN is required", "choose 4 to 12 characters")
        return
    try:
        pin = pins.unseal(customer.sealed_pin, held_by, settings().pin_transport_key.get_secret_value())
    except pins.PinUnreadable:
        unreadable = model.pin_unreadable()
        yield _error(model.Refused(unreadable.reason, unreadable.pointer, unreadable.message, "give the PIN again"))
        return
    if (refused := accepted(pin)) is not None:
        yield _error(refused)
        return
    given = (customer.name, customer.email, customer.phone, customer.reference, customer.postcode)
    if (warning := weak(pin, (*given, *customer.address_lines))) is not None:
        yield warning


async def _taken_or_alike(
    db: Connection, reseller: str, customer: CheckedCustomer, wrong: Iterable[str]
) -> list[Finding]:
    """A reference that is somebody's; customers that may be the same one. Fields that are wrong are not looked for."""
    found, seen = [], set[UUID]()
    reference = customer.reference.strip()
    looked = reference and "/customer/reference" not in wrong
    if looked and (other := await searching.with_reference(db, reseller, reference)) is not None:
        found.append(_error(model.reference_taken(reference), about=(other,)))
        seen.add(other)
    if "/customer/email" not in wrong:
        same = await searching.with_email(db, reseller, customer.email, MOST_ABOUT)
        if same:
            found.append(_alike("email_known", "/customer/email", "the same e-mail address", [r.id for r in same]))
            seen |= {row.id for row in same}
    if "/customer/name" not in wrong:
        near = [r for r in await searching.with_name_alike(db, reseller, customer.name, MOST_ABOUT) if r.id not in seen]
        if near:
            found.append(_alike("name_known", "/customer/name", "the same name or nearly so", [r.id for r in near]))
    return found


def _alike(code: str, at: str, what: str, ids: list[UUID]) -> Finding:
    who = (
        "a customer has"
        if len(ids) == 1
        else f"{len(ids)} customers have"
        if len(ids) < MOST_ABOUT
        else "customers have"
    )
    message, remedy = f"{who} {what}", "choose the existing customer if it is the same, or go on"
    return _finding(code, "warning", at, message, remedy, about=tuple(ids))


def _error(refused: model.Refused, at: str | None = None, about: tuple[UUID, ...] = ()) -> Finding:
    return _finding(refused.reason, "error", at or refused.pointer, refused.message, refused.remedy, about=about)


def _finding(
    code: str, severity: Severity, at: str, message: str, remedy: str, *, about: tuple[UUID, ...] = ()
) -> Finding:
    return Finding(
        code=f"customer.{code}", severity=severity, tab="customer", pointer=at, message=message, remedy=remedy,
        about=about,
    )  # fmt: skip
