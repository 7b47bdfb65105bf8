"""Rules of provisioning without IO: is an order valid, which services does it make, what does each line cost by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import jsonschema_rs

from patchbay_chassis.saga import Failure
from patchbay_contracts.order import Line
from patchbay_contracts.v1.billing import BilledLine
from patchbay_contracts.v1.numbers import HeldLine, Want
from patchbay_contracts.v1.orders import CreatedService
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.words import HeldNumber, Settings
from provisioning_service.activation import PlannedService

MOST_DETAIL = 500
"""Characters of a refusal: what is wrong with a setting quotes it, and a setting can be half a megabyte."""


@dataclass(frozen=True)
class ServiceType:
    """A catalogue entry, with its settings' JSON Schema (draft 2020-12) compiled."""

    id: str
    least_numbers: int
    most_numbers: int
    settings: jsonschema_rs.Draft202012Validator


def service_type(id_: str, least_numbers: int, most_numbers: int, schema: Mapping[str, Any]) -> ServiceType:
    """A catalogue entry. Raises ValueError for a schema that is none."""
    return ServiceType(id_, least_numbers, most_numbers, jsonschema_rs.Draft202012Validator(dict(schema)))


def refusal(order: PlaceOrder, catalogue: Mapping[str, ServiceType]) -> Failure | None:
    """Why the order cannot be carried out whatever the other services say; None if it may be tried."""
    for position, line in enumerate(order.lines):
        if (type_ := catalogue.get(line.service_type)) is None:
            detail = (
                f"/lines/{position}/service_type: there is no service type {line.service_type!r}; see the catalogue"
            )
            return Failure("validity", "unknown_service_type", detail)
        if (found := _refused_numbers(position, line, type_) or _refused_settings(position, line, type_)) is not None:
            return found
    return None


def with_least_numbers(order: PlaceOrder, catalogue: Mapping[str, ServiceType]) -> PlaceOrder:
    """The order, knowing how few numbers will do for the lines that take as many as are available: fewer than their
    service type takes are as good as none."""
    least = {
        position: catalogue[line.service_type].least_numbers
        for position, line in enumerate(order.lines)
        if line.numbers.policy == "available" and line.grouping == "together" and line.service_type in catalogue
    }
    return order.model_copy(update={"least_numbers": least}) if least else order


def _refused_numbers(position: int, line: Line, type_: ServiceType) -> Failure | None:
    wanted = len(line.numbers.exact) or line.numbers.count
    each = wanted if line.grouping == "together" else min(wanted, 1)
    where = (
        f"/lines/{position}/numbers: {type_.id} takes {type_.least_numbers} to {type_.most_numbers} numbers a service"
    )
    if each < type_.least_numbers:
        return Failure("validity", "too_few_numbers", f"{where}, {each} given: add some")
    if each > type_.most_numbers:
        return Failure("validity", "too_many_numbers", f"{where}, {each} given: use grouping 'each' or more lines")
    return None


def _refused_settings(position: int, line: Line, type_: ServiceType) -> Failure | None:
    for number in line.settings_by_number:
        if number not in line.numbers.exact:
            detail = f"/lines/{position}/settings_by_number/+{number}: the line does not name this number"
            return Failure("validity", "unknown_number", detail)
    for where, settings in _effective(position, line):
        if (error := next(type_.settings.iter_errors(settings), None)) is not None:
            pointer = where + "".join(f"/{_escaped(part)}" for part in error.instance_path)
            return Failure("validity", "bad_settings", f"{pointer}: {error.message}"[:MOST_DETAIL])
    return None


def _escaped(part: str | int) -> str:
    """A part of a JSON Pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def _effective(position: int, line: Line) -> list[tuple[str, Settings]]:
    """Where in the order settings stand, and what they come to when laid over each other."""
    where = f"/lines/{position}/settings"
    found: list[tuple[str, Settings]] = [
        (f"{where}_by_number/+{number}", line.settings | own) for number, own in line.settings_by_number.items()
    ]
    if not found or len(found) < (len(line.numbers.exact) or line.numbers.count):
        found.append((where, line.settings))
    return found


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
