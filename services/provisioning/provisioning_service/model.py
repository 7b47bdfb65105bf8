"""Rules of provisioning without IO: is an order valid, which services does it make, what does each line cost by."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date
from uuid import UUID, uuid5

from patchbay_chassis.saga import Failure
from patchbay_contracts.order import Line
from patchbay_contracts.v1.billing import BilledLine
from patchbay_contracts.v1.numbers import HeldLine, Want
from patchbay_contracts.v1.orders import CreatedService, LineOutcome
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.words import HeldNumber
from provisioning_service.activation import PlannedService
from provisioning_service.catalogue import Catalogue
from provisioning_service.order_faults import NOTHING, Owned, faults

MOST_DETAIL = 500
"""Characters of a refusal: what is wrong with a setting quotes it, and a setting can be half a megabyte."""


def refusal(order: PlaceOrder, catalogue: Catalogue, owned: Owned = NOTHING) -> Failure | None:
    """Why the order cannot be carried out whatever the other services say; None if it may be tried. It is judged by
    the catalogue of the day on which it was accepted."""
    found = next(faults(order.reseller, order.lines, catalogue, day_of(order), owned), None)
    if found is None:
        return None
    return Failure("validity", found.reason, f"{found.pointer}: {found.message}: {found.remedy}"[:MOST_DETAIL])


def day_of(order: PlaceOrder) -> date:
    """The day by which the catalogue judges an order."""
    return order.accepted_at.astimezone(UTC).date()


def heeding(orders: Sequence[PlaceOrder], catalogue: Catalogue) -> list[PlaceOrder]:
    """Those orders of customers that are there already for which it matters what else these have."""
    return [
        order
        for order in orders
        if order.customer.kind == "existing"
        and any(
            (type_ := types.on(day_of(order))) is not None and type_.heeds_customer
            for line in order.lines
            if (types := catalogue.get(line.service_type)) is not None
        )
    ]


def with_least_numbers(order: PlaceOrder, catalogue: Catalogue) -> PlaceOrder:
    """The order, knowing how few numbers will do for the lines that take as many as are available: fewer than their
    service type takes are as good as none."""
    least = {
        position: type_.least_numbers
        for position, line in enumerate(order.lines)
        if line.numbers.policy == "available"
        and line.grouping == "together"
        and line.service_type in catalogue
        and (type_ := catalogue[line.service_type].on(day_of(order))) is not None
    }
    return order.model_copy(update={"least_numbers": least}) if least else order


def wants(order: PlaceOrder) -> tuple[Want, ...]:
    """The numbers to hold, for the lines that want any."""
    return tuple(
        Want(line=position, numbers=line.numbers, least=order.least_numbers.get(position, 0))
        for position, line in enumerate(order.lines)
        if line.numbers.exact or line.numbers.count
    )


def planned(order: PlaceOrder, held: Sequence[HeldLine]) -> tuple[PlannedService, ...]:
    """The services that the order makes, with all that the network has to know of them."""
    return tuple(
        PlannedService(
            id=id_,
            line=position,
            service_type=line.service_type,
            price_list=line.price_list,
            numbers=tuple(number.e164 for number in group),
            settings=line.settings,
            settings_by_number={
                n.e164: line.settings_by_number[n.e164] for n in group if n.e164 in line.settings_by_number
            },
        )
        for id_, position, line, group in _services(order, held)
    )


def created(order: PlaceOrder, held: Sequence[HeldLine]) -> tuple[CreatedService, ...]:
    """The services that the order made, as everybody is told of them."""
    notes = {line.line: line.note for line in held if line.note}
    return tuple(
        CreatedService(
            id=id_,
            line=position,
            service_type=line.service_type,
            numbers=tuple(number.e164 for number in group),
            note=notes.get(position, ""),
        )
        for id_, position, line, group in _services(order, held)
    )


def outcomes(held: Sequence[HeldLine]) -> tuple[LineOutcome, ...]:
    """The lines that were not made as they were asked for."""
    return tuple(
        LineOutcome(
            line=line.line,
            state="reduced" if line.acted == "available" else "substituted",
            reason="too_few",
            detail=line.note,
        )
        for line in held
        if line.acted != "as_asked"
    )


def _services(order: PlaceOrder, held: Sequence[HeldLine]) -> Iterator[tuple[UUID, int, Line, tuple[HeldNumber, ...]]]:
    """Each service's id, its line and its numbers. Ids follow from the order's: planning again gives the same."""
    numbers = _numbers(held)
    for position, line in enumerate(order.lines):
        for place, group in enumerate(_groups(line, numbers.get(position, ()))):
            yield uuid5(order.order_id, f"{position}/{place}"), position, line, group


def billed(order: PlaceOrder, held: Sequence[HeldLine]) -> tuple[BilledLine, ...]:
    """What billing has to price: services and graded numbers of each line."""
    numbers = _numbers(held)
    return tuple(
        BilledLine(
            line=position,
            service_type=line.service_type,
            price_list=line.price_list,
            services=len(_groups(line, numbers.get(position, ()))),
            numbers=numbers.get(position, ()),
        )
        for position, line in enumerate(order.lines)
    )


def _numbers(held: Sequence[HeldLine]) -> dict[int, tuple[HeldNumber, ...]]:
    return {line.line: line.numbers for line in held}


def _groups(line: Line, numbers: tuple[HeldNumber, ...]) -> list[tuple[HeldNumber, ...]]:
    """The numbers of each service of a line: all in one, or one each."""
    return [(number,) for number in numbers] if line.grouping == "each" and numbers else [numbers]
