"""SQL of amendments. Each statement names the reseller."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from patchbay_chassis.database import Connection
from patchbay_contracts.v1.orders import OrderAmended

_LOCK = "SELECT id FROM orders WHERE reseller = $1 AND id = $2 FOR UPDATE"
_KNOWN = "SELECT EXISTS (SELECT FROM order_amendment WHERE reseller = $1 AND order_id = $2 AND id = $3)"
_ASK = """
    INSERT INTO order_amendment (reseller, order_id, id, by, asked_at, wanted, document)
    VALUES ($1, $2, $3, $4, $5, $6, $7)"""
_MAKE = """
    WITH mine AS (
        SELECT orders.reseller, orders.id AS order_id, e.id, e.reason, e.detail FROM orders
        JOIN unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
            AS e(reseller, order_id, id, reason, detail) ON orders.reseller = e.reseller AND orders.id = e.order_id
        ORDER BY orders.reseller, orders.id FOR UPDATE OF orders),
    made AS (
        UPDATE order_amendment a SET state = CASE WHEN mine.reason = '' THEN 'done' ELSE 'refused' END,
            reason = nullif(mine.reason, ''), detail = nullif(mine.detail, '')
        FROM mine WHERE a.reseller = mine.reseller AND a.order_id = mine.order_id AND a.id = mine.id
          AND a.state = 'asked' RETURNING a.*)
    UPDATE orders SET document = made.document FROM made
    WHERE orders.reseller = made.reseller AND orders.id = made.order_id AND made.state = 'done'"""


class Amendment(NamedTuple):
    """What is asked: `wanted` as it was posted, `document` what the order is then."""

    reseller: str
    order_id: UUID
    id: UUID
    by: str
    asked_at: datetime
    wanted: str
    document: str


async def lock(db: Connection, reseller: str, order_id: UUID) -> None:
    """Nobody else amends it meanwhile, and nothing is noted about it."""
    await db.execute(_LOCK, reseller, order_id)


async def known(db: Connection, reseller: str, order_id: UUID, id_: UUID) -> bool:
    """Whether it was asked before."""
    return bool(await db.fetchval(_KNOWN, reseller, order_id, id_))


async def ask(db: Connection, one: Amendment) -> None:
    """Write down that it was asked for."""
    await db.execute(_ASK, *one)


async def make(db: Connection, events: Sequence[OrderAmended]) -> None:
    """Write down what became of them; an order is shown as it is now."""
    names = ("reseller", "order_id", "id", "reason", "detail")
    columns = ([getattr(event, name) for event in events] for name in names)
    await db.execute(_MAKE, *columns)
