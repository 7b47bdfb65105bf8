"""A draft as owners are asked about it for its validity report, and what of it each of them looks at."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway_service.draft import Draft, DraftService
from gateway_service.quoting import quote_of
from gateway_service.upstream import Owner
from patchbay_contracts.validity import CheckedContact, CheckedCustomer, CheckedLine, CheckedMail, ValidityQuery

NO_DRAFT = UUID(int=0)


def query(draft: Draft) -> ValidityQuery:
    """The draft as owners are asked about it."""
    document = draft.document
    customer = document.customer
    checked = (
        _existing(customer.id)
        if customer.kind == "existing"
        else CheckedCustomer(
            name=customer.name,
            email=customer.email,
            sealed_pin=customer.sealed_pin,
            phone=customer.phone,
            reference=customer.reference,
            address_lines=customer.address_lines,
            city=customer.city,
            postcode=customer.postcode,
            country=customer.country,
            contacts=tuple(CheckedContact(kind=c.kind, name=c.name, email=c.email) for c in customer.contacts),
        )
    )
    quote = quote_of(document)
    return ValidityQuery(
        reseller=draft.reseller,
        held_by=draft.id,
        customer=checked,
        lines=tuple(map(_line, document.ordered)),
        quote=quote.id if quote else None,
        mails=tuple(CheckedMail(recipient=m.email, subject=m.subject) for m in document.mails if m.wanted),
    )


def _existing(id_: UUID | None) -> CheckedCustomer | None:
    """None while nobody is chosen: without an id it would be checked as a new customer."""
    return CheckedCustomer(id=id_) if id_ is not None else None


def _line(service: DraftService) -> CheckedLine:
    return CheckedLine(
        service_type=service.service_type,
        price_list=service.price_list,
        grouping=service.grouping,
        numbers=tuple(number.e164 for number in service.numbers),
        grades={number.e164: number.grade for number in service.numbers},
        settings=service.settings,
        settings_by_number=service.settings_by_number,
    )


def part(owner: Owner, asked: ValidityQuery) -> ValidityQuery:
    """What that owner looks at: it need not be asked again because something else was typed, and drafts of which it
    looks at the same have one answer."""
    customer, lines = asked.customer, asked.lines
    known = customer and CheckedCustomer(id=customer.id)
    told = customer and CheckedCustomer(id=customer.id, email=customer.email, contacts=customer.contacts)
    nothing = ValidityQuery(reseller=asked.reseller, held_by=NO_DRAFT)
    of_owner: dict[Owner, Mapping[str, Any]] = {
        "customer": {"held_by": asked.held_by, "customer": customer},
        "numbers": {"held_by": asked.held_by, "customer": known, "lines": tuple(map(_of_numbers, lines))},
        "provisioning": {"customer": known, "lines": tuple(map(_of_provisioning, lines))},
        "billing": {"customer": known, "lines": tuple(map(_of_billing, lines)), "quote": asked.quote},
        "notifier": {"customer": told, "mails": asked.mails},
    }
    if owner == "numbers" and not has_numbers(asked):
        return nothing
    return nothing.model_copy(update=of_owner[owner])


def has_numbers(asked: ValidityQuery) -> bool:
    """Whether there are any to ask about."""
    return any(line.numbers for line in asked.lines)


def _of_numbers(line: CheckedLine) -> CheckedLine:
    return CheckedLine(numbers=line.numbers)


def _of_provisioning(line: CheckedLine) -> CheckedLine:
    return line.model_copy(update={"price_list": ""})


def _of_billing(line: CheckedLine) -> CheckedLine:
    """Of its numbers it counts those that are a service each, and those of each grade."""
    numbers = line.numbers if line.grouping == "each" else ()
    given = dict(Counter(line.grades.values()))
    nothing: Mapping[str, Any] = {"grades": {}, "settings": {}, "settings_by_number": {}}
    return line.model_copy(update={"numbers": numbers, "given": given, **nothing})
