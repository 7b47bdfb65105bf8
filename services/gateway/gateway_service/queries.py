"""SQL of accepting orders, of their keys, and of how they stand. Whatever is read or written names its reseller."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson

from gateway_service.accepting import Accepted, AcceptedChange, Key
from gateway_service.event_bodies import Event
from patchbay_chassis.database import Connection, affected
from patchbay_contracts.message import OrderMessage
from patchbay_contracts.order import ExistingCustomer
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.v1.provisioning import PlaceOrder

State = Literal["accepted", "waiting", "back_ordered", "delayed", "stuck", "completed", "failed"]
ENDED = frozenset({"completed", "failed"})

_ACCEPT = """
    INSERT INTO orders (reseller, id, reference, document, accepted_at, kind, customer_id, batch_id)
    SELECT $1, o.id, o.reference, o.document, o.accepted_at, $6, o.customer_id, $8
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $7::uuid[])
        AS o(id, reference, document, accepted_at, customer_id)"""
# Those that wait, for their start or for numbers, are not under way. Of a batch they are counted anew.
_OPEN = """
    SELECT reseller, count(*) AS orders FROM orders
    WHERE ended_at IS NULL AND state NOT IN ('waiting', 'back_ordered') GROUP BY reseller"""
_LABEL = """
    WITH o AS (SELECT id, labels::jsonb FROM unnest($2::uuid[], $3::text[]) AS o(id, labels)),
    marked AS (UPDATE orders SET labels = o.labels FROM o WHERE orders.reseller = $1 AND orders.id = o.id)
    INSERT INTO order_label SELECT $1, label.key, label.value, o.id FROM o, jsonb_each_text(o.labels) AS label"""
_WAIT = """
    WITH moved AS (
        UPDATE orders SET state = 'waiting', starts_at = o.starts_at
        FROM unnest($2::uuid[], $3::timestamptz[]) AS o(id, starts_at)
        WHERE orders.reseller = $1 AND orders.id = o.id RETURNING reseller, batch_id)
    INSERT INTO batch_change (reseller, batch_id, state, lines)
    SELECT reseller, batch_id, c.state, sum(c.by)
    FROM moved CROSS JOIN LATERAL (VALUES ('accepted', -1), ('waiting', 1)) AS c(state, by)
    WHERE batch_id IS NOT NULL GROUP BY 1, 2, 3"""
_BEGIN = """
    WITH mine AS (
        SELECT reseller, id, state AS was FROM orders
        JOIN unnest($1::text[], $2::uuid[]) AS e(reseller, id) USING (reseller, id)
        WHERE state IN ('waiting', 'back_ordered') ORDER BY reseller, id FOR UPDATE OF orders),
    moved AS (
        UPDATE orders SET state = 'accepted' FROM mine WHERE orders.reseller = mine.reseller AND orders.id = mine.id
        RETURNING orders.reseller, orders.batch_id, mine.was)
    INSERT INTO batch_change (reseller, batch_id, state, lines)
    SELECT reseller, batch_id, c.state, sum(c.by)
    FROM moved CROSS JOIN LATERAL (VALUES (was, -1), ('accepted', 1)) AS c(state, by)
    WHERE batch_id IS NOT NULL GROUP BY 1, 2, 3"""
# Before keys were the client's own, they stood there as they were sent; those are gone after `keep_keys`.
_REMEMBER = """
    INSERT INTO idempotency (reseller, key, request, order_id)
    SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM idempotency WHERE reseller = $1 AND key = $5)
    ON CONFLICT (reseller, key) DO NOTHING"""
# In the order of the keys: two gateways that remember the same ones do not wait for each other.
_REMEMBER_MANY = """
    INSERT INTO idempotency (reseller, key, request, order_id)
    SELECT k.reseller, k.key, k.request, k.order_id
    FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::text[])
        AS k(reseller, key, request, order_id, plain)
    WHERE NOT EXISTS (SELECT FROM idempotency i WHERE i.reseller = k.reseller AND i.key = k.plain)
    ORDER BY k.reseller, k.key ON CONFLICT (reseller, key) DO NOTHING RETURNING order_id"""
_REMEMBERED_MANY = """
    SELECT k.order_id AS wanted, i.request, i.order_id
    FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) AS k(reseller, key, plain, order_id)
    JOIN idempotency i ON i.reseller = k.reseller AND i.key IN (k.key, k.plain)"""
_REMEMBERED = "SELECT request, order_id FROM idempotency WHERE reseller = $1 AND key IN ($2, $3)"
# An ended order stays as it ended, whatever comes late; the world is told of what is noted, and of nothing else.
# Those of a batch are counted anew.
_NOTE = """
    WITH mine AS (
        SELECT orders.reseller, orders.id, e.event, e.customer_id, e.partly, orders.batch_id, orders.state AS was
        FROM unnest($1::text[], $2::uuid[], $3::text[], $6::uuid[], $13::boolean[])
            AS e(reseller, id, event, customer_id, partly)
        JOIN orders USING (reseller, id)
        WHERE ended_at IS NULL ORDER BY orders.reseller, orders.id FOR UPDATE OF orders),
    counted AS (
        INSERT INTO batch_change (reseller, batch_id, state, lines)
        SELECT reseller, batch_id, c.state, sum(c.by)
        FROM (SELECT DISTINCT reseller, id, batch_id, was FROM mine WHERE batch_id IS NOT NULL) AS m
        CROSS JOIN LATERAL (VALUES (was, -1), ($4, 1)) AS c(state, by)
        WHERE was <> $4 GROUP BY 1, 2, 3),
    noted AS (
        UPDATE orders SET state = $4, event = mine.event, ended_at = CASE WHEN $5 THEN now() END,
            customer_id = coalesce(mine.customer_id, orders.customer_id), partly = mine.partly
        FROM mine WHERE orders.reseller = mine.reseller AND orders.id = mine.id
        RETURNING orders.reseller, orders.id, orders.batch_id)
    INSERT INTO event_log (turn, reseller, id, type, at, order_id, batch_id, body)
    SELECT (SELECT event_turn()), noted.reseller, t.id, t.type, t.at, noted.id, noted.batch_id, t.body
    FROM unnest($7::uuid[], $8::text[], $9::timestamptz[], $10::text[], $11::uuid[], $12::bytea[]) WITH ORDINALITY
        AS t(id, type, at, reseller, order_id, body, place)
    JOIN noted ON noted.reseller = t.reseller AND noted.id = t.order_id ORDER BY t.place"""
ASKED_OF = """
    c.asked_at AS cancel_asked_at, c.by AS cancel_by, c.why AS cancel_why, a.state AS amend_state, a.by AS amend_by,
    a.asked_at AS amend_asked_at, a.wanted AS amend_wanted, a.reason AS amend_reason, a.detail AS amend_detail
    FROM orders LEFT JOIN order_cancel c ON c.reseller = orders.reseller AND c.order_id = orders.id
    LEFT JOIN LATERAL (
        SELECT * FROM order_amendment WHERE reseller = orders.reseller AND order_id = orders.id
        ORDER BY asked_at DESC LIMIT 1) a ON true"""
"""Who wanted an order back or otherwise, the newest wish: columns, and where they come from."""
_ORDER = f"""
    SELECT orders.id, kind, orders.state, partly, starts_at, labels, reference, customer_id, orders.document, event,
           accepted_at, ended_at,
           {ASKED_OF}
    WHERE orders.reseller = $1 AND orders.id = $2"""
_FORGET_KEYS = """
    WITH old AS (
        SELECT reseller, key FROM idempotency WHERE at < now() - $1::interval
        ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM idempotency USING old WHERE idempotency.reseller = old.reseller AND idempotency.key = old.key"""


async def accept(
    db: Connection,
    reseller: str,
    orders: Sequence[Accepted | AcceptedChange],
    kind: Literal["order", "change"] = "order",
    batch_id: UUID | None = None,
) -> None:
    """Store accepted orders, all of one kind, and of one batch if of any."""
    await db.execute(
        _ACCEPT,
        reseller,
        [order.id for order in orders],
        [order.placed.reference for order in orders],
        [order.document for order in orders],
        [order.placed.accepted_at for order in orders],
        kind,
        [_customer(order.placed) for order in orders],
        batch_id,
    )
    labelled = [order for order in orders if isinstance(order, Accepted) and order.labels]
    if labelled:
        labels = [orjson.dumps(order.labels).decode() for order in labelled]
        await db.execute(_LABEL, reseller, [order.id for order in labelled], labels)
    later = [(order.id, start) for order in orders if (start := _start(order.placed)) is not None]
    if later:
        await db.execute(_WAIT, reseller, [id_ for id_, _ in later], [start for _, start in later])


def _start(placed: PlaceOrder | PlaceChange) -> datetime | None:
    return placed.start if isinstance(placed, PlaceOrder) else None


async def begin(db: Connection, events: Sequence[OrderMessage]) -> None:
    """Orders that waited are under way."""
    await db.execute(_BEGIN, [event.reseller for event in events], [event.order_id for event in events])


def _customer(placed: PlaceOrder | PlaceChange) -> UUID | None:
    """Who it is for, as far as that is known now; the rest is known when it completes."""
    if isinstance(placed, PlaceOrder) and isinstance(placed.customer, ExistingCustomer):
        return placed.customer.id
    return None


async def open_orders(db: Connection) -> dict[str, int]:
    """How many orders of each reseller have not ended."""
    return {row.reseller: row.orders for row in await db.fetch(_OPEN)}


async def remember(db: Connection, reseller: str, key: Key, order_id: UUID) -> bool:
    """Tie an idempotency key to an order; False if it is tied already. Waits for a call that is doing the same."""
    return affected(await db.execute(_REMEMBER, reseller, key.name, key.request, order_id, key.plain)) == 1


async def remember_many(db: Connection, keyed: Sequence[tuple[str, Key, UUID]]) -> frozenset[UUID]:
    """Tie the keys of resellers to orders; those orders whose key was tied to none before."""
    rows = await db.fetch(
        _REMEMBER_MANY,
        [reseller for reseller, _, _ in keyed],
        [key.name for _, key, _ in keyed],
        [key.request for _, key, _ in keyed],
        [order_id for _, _, order_id in keyed],
        [key.plain for _, key, _ in keyed],
    )
    return frozenset(order_id for (order_id,) in rows)


async def remembered_many(db: Connection, keyed: Sequence[tuple[str, Key, UUID]]) -> dict[UUID, tuple[bytes, UUID]]:
    """By the orders that came with these keys now: hash of the request and the order that each key is tied to."""
    rows = await db.fetch(
        _REMEMBERED_MANY,
        [reseller for reseller, _, _ in keyed],
        [key.name for _, key, _ in keyed],
        [key.plain for _, key, _ in keyed],
        [order_id for _, _, order_id in keyed],
    )
    return {wanted: (request, order_id) for wanted, request, order_id in rows}


async def remembered(db: Connection, reseller: str, key: Key) -> tuple[bytes, UUID]:
    """Hash of the request and the order that the key is tied to."""
    ((request, order_id),) = await db.fetch(_REMEMBERED, reseller, key.name, key.plain)
    return request, order_id


async def made(db: Connection, reseller: str, key: Key) -> UUID | None:
    """The order that a key is tied to, if the same request was accepted under it."""
    rows = await db.fetch(_REMEMBERED, reseller, key.name, key.plain)
    return next((order_id for request, order_id in rows if key.is_of(request)), None)


async def forget_keys(db: Connection, keep: timedelta, most: int) -> int:
    """Forget idempotency keys older than `keep`, the oldest first; how many."""
    return affected(await db.execute(_FORGET_KEYS, keep, most))


async def note(
    db: Connection, state: State, events: Sequence[OrderMessage], told: Sequence[Event], *, ended: bool
) -> int:
    """Note events about orders that have not ended, and tell what is `told` of these; how many that were."""
    noted = await db.execute(
        _NOTE,
        [event.reseller for event in events],
        [event.order_id for event in events],
        [event.model_dump_json(exclude={"recipients"}) for event in events],
        state,
        ended,
        [getattr(event, "customer_id", None) for event in events],
        [one.id for one in told],
        [one.type for one in told],
        [one.at for one in told],
        [one.reseller for one in told],
        [one.order_id for one in told],
        [one.body for one in told],
        [state == "completed" and is_partly(event) for event in events],
    )
    return affected(noted)


def is_partly(event: OrderMessage) -> bool:
    """Whether lines of a completed order were refused."""
    return any(line.state == "refused" for line in getattr(event, "lines", ()))


async def order(db: Connection, reseller: str, id_: UUID) -> Any | None:
    """One order of that reseller, or None."""
    return await db.fetchrow(_ORDER, reseller, id_)
