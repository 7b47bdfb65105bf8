"""The journal: which messages were handled and the exact bytes of what they caused. Inbox and outbox at once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from asyncpg import UniqueViolationError

from patchbay_chassis.database import Connection, Overtaken
from patchbay_chassis.envelope import Envelope, earliest_id, in_order, pack, unpack
from patchbay_chassis.undone import Operations

AHEAD = 3
"""Days for which partitions stand ready."""


def create(op: Operations) -> None:
    """The table and its first partitions, for a service's first migration. One partition a day, by id."""
    op.execute(
        "CREATE TABLE journal (cause uuid PRIMARY KEY, said bytea NOT NULL, sent boolean NOT NULL,"
        " at timestamptz NOT NULL DEFAULT now()) PARTITION BY RANGE (cause)"
    )
    op.execute("CREATE INDEX journal_unsent ON journal (at) WHERE NOT sent")
    today = datetime.now(UTC)
    for days in range(-8, AHEAD + 1):
        op.execute(_partition(today + timedelta(days=days)))


def _partition(day: datetime) -> str:
    start = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        f"CREATE TABLE IF NOT EXISTS journal_{start:%Y%m%d} PARTITION OF journal"
        f" FOR VALUES FROM ('{earliest_id(start)}') TO ('{earliest_id(start + timedelta(days=1))}')"
        " WITH (fillfactor = 95)"
    )


# The bounds let Postgres skip the other days' partitions; with the array alone it looks into each.
_KNOWN = "SELECT cause, said FROM journal WHERE cause = ANY($1::uuid[]) AND cause BETWEEN $2 AND $3"
# Without ON CONFLICT, which would look into the index first, and write each row's end to the log once more.
_WRITE = """
    INSERT INTO journal (cause, said, sent)
    SELECT cause, said, $3 FROM unnest($1::uuid[], $2::bytea[]) AS w(cause, said)"""
_SENT = "UPDATE journal SET sent = true WHERE cause = ANY($1::uuid[])"
_UNSENT = """
    SELECT cause, said FROM journal WHERE NOT sent AND at < now() - $1::interval
    ORDER BY at LIMIT 50 FOR UPDATE SKIP LOCKED"""
_OLDEST_UNSENT = "SELECT coalesce(extract(epoch FROM now() - min(at)), 0) FROM journal WHERE NOT sent"
_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'journal'::regclass ORDER BY 1"


async def known(db: Connection, causes: Sequence[UUID]) -> dict[UUID, bytes]:
    """Those of the causes that were handled, with the packed messages that they caused."""
    rows = await db.fetch(_KNOWN, causes, min(causes, key=in_order), max(causes, key=in_order))
    return {cause: said for cause, said in rows}  # noqa: C416 - rows are no pairs to dict()


async def write(db: Connection, handled: dict[UUID, bytes], *, sent: bool) -> None:
    """Note what was handled. Raises Overtaken if another transaction noted one of the causes first."""
    causes = sorted(handled, key=in_order)
    try:
        await db.execute(_WRITE, causes, [handled[c] for c in causes], sent)
    except UniqueViolationError as error:
        raise Overtaken from error


async def note_unsent(db: Connection, cause: UUID, said: Sequence[Envelope]) -> None:
    """Note what an HTTP request or a timer says, to be marked when it is acked."""
    await write(db, {cause: pack(said)}, sent=False)


async def mark_sent(db: Connection, causes: Sequence[UUID]) -> None:
    """All of it is acked."""
    await db.execute(_SENT, causes)


async def unsent(db: Connection, age: timedelta) -> dict[UUID, list[Envelope]]:
    """What was said at least that long ago and never acked; locked for this transaction."""
    return {cause: unpack(said) for cause, said in await db.fetch(_UNSENT, age)}


async def oldest_unsent(db: Connection) -> float:
    """Age in seconds of the oldest unsent row; 0 if there is none."""
    return float(await db.fetchval(_OLDEST_UNSENT))


async def turn_pages(db: Connection, keep: timedelta) -> None:
    """Make the partitions of the coming days, drop those older than `keep`."""
    now = datetime.now(UTC)
    for days in range(AHEAD + 1):
        await db.execute(_partition(now + timedelta(days=days)))
    oldest = f"journal_{now - keep:%Y%m%d}"
    for (name,) in await db.fetch(_PARTITIONS):
        if name < oldest:
            await db.execute(f"DROP TABLE {name}")
