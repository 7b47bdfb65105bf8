"""Orders that wait for their start: stored as they were placed, and begun set by set when their time has come."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from patchbay_chassis.database import Connection
from patchbay_contracts.v1.provisioning import CancelOrder, PlaceOrder

_KEEP = """
    INSERT INTO waiting_order (order_id, reseller, starts_at, placed)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) AS o(id, reseller, start, placed)
    ORDER BY 1 ON CONFLICT DO NOTHING"""
_DUE = """
    WITH due AS (
        SELECT order_id FROM waiting_order WHERE starts_at <= now() ORDER BY starts_at, order_id LIMIT $1
        FOR UPDATE SKIP LOCKED)
    DELETE FROM waiting_order USING due WHERE waiting_order.order_id = due.order_id RETURNING placed"""
_FORGET = """
    WITH mine AS (
        SELECT order_id FROM waiting_order JOIN unnest($1::uuid[], $2::text[]) AS c(order_id, reseller)
        USING (order_id, reseller) ORDER BY order_id FOR UPDATE OF waiting_order)
    DELETE FROM waiting_order USING mine WHERE waiting_order.order_id = mine.order_id"""

_AMONG = "SELECT order_id, reseller, placed FROM waiting_order WHERE order_id = ANY($1::uuid[])"


async def keep(db: Connection, orders: Sequence[PlaceOrder]) -> None:
    """These wait until their start."""
    await db.execute(
        _KEEP,
        [order.order_id for order in orders],
        [order.reseller for order in orders],
        [order.start for order in orders],
        [order.model_dump_json() for order in orders],
    )


async def due(db: Connection, most: int) -> list[PlaceOrder]:
    """Those whose time has come, up to so many; they wait no more."""
    return [PlaceOrder.model_validate_json(placed, extra="ignore") for (placed,) in await db.fetch(_DUE, most)]


async def forget(db: Connection, commands: Sequence[CancelOrder]) -> None:
    """These are not to begin any more."""
    await db.execute(_FORGET, [c.order_id for c in commands], [c.reseller for c in commands])


async def among(db: Connection, orders: Sequence[UUID]) -> dict[UUID, PlaceOrder]:
    """Those of these orders that wait."""
    rows: Sequence[Any] = await db.fetch(_AMONG, orders)
    return {row.order_id: PlaceOrder.model_validate_json(row.placed, extra="ignore") for row in rows}
