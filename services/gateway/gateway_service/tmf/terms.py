"""Under what a service order is found by its attributes: a number for each that it has and its value, so that an index
answers filters as `selection` has them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any
from uuid import UUID

from gateway_service.tmf import orders_out
from gateway_service.tmf.order_queries import Stored, Terms
from gateway_service.tmf.selection import Filter, moment, spellings

MOST = 2_000
"""Of one order. One with more is looked through."""
OLDER = {"orderItem": "serviceOrderItem"}


def of(order: Stored, orders: Mapping[UUID, Any]) -> Terms:
    """Those of an order. None yet while orders by which it is carried out are under way."""
    if any(id_ in orders and orders[id_].ended_at is None for id_ in order.orders()):
        return Terms()
    shown = orders_out.shown(order, orders, "")
    found = {term(path, spelling) for path, value in _leaves((), shown) for spelling in spellings(value)}
    found.update(carried_out_by(order.orders()))
    return Terms(sorted(found) if len(found) <= MOST else [], moment(str(shown.get("orderDate"))))


def carried_out_by(orders: Iterable[UUID]) -> list[int]:
    """One of these is among the terms of what is carried out by one of these orders. Nobody can ask for it."""
    return [term(("",), str(id_)) for id_ in orders]


def wanted(asked: Filter, base: str) -> list[int]:
    """One of these has to be among the terms of an order that has one of the values. Of links the address at which the
    gateway is reached is left out."""
    values = [value.removeprefix(base) for value in asked.values]
    return sorted({term(asked.path, one) for value in values for one in spellings(value, as_asked=True)})


def term(path: tuple[str, ...], spelling: str) -> int:
    """The number of an attribute and a value."""
    names = (*(OLDER.get(name, name) for name in path), spelling)
    digest = blake2b("\0".join(names).encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves((*path, name), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(path, inner)
    else:
        yield path, value
