"""All SQL of the audit trail."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from patchbay_chassis.database import Connection, affected

_NOTE = """
    INSERT INTO audit (id, at, reseller, client, by, address, method, route, subjects, status)
    SELECT id, at, reseller, client, by, address, method, route, string_to_array(subjects, E'\\x1f'), status
    FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::smallint[]) AS r(id, at, reseller, client, by, address, method, route, subjects, status)
    ON CONFLICT (id) DO NOTHING"""
_PAGE = """
    SELECT id, at, client, by, address, method, route, subjects, status FROM audit
    WHERE reseller = $1 AND id < $2 AND ($4::text IS NULL OR client = $4)
    ORDER BY id DESC LIMIT $3"""
_FORGET = """
    DELETE FROM audit WHERE id IN (
        SELECT id FROM audit WHERE at < now() - $1::interval ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)"""


async def note(db: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write down writes, all that came together in one statement."""
    await db.execute(_NOTE, *(list(column) for column in zip(*rows, strict=True)))


async def page(db: Connection, reseller: str, before: UUID, limit: int, client: str | None) -> Sequence[Any]:
    """What was written for that reseller before that, the newest first."""
    return await db.fetch(_PAGE, reseller, before, limit, client)


async def forget(db: Connection, keep: timedelta, most: int) -> int:
    """Forget what is older than that, the oldest first; how many."""
    return affected(await db.execute(_FORGET, keep, most))
