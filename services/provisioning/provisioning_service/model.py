"""Rules of provisioning without IO: is an order valid, which services does it make, what does each line cost by."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date
from operator import attrgetter
from uuid import UUID, uuid5

from patchbay_chassis.saga import Failure
from patchbay_contracts.order import Line, Numbers, RefusedLine
from patchbay_contracts.v1.billing import BilledLine
from patchbay_contracts.v1.numbers import HeldLine, Want
from patchbay_contracts.v1.orders import CreatedService, LineOutcome
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.words import HeldNumber
from provisioning_service.activation import PlannedService
from provisioning_service.catalogue import Catalogue, ServiceType
from provisioning_service.number_faults import narrowed, rules_of
from provisioning_service.order_faults import NOTHING, Fault, Owned, faults

MOST_DETAIL = 500
"""Characters of a refusal: what is wrong with a setting quotes it, and a setting can be half a megabyte."""


def refusal(order: PlaceOrder, catalogue: Catalogue, owned: Owned = NOTHING) -> Failure | None:
    """Why the order cannot be carried out whatever the other services say; None if it may be tried. It is judged by
    the catalogue of the day on which it begins."""
    found = next(faults(order.reseller, order.lines, catalogue, day_of(order), owned), None)
    return None if found is None else invalid(found)


def invalid(fault: Fault) -> Failure:
    """That the order is not valid, and why."""
    return Failure("validity", fault.reason, fault.detail[:MOST_DETAIL])


def day_of(order: PlaceOrder) -> date:
    """The day by which the catalogue judges an order: the one on which it begins."""
    return (order.start or order.accepted_at).astimezone(UTC).date()


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
        position: many
        for position, line in enumerate(order.lines)
        if line.numbers.policy == "available"
        and line.service_type in catalogue
        and (many := least_numbers(line.numbers, line.grouping, catalogue[line.service_type].on(day_of(order))))
    }
    return order.model_copy(update={"least_numbers": least}) if least else order


def least_numbers(numbers: Numbers, grouping: str, type_: ServiceType | None) -> int:
    """With how few the line is made, if it takes as many as are available; 0: any will do."""
    if type_ is None or numbers.policy != "available" or grouping != "together":
        return 0
    return type_.least_numbers


def with_number_rules(order: PlaceOrder, catalogue: Catalogue) -> PlaceOrder:
    """The order, knowing which numbers may come to its services, of those that do not take all."""
    day = day_of(order)
    known = {
        line.service_type: rules
        for line in order.lines
        if line.service_type in catalogue and (rules := rules_of(catalogue[line.service_type].on(day))) is not None
    }
    return order.model_copy(update={"number_rules": known}) if known else order


def wants(order: PlaceOrder, *, last: bool = False) -> tuple[Want, ...]:
    """The numbers to hold, for the lines that want any. A line that waits for its numbers is not left out before they
    are tried for the `last` time."""
    out = left_out(order.refused)
    return tuple(
        Want(
            line=position,
            numbers=narrowed(line.numbers, rules := order.number_rules.get(line.service_type)),
            least=order.least_numbers.get(position, 0),
            rules=rules,
            optional=order.goes_on_without(line) and (last or not waits(order, line)),
            waits=not last and waits(order, line),
        )
        for position, line in enumerate(order.lines)
        if (line.numbers.exact or line.numbers.count) and position not in out
    )


def waits(order: PlaceOrder, line: Line) -> bool:
    """Whether the line waits for numbers that it cannot have now."""
    return order.until is not None and order.waits(line)


def is_patient(order: PlaceOrder) -> bool:
    """Whether any line waits for numbers that it cannot have now."""
    return order.until is not None and any(waits(order, line) for line in order.lines)


def left_out(refused: Sequence[RefusedLine]) -> Collection[int]:
    """Which lines these are."""
    return {one.line for one in refused} if refused else ()


def planned(order: PlaceOrder, held: Sequence[HeldLine], out: Collection[int] = ()) -> tuple[PlannedService, ...]:
    """The services that the order makes without the lines that are left out, with all that the network has to know of
    them. What was given instead of a named number has its settings."""
    named = {given: number for line in held for number, given in line.instead_of.items()}
    return tuple(
        PlannedService(
            id=id_,
            line=position,
            service_type=line.service_type,
            price_list=line.price_list,
            numbers=tuple(number.e164 for number in group),
            settings=line.settings,
            settings_by_number={
                n.e164: line.settings_by_number[asked]
                for n in group
                if (asked := named.get(n.e164, n.e164)) in line.settings_by_number
            },
        )
        for id_, position, line, group in _services(order, held, out)
    )


def created(order: PlaceOrder, held: Sequence[HeldLine], out: Collection[int] = ()) -> tuple[CreatedService, ...]:
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
        for id_, position, line, group in _services(order, held, out)
    )


def outcomes(held: Sequence[HeldLine], refused: Sequence[RefusedLine] = ()) -> tuple[LineOutcome, ...]:
    """The lines that were not made as they were asked for."""
    out = left_out(refused)
    others = [
        LineOutcome(
            line=line.line,
            state="reduced" if line.acted == "available" else "substituted",
            reason="taken" if line.instead_of else "too_few",
            detail=line.note,
            instead_of=line.instead_of,
        )
        for line in held
        if line.acted != "as_asked" and line.line not in out
    ]
    if not others and not refused:
        return ()
    without = [LineOutcome(line=r.line, state="refused", reason=r.reason, detail=r.detail) for r in refused]
    return tuple(sorted((*others, *without), key=attrgetter("line")))


def _services(
    order: PlaceOrder, held: Sequence[HeldLine], out: Collection[int]
) -> Iterator[tuple[UUID, int, Line, tuple[HeldNumber, ...]]]:
    """Each service's id, its line and its numbers. Ids follow from the order's: planning again gives the same."""
    numbers = _numbers(held)
    for position, line in enumerate(order.lines):
        if position in out:
            continue
        for place, group in enumerate(_groups(line, numbers.get(position, ()))):
            yield uuid5(order.order_id, f"{position}/{place}"), position, line, group


def billed(order: PlaceOrder, held: Sequence[HeldLine], out: Collection[int] = ()) -> tuple[BilledLine, ...]:
    """What billing has to price: services and graded numbers of each line that is not left out."""
    numbers = _numbers(held)
    return tuple(
        BilledLine(
            line=position,
            service_type=line.service_type,
            price_list=line.price_list,
            services=len(_groups(line, numbers.get(position, ()))),
            numbers=numbers.get(position, ()),
            optional=order.goes_on_without(line),
        )
        for position, line in enumerate(order.lines)
        if position not in out
    )


def _numbers(held: Sequence[HeldLine]) -> dict[int, tuple[HeldNumber, ...]]:
    return {line.line: line.numbers for line in held}


def _groups(line: Line, numbers: tuple[HeldNumber, ...]) -> list[tuple[HeldNumber, ...]]:
    """The numbers of each service of a line: all in one, or one each."""
    return [(number,) for number in numbers] if line.grouping == "each" and numbers else [numbers]
