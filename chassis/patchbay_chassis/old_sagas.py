"""Sagas that ended long ago are forgotten, with all that was said in them."""

from datetime import UTC, datetime, timedelta

from patchbay_chassis.database import Connection, affected
from patchbay_chassis.envelope import earliest_id

# Ids begin with their time, so the table's own key finds the oldest.
_FORGET = """
    WITH old AS (
        SELECT id FROM saga WHERE id < $1 AND NOT open AND status <> 'waiting' AND moved_at < now() - $2::interval
        ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED),
    moves AS (DELETE FROM saga_move USING old WHERE saga_move.saga = old.id)
    DELETE FROM saga USING old WHERE saga.id = old.id"""


async def forget(db: Connection, keep: timedelta, most: int) -> int:
    """Forget sagas that ended so long ago, the oldest first; how many. One that is open or waits stays, however old."""
    return affected(await db.execute(_FORGET, earliest_id(datetime.now(UTC) - keep), keep, most))
