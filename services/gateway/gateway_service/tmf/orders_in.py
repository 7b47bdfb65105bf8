"""From a service order of the TM Forum to what Patchbay carries out: lines of an order, changes of services, and what
somebody does by hand. Pure: what has to be known of the owners is given."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from gateway_service.tmf import reserved
from gateway_service.tmf.changes_in import wanted
from gateway_service.tmf.errors import refused
from gateway_service.tmf.reserved import Said
from gateway_service.tmf.sent import Item, Order
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.order import MOST_LINES, OrderDocument
from patchbay_contracts.services import Service, ServiceChange


@dataclass(frozen=True)
class Known:
    """What the owners say: the service types that the reseller may sell, by id and by name; the services that are
    meant; the customer as an order's document has it; by service type the price list where none is named."""

    sold: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[UUID, Service] = field(default_factory=dict)
    customer: Mapping[str, Any] | None = None
    price_lists: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """What the items become. By item: the positions of its lines; the change of its service; whether somebody carries
    it out by hand. An item in none of them asks for nothing."""

    order: OrderDocument | None
    lines: Mapping[int, tuple[int, ...]]
    changes: Mapping[int, tuple[UUID, ServiceChange]]
    by_hand: frozenset[int]


def service_type(item: Item, sold: Mapping[str, str]) -> str | None:
    """The service type that an item means, by the id of its specification or by its name; None: Patchbay carries out
    none like that."""
    meant = item.service.specification
    if meant is None:
        return None
    return next((sold[name] for name in (meant.id, meant.name) if name is not None and name in sold), None)


def service_ids(order: Order) -> list[UUID]:
    """The services that an order's items mean, as far as these can be ids."""
    named = (item.service.id for item in order.items if item.action != "add")
    return list(dict.fromkeys(found for id_ in named if (found := id_of(id_)) is not None))


def id_of(text: str | None) -> UUID | None:
    """An id of Patchbay's, if it is one."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def parts(order: Order, known: Known, items: str) -> Parts:
    """What is to be done. `items` is what the order calls its items. Raises Problem 422 at what cannot be."""
    lines, by_line = list[dict[str, Any]](), dict[int, tuple[int, ...]]()
    changes, by_hand = dict[int, tuple[UUID, ServiceChange]](), set[int]()
    for at, item in enumerate(order.items):
        where = f"/{items}/{at}/service"
        if item.action == "add":
            type_ = service_type(item, known.sold)
            if type_ is None:
                by_hand.add(at)
                continue
            made = _lines(item, type_, known, where)
            by_line[at] = tuple(range(len(lines), len(lines) + len(made)))
            lines += made
            continue
        service = _meant(item, known, where)
        if item.action == "noChange":
            continue
        if service.taken_in:
            by_hand.add(at)
            continue
        if any(service.id == other for other, _ in changes.values()):
            raise refused(
                f"{where}/id", "another item changes this service", "change it by one item, then by another order"
            )
        changes[at] = service.id, wanted(item, service, where, order.external_id or None)
    return Parts(_document(order, lines, by_line, known, items), by_line, changes, frozenset(by_hand))


def _meant(item: Item, known: Known, where: str) -> Service:
    id_ = id_of(item.service.id)
    service = known.services.get(id_) if id_ is not None else None
    if service is None:
        message = "there is no such service" if item.service.id else "it does not say which service"
        raise refused(f"{where}/id", message, "take its id from the service inventory")
    return service


def _lines(item: Item, type_: str, known: Known, where: str) -> list[dict[str, Any]]:
    said = reserved.read(item.service, where)
    price_list = said.price_list or known.price_lists.get(type_)
    if price_list is None:
        remedy = f"name one in the characteristic {reserved.PRICE_LIST}"
        raise refused(f"{where}/serviceCharacteristic", "it is not clear by which price list", remedy)
    if said.numbers and said.criteria:
        remedy = "leave one of the two out, or use two items"
        raise refused(f"{where}/serviceCharacteristic", "numbers are named, and wanted by criteria as well", remedy)
    if item.quantity > 1 and said.numbers:
        message = "named numbers cannot be in several services alike"
        raise refused(f"{where[:-8]}/quantity", message, "give each service an item of its own")
    line = {"service_type": type_, "price_list": price_list, "settings": said.settings, "numbers": _numbers(said)}
    if said.grouping is not None:
        line["grouping"] = said.grouping
    return [line] * item.quantity


def _numbers(said: Said) -> dict[str, Any]:
    if said.numbers:
        return {"exact": said.numbers}
    return {"count": 1} | said.criteria if said.criteria else {}


def _document(
    order: Order, lines: Sequence[dict[str, Any]], by_line: Mapping[int, tuple[int, ...]], known: Known, items: str
) -> OrderDocument | None:
    if not lines:
        return None
    if len(lines) > MOST_LINES:
        raise refused(f"/{items}", f"they make {len(lines)} services, and {MOST_LINES} is the most", "split the order")
    if known.customer is None:
        message, remedy = "it does not say for which customer", "add the customer, with the role 'customer'"
        raise refused("/relatedParty", message, remedy)
    document = {"reference": order.external_id, "customer": known.customer, "lines": lines}
    try:
        return OrderDocument.model_validate(document)
    except ValidationError as error:
        raise Problem(422, "That cannot be done", errors=list(_placed(error, by_line, items))) from None


def _placed(error: ValidationError, by_line: Mapping[int, tuple[int, ...]], items: str) -> Iterator[dict[str, str]]:
    """Faults of the order, at the places of what was sent."""
    of_line = {line: at for at, own in by_line.items() for line in own}
    for fault in faults(error):
        yield fault | {"pointer": _place(fault["pointer"].split("/")[1:], of_line, items)}


def _place(path: Sequence[str], of_line: Mapping[int, int], items: str) -> str:
    match path:
        case ["lines", line, *_] if line.isdecimal():
            return f"/{items}/{of_line[int(line)]}/service/serviceCharacteristic"
        case ["customer", *rest]:
            return "/".join(["/relatedParty", *(part for part in rest if part not in ("new", "existing"))])
        case ["reference"]:
            return "/externalId"
    return f"/{items}"


def ids_of(services: Iterable[Service]) -> dict[UUID, Service]:
    """Services by their ids."""
    return {service.id: service for service in services}
