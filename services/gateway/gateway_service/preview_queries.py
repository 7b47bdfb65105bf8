"""SQL of what dry runs answered. Whatever is read or written names its reseller."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from patchbay_chassis.database import Connection, affected

_KEEP = """
    INSERT INTO preview (reseller, id, mark, answer)
    SELECT $1, p.* FROM unnest($2::uuid[], $3::bytea[], $4::text[]) AS p"""
_ONE = "SELECT id, made_at, mark, answer FROM preview WHERE reseller = $1 AND id = $2"
_TELL = "INSERT INTO order_preview (reseller, order_id, told) VALUES ($1, $2, $3)"
_TOLD = "SELECT told FROM order_preview WHERE reseller = $1 AND order_id = $2"
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


async def one(db: Connection, reseller: str, id_: UUID) -> Any | None:
    """What was answered, if it is that reseller's and not forgotten."""
    return await db.fetchrow(_ONE, reseller, id_)


async def tell(db: Connection, reseller: str, order_id: UUID, told: str) -> None:
    """Keep what an order is told that names a preview."""
    await db.execute(_TELL, reseller, order_id, told)


async def told(db: Connection, reseller: str, order_id: UUID) -> str | None:
    """What it was told."""
    found: str | None = await db.fetchval(_TOLD, reseller, order_id)
    return found


async def forget(db: Connection, keep_: timedelta, most: int) -> int:
    """Forget the oldest, of all resellers; how many."""
    return affected(await db.execute(_FORGET, keep_, most))
