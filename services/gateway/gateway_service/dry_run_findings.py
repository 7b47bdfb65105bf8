"""Findings of a dry run: what owners say of drafts, said of an order; and what only a whole file shows. No IO."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from gateway_service import references
from patchbay_contracts.availability import GivenNumber, LineAvailability, WantedLine
from patchbay_contracts.numbers_in_words import which
from patchbay_contracts.order import NewCustomer, OrderDocument
from patchbay_contracts.validity import Finding

GONE = ("numbers.lost", "numbers.back_ordered")
NAMED_BEFORE = ("numbers.named_twice",)
"""What is said of a number that somebody else has, and of one that an order before in the file takes."""
_SHOWN = 5
_IN_USE = "order.reference_in_use"
_OF_ADDRESS = {"address_lines": "lines", "city": "city", "postcode": "postcode", "country": "country"}


def in_order(document: OrderDocument, finding: Finding) -> Finding | None:
    """By its place in the order. That numbers are not held is no news where no draft or basket was to hold them."""
    if finding.code == "numbers.not_held" and document.held_by is None:
        return None
    parts = finding.pointer.split("/")
    if parts[1:2] == ["lines"] and parts[3:4] == ["numbers"] and len(parts) > 4 and parts[4].isdecimal():
        parts.insert(4, "exact")
    elif parts[1:2] == ["customer"] and parts[2:3] and parts[2] in _OF_ADDRESS:
        parts[2:3] = ["address", _OF_ADDRESS[parts[2]]]
    elif finding.pointer == "/reseller":
        parts = [""]
    here = "/".join(parts)
    found = finding if here == finding.pointer else finding.model_copy(update={"pointer": here})
    return _waited_for(document, int(parts[2]), found) if finding.code == "numbers.lost" else found


def _waited_for(document: OrderDocument, line: int, lacking: Finding) -> Finding:
    """What lacks to a line that waits for its numbers does not refuse the order."""
    if not document.waits(document.lines[line]):
        return lacking
    message = f"{lacking.message}: the order would be back-ordered until {document.until}"
    return lacking.model_copy(update={"code": "numbers.back_ordered", "severity": "warning", "message": message})


def too_few(document: OrderDocument, available: Sequence[LineAvailability]) -> Iterator[Finding]:
    """Lines for which too few numbers match, as the order would be refused for it."""
    for at, (line, found) in enumerate(zip(document.lines, available, strict=True)):
        numbers = line.numbers
        if numbers.exact or not found.missing:
            continue
        there = numbers.count - found.missing
        message = f"{numbers.count} wanted, {there or 'too few'} free in {numbers.where}{which(numbers)}"
        lacking = Finding(
            code="numbers.too_few",
            severity="info" if there else "error",
            tab="numbers",
            pointer=f"/lines/{at}/numbers",
            message=message,
            remedy="take a shorter prefix or fewer",
        )
        yield lacking if there else _waited_for(document, at, lacking)


def replaced(
    document: OrderDocument,
    available: Sequence[LineAvailability],
    findings: Iterable[Finding | None],
    codes: Collection[str],
) -> list[Finding]:
    """The findings; one with such a code about a number in place of which the order would get another is told as
    that."""
    others = {
        f"/lines/{at}/numbers/exact/{line.numbers.exact.index(given.instead_of)}": given
        for at, (line, found) in enumerate(zip(document.lines, available, strict=True))
        for given in found.given
        if given.instead_of is not None
    }
    return [
        _replaced(others[finding.pointer], finding.pointer)
        if finding.code in codes and finding.pointer in others
        else finding
        for finding in findings
        if finding is not None
    ]


def _replaced(given: GivenNumber, pointer: str) -> Finding:
    changed = f" ({given.instead})" if given.instead else ""
    return Finding(
        code="numbers.substituted",
        severity="info",
        tab="numbers",
        pointer=pointer,
        message=f"+{given.instead_of}: the order would get +{given.e164} in place of it{changed}",
        remedy="name another, if that will not do",
    )


def unwanted(wanted: Sequence[WantedLine], available: Sequence[LineAvailability]) -> Iterator[Finding]:
    """Lines that would be given numbers that their services do not take, as the order would be refused for it."""
    for at, (line, found) in enumerate(zip(wanted, available, strict=True)):
        if found.unwanted and line.rules is not None:
            numbers = ", ".join(f"+{number}" for number in found.unwanted[:_SHOWN])
            known = " or ".join(f"+{one}" for one in line.rules.prefixes or line.rules.countries)
            yield Finding(
                code="numbers.wrong_prefix",
                severity="error",
                tab="numbers",
                pointer=f"/lines/{at}/numbers",
                message=f"{numbers} not taken by the service",
                remedy=f"choose numbers that begin with {known}",
            )


def twice_in_file(documents: Sequence[OrderDocument]) -> list[list[Finding]]:
    """What an order cannot have as one before it in the file takes it: a number that both name, and a reference of a
    new customer."""
    found: list[list[Finding]] = []
    named, references = set[int](), set[str]()
    for document in documents:
        found.append([])
        for at, line in enumerate(document.lines):
            for place, number in enumerate(line.numbers.exact):
                if number in named:
                    pointer = f"/lines/{at}/numbers/exact/{place}"
                    found[-1].append(_again("numbers.named_twice", "numbers", pointer, f"+{number}"))
        named.update(number for line in document.lines for number in line.numbers.exact)
        customer = document.customer
        if isinstance(customer, NewCustomer) and customer.reference:
            if customer.reference in references:
                what = f"the reference {customer.reference!r}"
                found[-1].append(_again("customer.reference_taken", "customer", "/customer/reference", what))
            references.add(customer.reference)
    return found


def in_use(documents: Sequence[OrderDocument], holders: Mapping[str, UUID]) -> list[Finding | None]:
    """Of each order that its reference cannot be its own: an order that is there has it, or one before it in the
    file."""
    found, before = list[Finding | None](), set[str]()
    for document in documents:
        reference, lacking = document.reference, None
        if reference and document.unique_reference and (holder := holders.get(reference)):
            fault = references.fault(reference, holder)
            lacking = Finding(code=_IN_USE, severity="error", tab="creation", **fault)
        elif reference and document.unique_reference and reference in before:
            lacking = _again(_IN_USE, "creation", "/reference", f"the reference {reference!r}")
        found.append(lacking)
        if reference:
            before.add(reference)
    return found


def _again(code: str, tab: str, pointer: str, what: str) -> Finding:
    message = f"{what} stands in an order before this one in the file"
    remedy = "take it out of one of the two"
    return Finding.model_validate(
        {"code": code, "severity": "error", "tab": tab, "pointer": pointer, "message": message, "remedy": remedy}
    )
