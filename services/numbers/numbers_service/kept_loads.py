"""What is kept of loads: how far they are, which broke off, and for a time the rows that were refused."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

from numbers_service import lists
from patchbay_chassis.database import Connection, Row
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.inventory_answers import Load

BROKEN_OFF = "its process ended before it: load the same list again, which loads what is missing"
MOST = 50_000
"""So many rows are forgotten at a time."""

_LOAD = """
    SELECT id AS load, at, who, why, kind, rows, loaded, there_already, refused,
           CASE WHEN state = 'loading' AND progress_at < now() - $2::interval THEN 'broken_off' ELSE state END AS state
    FROM load WHERE id = $1"""
# One that goes on after all says so with its next batch.
_BREAK_OFF = """
    UPDATE load SET state = 'broken_off' FROM (
        SELECT id FROM load WHERE state = 'loading' AND progress_at < now() - $1::interval
        ORDER BY id FOR UPDATE SKIP LOCKED) silent
    WHERE load.id = silent.id"""
_FORGET = """
    DELETE FROM load_refused WHERE ctid = ANY(ARRAY(
        SELECT r.ctid FROM load l JOIN load_refused r ON r.load = l.id WHERE l.progress_at < now() - $1::interval
        ORDER BY r.load, r.row LIMIT $2 FOR UPDATE OF r SKIP LOCKED))"""
_REFUSED_ROWS = "SELECT row, content, reason FROM load_refused WHERE load = $1 AND row > $2 ORDER BY row LIMIT 1000"


async def load(db: Connection, id_: UUID, patience: timedelta) -> Load | None:
    """How far a load is; None: there is none. One that has not come further for so long broke off."""
    row = await db.fetchrow(_LOAD, id_, patience)
    if row is None:
        return None
    detail = BROKEN_OFF if row.state == "broken_off" else ""
    return Load.model_validate({**row, "detail": detail})


async def break_off(db: Connection, patience: timedelta) -> None:
    """Record which loads have not come further for so long."""
    await db.execute(_BREAK_OFF, patience)


async def forget(db: Connection, keep: timedelta) -> None:
    """Forget refused rows of loads that were that long ago."""
    await db.execute(_FORGET, keep, MOST)


async def refused_rows(running: Running, load: Load) -> AsyncGenerator[bytes]:
    """The rows of a load that are not loaded, as a CSV with their lines and the reasons before them: corrected, it can
    be loaded as it is. Raises Problem, before the first, if they are not kept any more."""
    async with running.database.connection() as db:
        rows = await db.fetch(_REFUSED_ROWS, load.load, 0)
    if load.refused and not rows:
        detail = "Its refused rows were kept for a time, which is over. Load the list again to see which are refused."
        raise Problem(410, "The refused rows are not kept any more", detail)
    return _as_csv(running, load, rows)


async def _as_csv(running: Running, load: Load, rows: list[Row]) -> AsyncGenerator[bytes]:
    yield f"{','.join((*lists.OURS, *lists.COLUMNS[load.kind]))}\n".encode()
    while rows:
        yield b"".join(f"{lists.as_row([str(row.row), row.reason])},{row.content}\n".encode() for row in rows)
        async with running.database.connection() as db:
            rows = await db.fetch(_REFUSED_ROWS, load.load, rows[-1].row)
