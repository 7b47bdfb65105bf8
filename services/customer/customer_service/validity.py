"""The customer's part of a validity report. What is an error here is what orders are refused for."""

from collections.abc import Iterable, Iterator, Sequence
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
    (found,) = await findings_of_many(db, [asked])
    customer = asked.customer
    if customer is None or customer.id is not None:
        return found
    wrong = {one.pointer for one in found.findings}
    seen = {id_ for one in found.findings for id_ in one.about}
    return Findings(findings=(*found.findings, *await _alike_by_name(db, asked.reseller, customer, wrong, seen)))


async def findings_of_many(db: Connection, asked: Sequence[ValidityQuery]) -> list[Findings]:
    """The same of each as if it were alone, but for customers of nearly the same name."""
    resellers = await queries.resellers(db, sorted({one.reseller for one in asked}))
    there = await queries.customers(db, [one.customer.id for one in asked if one.customer and one.customer.id])
    found: list[list[Finding]] = []
    for one in asked:
        found.append([])
        if (barred := model.barred_reseller(one.reseller, resellers.get(one.reseller))) is not None:
            found[-1].append(_error(barred, "/reseller"))
        if (customer := one.customer) is None:
            continue
        if customer.id is not None:
            if (refused := model.barred_customer(one.reseller, customer.id, there.get(customer.id))) is not None:
                found[-1].append(_error(refused))
            continue
        found[-1] += wrong_details(customer)
        found[-1] += _about_pin(customer, one.held_by)
    await _add_known(db, asked, found)
    return [Findings(findings=tuple(of_one)) for of_one in found]


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


async def _add_known(db: Connection, asked: Sequence[ValidityQuery], found: Sequence[list[Finding]]) -> None:
    """References that are somebody's; customers with the same address. Fields that are wrong are not looked for."""
    places = list[tuple[tuple[str, str] | None, tuple[str, str] | None]]()
    for one, of_one in zip(asked, found, strict=True):
        customer, wrong = one.customer, {finding.pointer for finding in of_one}
        reference = email = None
        if customer is not None and customer.id is None:
            if customer.reference.strip() and "/customer/reference" not in wrong:
                reference = one.reseller, customer.reference.strip()
            if "/customer/email" not in wrong:
                email = one.reseller, customer.email
        places.append((reference, email))
    taken = await searching.with_references(db, {reference for reference, _ in places if reference})
    known = await searching.with_emails(db, {email for _, email in places if email}, MOST_ABOUT)
    for of_one, (reference, email) in zip(found, places, strict=True):
        if reference is not None and (other := taken.get(reference)) is not None:
            of_one.append(_error(model.reference_taken(reference[1]), about=(other,)))
        if email is not None and (same := known.get(email)):
            of_one.append(_alike("email_known", "/customer/email", "the same e-mail address", same))


async def _alike_by_name(
    db: Connection, reseller: str, customer: CheckedCustomer, wrong: Iterable[str], seen: set[UUID]
) -> list[Finding]:
    """Customers of nearly the same name that may be the same one, and were not seen before."""
    if "/customer/name" in wrong:
        return []
    near = [r for r in await searching.with_name_alike(db, reseller, customer.name, MOST_ABOUT) if r.id not in seen]
    what = "the same name or nearly so"
    return [_alike("name_known", "/customer/name", what, [r.id for r in near])] if near else []


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
