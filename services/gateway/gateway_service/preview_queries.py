"""SQL of what dry runs answered. Whatever is read or written names its reseller."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.accepting import Accepted
from patchbay_chassis.database import Connection, affected

_KEEP = """
    INSERT INTO preview (reseller, id, mark, answer)
    SELECT $1, p.* FROM unnest($2::uuid[], $3::bytea[], $4::text[]) AS p"""
_SOME = "SELECT id, made_at, mark, answer FROM preview WHERE reseller = $1 AND id = ANY($2::uuid[])"
_TELL = """
    INSERT INTO order_preview (reseller, order_id, told) SELECT $1, t.* FROM unnest($2::uuid[], $3::text[]) AS t"""
_TOLD = "SELECT order_id, told FROM order_preview WHERE reseller = $1 AND order_id = ANY($2::uuid[])"
_FORGET = """
    DELETE FROM preview WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM preview WHERE made_at < now() - $1::interval ORDER BY made_at LIMIT $2
        FOR UPDATE SKIP LOCKED))"""


class Kept(NamedTuple):
    """An answer, and by what the order that it is about is known again."""

    id: UUID
    mark: bytes
    answer: str


async def keep(db: Connection, reseller: str, answers: Sequence[Kept]) -> None:
    """Keep these."""
    columns = ([one.id for one in answers], [one.mark for one in answers], [one.answer for one in answers])
    await db.execute(_KEEP, reseller, *columns)


async def some(db: Connection, reseller: str, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What was answered, by id: of those that are that reseller's and not forgotten."""
    return {row.id: row for row in await db.fetch(_SOME, reseller, list(ids))}


async def tell(db: Connection, reseller: str, orders: Sequence[Accepted]) -> None:
    """Keep what those of these orders are told that name a preview, to be told again."""
    told = {order.id: order.told for order in orders if order.told is not None}
    if told:
        await db.execute(_TELL, reseller, list(told), list(told.values()))


async def told(db: Connection, reseller: str, orders: Sequence[UUID]) -> dict[UUID, str]:
    """What these were told, by order; of those that name none there is nothing."""
    return {row.order_id: row.told for row in await db.fetch(_TOLD, reseller, list(orders))}


async def forget(db: Connection, keep_: timedelta, most: int) -> int:
    """Forget the oldest, of all resellers; how many."""
    return affected(await db.execute(_FORGET, keep_, most))
