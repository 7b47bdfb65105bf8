"""The tables of events and of their deliveries: a partition a day, made ahead and dropped when it is old; and the order
of the log after a restore."""

from datetime import UTC, datetime, timedelta

from patchbay_chassis.database import Connection
from patchbay_chassis.undone import Operations

AHEAD = 3
"""Days for which partitions stand ready."""

TABLES = ("event_log", "webhook_delivery")
_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::text::regclass ORDER BY 1"
# Seen in one snapshot, no transaction of this server has an id that is not below its xmax.
_CATCH_UP = """
    UPDATE event_shift SET ahead = newest.turn + 1 - pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    FROM (SELECT max(turn) AS turn FROM event_log) newest
    WHERE newest.turn >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + ahead"""


def create(op: Operations, table: str = "event_log", back: int = 1) -> None:
    """The first partitions, for the migration that makes the table."""
    today = datetime.now(UTC)
    for days in range(-back, AHEAD + 1):
        op.execute(_partition(table, today + timedelta(days=days)))


def _partition(table: str, day: datetime) -> str:
    start = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        f"CREATE TABLE IF NOT EXISTS {table}_{start:%Y%m%d} PARTITION OF {table}"
        f" FOR VALUES FROM ('{start.isoformat()}') TO ('{(start + timedelta(days=1)).isoformat()}')"
    )


async def turn(db: Connection, keep: timedelta) -> None:
    """Make the partitions of the coming days, drop those all of whose events are older than `keep`. Who writes waits
    for this a moment and no longer: what cannot have its lock soon is left to the next time."""
    await db.execute("SET LOCAL lock_timeout = '3s'")
    now = datetime.now(UTC)
    for table in TABLES:
        for days in range(AHEAD + 1):
            await db.execute(_partition(table, now + timedelta(days=days)))
        oldest = f"{table}_{now - keep:%Y%m%d}"
        for (name,) in await db.fetch(_PARTITIONS, table):
            if name < oldest:
                await db.execute(f"DROP TABLE {name}")


async def catch_up(db: Connection) -> None:
    """After a dump was restored into another server, whose transaction ids are lower: new events come after the old."""
    await db.execute(_CATCH_UP)
