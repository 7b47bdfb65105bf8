"""A customer's details as a form: from what is known to fields, and back, with what is wrong at each field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway_service.pages.language import gettext as _
from gateway_service.pages.site import Form
from patchbay_contracts.customers import Details

LINES, MOST_LINES = 3, 6
SPARE, MOST_CONTACTS = 2, 20
"""So many empty rows are there for further contacts, and so many contacts there may be."""
FIELDS = ("name", "email", "phone", "reference", "city", "postcode", "country")


@dataclass(frozen=True)
class Row:
    """A contact or supplier, as typed."""

    kind: str = "contact"
    name: str = ""
    email: str = ""

    @property
    def empty(self) -> bool:
        """Nobody stands here."""
        return not (self.name or self.email)


@dataclass(frozen=True)
class Typed:
    """Details as they were typed."""

    fields: dict[str, str]
    lines: tuple[str, ...]
    rows: tuple[Row, ...]


def choices() -> dict[str, Sequence[str]]:
    """What fields offer of which one has to be chosen."""
    return {f"contacts-{n}-kind": ("contact", "supplier") for n in range(MOST_CONTACTS)}


def of(details: Details) -> Typed:
    """The form of what is known."""
    address = details.address
    known: dict[str, Any] = details.model_dump() | (address.model_dump(exclude={"lines"}) if address else {})
    fields = {name: known.get(name) or "" for name in FIELDS}
    lines = address.lines if address else ()
    rows = tuple(Row(one.kind, one.name, one.email) for one in details.contacts)
    return _spaced(fields, lines, rows)


def typed(form: Form) -> Typed:
    """The form as it was sent."""
    fields = {name: form.text(name) for name in FIELDS}
    lines = tuple(form.text(f"lines-{n}") for n in range(MOST_LINES))
    count = int(text) if (text := form.text("contacts")).isdecimal() and len(text) < 4 else 0
    rows = [
        Row("supplier" if form.text(f"contacts-{n}-kind") == "supplier" else "contact")
        if form.ticked(f"contacts-{n}-remove")
        else Row(
            "supplier" if form.text(f"contacts-{n}-kind") == "supplier" else "contact",
            form.text(f"contacts-{n}-name"),
            form.text(f"contacts-{n}-email"),
        )
        for n in range(min(count, MOST_CONTACTS))
    ]
    return _spaced(fields, lines, rows)


def details(typed: Typed) -> tuple[Details | None, dict[str, str]]:
    """What was typed as details; or what is wrong, by the id of the field."""
    try:
        return Details.model_validate(_document(typed)), {}
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        return None, {field(typed, fault["loc"]): _message(fault["loc"], fault["type"]) for fault in faults}


def field(typed: Typed, place: Sequence[str | int]) -> str:
    """The id of the field where that part of the details was typed."""
    parts = [str(part) for part in place if part != "address"]
    if parts and parts[0] == "contacts":
        if len(parts) < 2:
            return "contacts-0-name"
        there = [n for n, row in enumerate(typed.rows) if not row.empty]
        at = int(parts[1]) if parts[1].isdecimal() else 0
        row = there[at] if at < len(there) else 0
        return f"contacts-{row}-{parts[2] if len(parts) > 2 else 'name'}"
    if parts and parts[0] == "lines":
        there = [n for n, line in enumerate(typed.lines) if line]
        at = int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 0
        return f"lines-{there[at] if at < len(there) else 0}"
    return parts[0] if parts and parts[0] in FIELDS else ""


def _spaced(fields: dict[str, str], lines: Sequence[str], rows: Sequence[Row]) -> Typed:
    """With some space left."""
    given = list(lines)
    while given and not given[-1]:
        given.pop()
    spare = max(LINES, len(given)) - len(given)
    there = list(rows)
    while there and there[-1].empty:
        there.pop()
    room = min(len(there) + SPARE, MOST_CONTACTS) - len(there)
    return Typed(fields, (*given, *[""] * spare), (*there, *[Row()] * room))


def _document(typed: Typed) -> dict[str, Any]:
    fields = typed.fields
    address = {
        "lines": [line for line in typed.lines if line],
        "city": fields["city"] or None,
        "postcode": fields["postcode"] or None,
        "country": fields["country"].upper() or None,
    }
    return {
        "name": fields["name"],
        "email": fields["email"],
        "phone": fields["phone"] or None,
        "reference": fields["reference"] or None,
        "address": address if any(address.values()) else None,
        "contacts": [{"kind": row.kind, "name": row.name, "email": row.email} for row in typed.rows if not row.empty],
    }


def _message(place: Sequence[str | int], fault: str) -> str:
    name = next((part for part in reversed(place) if isinstance(part, str)), "")
    if fault == "string_too_long":
        return {
            "email": _("An e-mail address has 254 characters at the most"),
            "country": _("Enter a country as two letters, such as GB"),
        }.get(name, _("Shorten it to 200 characters"))
    return {
        "name": _("Enter a name, on one line"),
        "email": _("Enter an e-mail address, such as name@example.com"),
        "phone": _("Enter a phone number of 4 to 30 digits, such as 0121 496 0000"),
        "country": _("Enter a country as two letters, such as GB"),
        "reference": _("Enter the reference on one line"),
        "contacts": _("There may be 20 contacts and suppliers at the most"),
    }.get(name, _("Enter this part of the address on one line"))
