"""SQL that makes read models right again. Of all resellers: what is put right stays with the reseller whose it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.event_bodies import Event
from patchbay_chassis.database import Connection

_ALONE = "SELECT pg_try_advisory_lock(hashtext('patchbay.gateway.rebuild'))"
_ORDERS = "SELECT reseller, id, state, event, ended_at, partly, customer_id, orders.xmin::text AS seen FROM orders"
_PAGE = f"{_ORDERS} WHERE (reseller, id) > ($1, $2) ORDER BY reseller, id LIMIT $3"
_THESE = f"{_ORDERS} JOIN unnest($1::text[], $2::uuid[]) AS t(reseller, id) USING (reseller, id)"
# A row that was written since it was looked at has another xmin, also for whoever waited for its lock: what an event
# said meanwhile is newer. An end is told here if nobody was told; its event, when it comes, is passed over.
_MEND = """
    WITH wanted AS (
        SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                             $7::boolean[], $8::uuid[])
            AS w(reseller, id, seen, is_now, said, ended, partial, customer)),
    mine AS (
        SELECT w.*, orders.ended_at IS NULL AS was_open FROM orders JOIN wanted w USING (reseller, id)
        WHERE orders.xmin::text = w.seen ORDER BY reseller, id FOR UPDATE OF orders),
    mended AS (
        UPDATE orders SET state = is_now, event = said, partly = partial,
            ended_at = CASE WHEN ended IS NOT NULL THEN coalesce(orders.ended_at, ended) END,
            customer_id = coalesce(customer, orders.customer_id)
        FROM mine WHERE orders.reseller = mine.reseller AND orders.id = mine.id
        RETURNING orders.reseller, orders.id, orders.batch_id, was_open),
    told AS (
        INSERT INTO event_log (turn, reseller, id, type, at, order_id, batch_id, body)
        SELECT (SELECT event_turn()), mended.reseller, t.id, t.type, t.at, mended.id, mended.batch_id, t.body
        FROM unnest($9::uuid[], $10::text[], $11::timestamptz[], $12::text[], $13::uuid[], $14::bytea[])
            WITH ORDINALITY AS t(id, type, at, reseller, order_id, body, place)
        JOIN mended ON mended.reseller = t.reseller AND mended.id = t.order_id
        WHERE was_open AND NOT EXISTS (
            SELECT FROM event_log l WHERE l.order_id = mended.id AND l.type IN ('order.completed', 'order.failed'))
        ORDER BY t.place RETURNING 1)
    SELECT id, (SELECT count(*) FROM told) AS told FROM mended"""
_LABEL = """
    INSERT INTO order_label
    SELECT o.reseller, l.key, l.value, o.id FROM orders o, jsonb_each_text(o.labels) AS l
    WHERE (o.reseller, o.id) > ($1, $2) AND (o.reseller, o.id) <= ($3, $4) ON CONFLICT DO NOTHING RETURNING 1"""
_LABELS = """
    SELECT l.reseller, l.name, l.value, l.order_id, o.labels ->> l.name IS NOT DISTINCT FROM l.value AS right
    FROM (SELECT * FROM order_label WHERE (reseller, name, value, order_id) > ($1, $2, $3, $4)
          ORDER BY reseller, name, value, order_id LIMIT $5) AS l
    LEFT JOIN orders o ON o.reseller = l.reseller AND o.id = l.order_id
    ORDER BY l.reseller, l.name, l.value, l.order_id"""
_UNLABEL = """
    DELETE FROM order_label l USING unnest($1::text[], $2::text[], $3::text[], $4::uuid[])
        AS w(reseller, name, value, order_id)
    WHERE (l.reseller, l.name, l.value, l.order_id) = (w.reseller, w.name, w.value, w.order_id)"""
_BATCHES = "SELECT reseller, id FROM batch WHERE (reseller, id) > ($1, $2) ORDER BY reseller, id LIMIT $3"
# Whoever moves an order writes the change of the counts with it, so one snapshot has both or neither; what is added
# here is right for that snapshot, and goes on being so whatever is added beside it.
_COUNT = """
    INSERT INTO batch_change (reseller, batch_id, state, lines)
    SELECT $1, $2, state, coalesce(are.lines, 0) - coalesce(counted.lines, 0)
    FROM (SELECT CASE WHEN l.order_id IS NULL THEN 'refused' ELSE o.state END AS state, count(*)::int AS lines
          FROM batch_line l LEFT JOIN orders o ON o.reseller = l.reseller AND o.id = l.order_id
          WHERE l.reseller = $1 AND l.batch_id = $2 AND (l.order_id IS NULL OR o.id IS NOT NULL) GROUP BY 1) AS are
    FULL JOIN (SELECT state, sum(lines)::int AS lines
               FROM (SELECT state, lines FROM batch_count WHERE reseller = $1 AND batch_id = $2
                     UNION ALL SELECT state, lines FROM batch_change WHERE reseller = $1 AND batch_id = $2) AS c
               GROUP BY 1) AS counted USING (state)
    WHERE coalesce(are.lines, 0) <> coalesce(counted.lines, 0) RETURNING 1"""

FIRST = ("", UUID(int=0))
"""Before all that have a reseller and an id."""


class Truth(NamedTuple):
    """How an order is to be shown. `seen`: its row as it was when it was compared; `told`: the events of its end."""

    reseller: str
    id: UUID
    seen: str
    state: str
    event: str | None
    ended_at: datetime | None
    partly: bool
    customer_id: UUID | None
    told: tuple[Event, ...]


async def alone(db: Connection) -> bool:
    """Whether nobody else rebuilds, for as long as this connection is open."""
    return bool(await db.fetchval(_ALONE))


async def page(db: Connection, after: tuple[str, UUID], many: int) -> Sequence[Any]:
    """Orders behind that one, as they are shown."""
    return await db.fetch(_PAGE, *after, many)


async def these(db: Connection, orders: Sequence[tuple[str, UUID]]) -> Sequence[Any]:
    """These orders, as they are shown."""
    return await db.fetch(_THESE, [reseller for reseller, _ in orders], [id_ for _, id_ in orders])


async def mend(db: Connection, truths: Sequence[Truth]) -> tuple[set[UUID], int]:
    """Show these as they are, but for those about which something came meanwhile; which those were, and how many events
    were told."""
    told = [one for truth in truths for one in truth.told]
    rows = await db.fetch(
        _MEND,
        *(list(column) for column in list(zip(*truths, strict=True))[:8]),
        [one.id for one in told],
        [one.type for one in told],
        [one.at for one in told],
        [one.reseller for one in told],
        [one.order_id for one in told],
        [one.body for one in told],
    )
    return {row.id for row in rows}, rows[0].told if rows else 0


async def label(db: Connection, after: tuple[str, UUID], last: tuple[str, UUID]) -> int:
    """Orders behind the one and up to the other are found by their labels; how many could not be."""
    return len(await db.fetch(_LABEL, *after, *last))


async def labels(db: Connection, after: tuple[str, str, str, UUID], many: int) -> Sequence[Any]:
    """Labels behind that one by which orders are found, and whether these have them."""
    return await db.fetch(_LABELS, *after, many)


async def unlabel(db: Connection, wrong: Sequence[Any]) -> None:
    """Find no orders by these labels."""
    columns = ("reseller", "name", "value", "order_id")
    await db.execute(_UNLABEL, *([row[name] for row in wrong] for name in columns))


async def batches(db: Connection, after: tuple[str, UUID], many: int) -> Sequence[Any]:
    """Batches behind that one."""
    return await db.fetch(_BATCHES, *after, many)


async def count(db: Connection, reseller: str, batch: UUID) -> bool:
    """Count the batch's lines anew; whether a count was wrong."""
    return bool(await db.fetch(_COUNT, reseller, batch))
