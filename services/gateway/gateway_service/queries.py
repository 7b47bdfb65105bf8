"""All SQL of the gateway. Whatever is read or written names its reseller."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway_service.accepting import Accepted, Key
from patchbay_contracts.message import Message

State = Literal["accepted", "delayed", "stuck", "completed", "failed"]
ENDED = frozenset({"completed", "failed"})

_KEY = text("SELECT reseller FROM reseller_key WHERE hash = :hash AND revoked_at IS NULL")
_ADD_KEY = text(
    "INSERT INTO reseller_key (hash, reseller, name) VALUES (:hash, :reseller, :name) ON CONFLICT DO NOTHING"
)
_ACCEPT = text("""
    INSERT INTO orders (reseller, id, reference, document, accepted_at)
    SELECT :reseller, o.id, o.reference, o.document, o.accepted_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:references AS text[]), CAST(:documents AS text[]),
                CAST(:times AS timestamptz[])) AS o(id, reference, document, accepted_at)""")
_OPEN = text("SELECT count(*) FROM orders WHERE ended_at IS NULL")
_REMEMBER = text("""
    INSERT INTO idempotency (reseller, key, request, order_id) VALUES (:reseller, :key, :request, :order_id)
    ON CONFLICT (reseller, key) DO NOTHING""")
_REMEMBERED = text("SELECT request, order_id FROM idempotency WHERE reseller = :reseller AND key = :key")
# An ended order stays as it ended, whatever comes late.
_NOTE = text("""
    WITH events AS (
        SELECT * FROM unnest(CAST(:resellers AS text[]), CAST(:ids AS uuid[]), CAST(:events AS text[]))
                      AS e(reseller, id, event)),
    mine AS (
        SELECT orders.reseller, orders.id FROM orders JOIN events USING (reseller, id) WHERE ended_at IS NULL
        ORDER BY orders.reseller, orders.id FOR UPDATE OF orders)
    UPDATE orders SET state = :state, event = e.event, ended_at = CASE WHEN :ended THEN now() END
    FROM events e, mine
    WHERE orders.reseller = e.reseller AND orders.id = e.id AND mine.reseller = e.reseller AND mine.id = e.id""")
_ORDER = text("""
    SELECT id, state, reference, document, event, accepted_at, ended_at FROM orders
    WHERE reseller = :reseller AND id = :id""")
_PAGE = """
    SELECT id, state, reference, accepted_at, ended_at FROM orders
    WHERE reseller = :reseller AND id < CAST(:before AS uuid){} ORDER BY id DESC LIMIT :limit"""
_PAGE_OF_ALL, _PAGE_OF_ENDED = text(_PAGE.format("")), text(_PAGE.format(" AND state = :state"))
# The few open orders are found by their index, not among all that ever ended.
_PAGE_OF_OPEN = text(_PAGE.format(" AND state = :state AND ended_at IS NULL"))
_FORGET_KEYS = text("""
    WITH old AS (
        SELECT reseller, key FROM idempotency WHERE at < now() - make_interval(secs => :keep)
        ORDER BY at LIMIT :most FOR UPDATE SKIP LOCKED)
    DELETE FROM idempotency USING old WHERE idempotency.reseller = old.reseller AND idempotency.key = old.key""")


async def reseller_of_key(db: AsyncConnection, hash_: bytes) -> str | None:
    """Whose key it is; None if there is no such key, or no longer."""
    return (await db.execute(_KEY, {"hash": hash_})).scalar_one_or_none()


async def add_key(db: AsyncConnection, hash_: bytes, reseller: str, name: str) -> None:
    """Let a key in."""
    await db.execute(_ADD_KEY, {"hash": hash_, "reseller": reseller, "name": name})


async def accept(db: AsyncConnection, reseller: str, orders: Sequence[Accepted]) -> None:
    """Store accepted orders."""
    await db.execute(
        _ACCEPT,
        {
            "reseller": reseller,
            "ids": [order.id for order in orders],
            "references": [order.placed.reference for order in orders],
            "documents": [order.document for order in orders],
            "times": [order.placed.accepted_at for order in orders],
        },
    )


async def open_orders(db: AsyncConnection) -> int:
    """How many orders have not ended."""
    return int((await db.execute(_OPEN)).scalar_one())


async def remember(db: AsyncConnection, reseller: str, key: Key, order_id: UUID) -> bool:
    """Tie an idempotency key to an order; False if it is tied already. Waits for a call that is doing the same."""
    values = {"reseller": reseller, "key": key.name, "request": key.request, "order_id": order_id}
    return (await db.execute(_REMEMBER, values)).rowcount == 1


async def remembered(db: AsyncConnection, reseller: str, key: Key) -> tuple[bytes, UUID]:
    """Hash of the request and the order that the key is tied to."""
    row = (await db.execute(_REMEMBERED, {"reseller": reseller, "key": key.name})).one()
    return row.request, row.order_id


async def forget_keys(db: AsyncConnection, keep: timedelta, most: int) -> int:
    """Forget idempotency keys older than `keep`, the oldest first; how many."""
    return (await db.execute(_FORGET_KEYS, {"keep": keep.total_seconds(), "most": most})).rowcount


async def note(db: AsyncConnection, state: State, events: Sequence[Message], *, ended: bool) -> int:
    """Note events about orders that have not ended; how many were noted."""
    noted = await db.execute(
        _NOTE,
        {
            "state": state,
            "ended": ended,
            "resellers": [event.reseller for event in events],
            "ids": [event.order_id for event in events],
            "events": [event.model_dump_json(exclude={"recipients"}) for event in events],
        },
    )
    return noted.rowcount


async def order(db: AsyncConnection, reseller: str, id_: UUID) -> Any | None:
    """One order of that reseller, or None."""
    return (await db.execute(_ORDER, {"reseller": reseller, "id": id_})).one_or_none()


async def page(db: AsyncConnection, reseller: str, before: UUID, state: State | None, limit: int) -> Sequence[Any]:
    """Orders of that reseller that are older than `before`, newest first."""
    values = {"reseller": reseller, "before": before, "limit": limit}
    if state is None:
        return (await db.execute(_PAGE_OF_ALL, values)).all()
    query = _PAGE_OF_ENDED if state in ENDED else _PAGE_OF_OPEN
    return (await db.execute(query, values | {"state": state})).all()
