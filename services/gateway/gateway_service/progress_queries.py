"""All SQL of the moves of orders that somebody watches."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from patchbay_chassis.database import Connection, affected
from patchbay_contracts.v1.orders import OrderProgressed, Progress

CHANNEL = "order_moved"

_NOTE = """
    INSERT INTO order_move (reseller, order_id, step, what, note, at)
    SELECT m.reseller, m.order_id, m.step, m.what, m.note, m.at
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) WITH ORDINALITY
         AS m(reseller, order_id, step, what, note, at, place)
    JOIN orders ON orders.reseller = m.reseller AND orders.id = m.order_id ORDER BY m.place ON CONFLICT DO NOTHING"""
_TELL = "SELECT pg_notify($1, o.id::text) FROM unnest($2::uuid[]) AS o(id)"
_MOVES = """
    SELECT id, step, what, note, at FROM order_move WHERE reseller = $1 AND order_id = $2 AND id > $3 ORDER BY id"""
_AT = """
    SELECT EXISTS (SELECT FROM order_move WHERE reseller = $1 AND order_id = $2 AND id = $3) AS is_its_own,
           (SELECT id FROM order_move ORDER BY at LIMIT 1) AS oldest"""
_ALL = """
    SELECT order_id, step, what, note, at
    FROM order_move JOIN unnest($1::text[], $2::uuid[]) AS o(reseller, order_id) USING (reseller, order_id)
    ORDER BY order_id, id"""
_DROP = """
    DELETE FROM order_move USING unnest($1::text[], $2::uuid[]) AS o(reseller, order_id)
    WHERE order_move.reseller = o.reseller AND order_move.order_id = o.order_id"""
_FORGET = """
    DELETE FROM order_move WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM order_move WHERE at < now() - $1::interval ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))"""


async def note(db: Connection, events: Sequence[OrderProgressed]) -> None:
    """Note the moves that are not noted yet, and wake whoever watches when this transaction is committed."""
    rows = [(event, move) for event in events for move in event.moves]
    await db.execute(
        _NOTE,
        [event.reseller for event, _ in rows],
        [event.order_id for event, _ in rows],
        [move.step for _, move in rows],
        [move.what for _, move in rows],
        [move.note for _, move in rows],
        [move.at for _, move in rows],
    )
    await wake(db, {event.order_id for event in events})


async def wake(db: Connection, orders: Collection[UUID]) -> None:
    """Wake whoever watches these orders when this transaction is committed."""
    await db.execute(_TELL, CHANNEL, sorted(orders))


async def moves(db: Connection, reseller: str, order_id: UUID, after: int) -> Sequence[Any]:
    """The order's moves after that one."""
    return await db.fetch(_MOVES, reseller, order_id, after)


async def at(db: Connection, reseller: str, order_id: UUID, move: int) -> Any:
    """Whether that is a move of the order (`is_its_own`), and the `oldest` that is kept of any."""
    return await db.fetchrow(_AT, reseller, order_id, move)


async def all_moves(db: Connection, orders: Sequence[tuple[str, UUID]]) -> dict[UUID, list[Progress]]:
    """Those of these orders, as they are noted."""
    found: dict[UUID, list[Progress]] = {}
    for row in await db.fetch(_ALL, [reseller for reseller, _ in orders], [id_ for _, id_ in orders]):
        move = Progress(step=row.step, what=row.what, note=row.note, at=row.at)
        found.setdefault(row.order_id, []).append(move)
    return found


async def note_anew(db: Connection, events: Sequence[OrderProgressed]) -> None:
    """These are all the moves of their orders, in their order."""
    await db.execute(_DROP, [event.reseller for event in events], [event.order_id for event in events])
    await note(db, events)


async def forget(db: Connection, keep: timedelta, most: int) -> int:
    """Forget moves older than that, the oldest first; how many."""
    return affected(await db.execute(_FORGET, keep, most))
