"""Lists of service orders of the TM Forum, by their attributes."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from gateway_service.tmf import described, order_queries, orders_found_queries, orders_out, terms
from gateway_service.tmf.order_queries import LAST, Stored
from gateway_service.tmf.orders_found_queries import Wanted
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.selection import Filter, Selection, moment
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running

PIECE = 500
"""What no index finds is looked through in pieces."""
SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


async def listed(running: Running, reseller: str, asked: Selection, base: str) -> tuple[list[dict[str, Any]], int]:
    """A part of the orders that match, the newest first, and how many match. Raises Problem 422 where too many would
    have to be looked through."""
    wanted, rest = _wanted(asked, base)
    if wanted is None:
        return [], 0
    async with running.database.connection() as db:
        if wanted.by_terms:
            wanted = wanted._replace(also=await _under_way(db, reseller, wanted, asked, base))
        total = await orders_found_queries.count(db, reseller, wanted)
        if not rest:
            page = await orders_found_queries.page(db, reseller, wanted, offset=asked.offset, limit=asked.limit)
            return await _shown(db, page, base), total
        described.check(total, "orders", rest[0])
        matching = [whole async for _, whole in _through(db, reseller, wanted, base) if asked.matches(whole)]
    return matching[asked.offset : asked.offset + asked.limit], len(matching)


def _wanted(asked: Selection, base: str) -> tuple[Wanted | None, Sequence[Filter]]:
    """What indexes find, and the filters that are left. None: nothing can match."""
    external, id_ = asked.only("externalId"), asked.only("id")
    known = None if id_ is None else id_of(id_)
    if id_ is not None and known is None:
        return None, ()
    external = None if external is None or moment(external) else external
    of, rest = list[list[int]](), list[Filter]()
    none_of, dated = list[int](), list[tuple[str, Any]]()
    for one in asked.filters:
        at = moment(one.values[0]) if one.path == ("orderDate",) and len(one.values) == 1 else None
        if one.operator == "eq":
            of.append(terms.wanted(one, base))
        elif one.operator == "ne":
            none_of += terms.wanted(one, base)
        elif at is not None:
            dated.append((SIGNS[one.operator], at))
        else:
            rest.append(one)
    return Wanted(external, known, of, none_of, dated), rest


async def _under_way(db: Connection, reseller: str, wanted: Wanted, asked: Selection, base: str) -> list[UUID]:
    """Those that match of the orders that are not found by what they are, as they still change."""
    many = await orders_found_queries.count(db, reseller, wanted, unread=True)
    described.check(many, "orders that are under way", asked.filters[0])
    through = _through(db, reseller, wanted, base, unread=True)
    return [order.id async for order, whole in through if asked.matches(whole)]


async def _through(
    db: Connection, reseller: str, wanted: Wanted, base: str, *, unread: bool = False
) -> AsyncIterator[tuple[Stored, dict[str, Any]]]:
    """All of them, the newest first, and how each is shown."""
    before = LAST
    while page := await orders_found_queries.page(db, reseller, wanted, before=before, limit=PIECE, unread=unread):
        for order, whole in zip(page, await _shown(db, page, base), strict=True):
            yield order, whole
        before = page[-1].id


async def _shown(db: Connection, page: Sequence[Stored], base: str) -> list[dict[str, Any]]:
    orders = await order_queries.carried_out(db, page)
    return [orders_out.shown(order, orders, base) for order in page]
