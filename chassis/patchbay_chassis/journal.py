"""The journal: which messages were handled and the exact bytes of what they caused. Inbox and outbox at once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from patchbay_chassis.envelope import Envelope, earliest_id, in_order, pack, unpack
from patchbay_chassis.undone import Operations

AHEAD = 3
"""Days for which partitions stand ready."""


class Overtaken(Exception):
    """Another consumer handled a message of this batch first: roll back and start the batch again."""


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
_KNOWN = text(
    "SELECT cause, said FROM journal WHERE cause = ANY(CAST(:causes AS uuid[]))"
    " AND cause BETWEEN CAST(:first AS uuid) AND CAST(:last AS uuid)"
)
_WRITE = text(
    "INSERT INTO journal (cause, said, sent)"
    " SELECT cause, said, :sent FROM unnest(CAST(:causes AS uuid[]), CAST(:said AS bytea[])) AS w(cause, said)"
    " ON CONFLICT (cause) DO NOTHING"
)
_SENT = text("UPDATE journal SET sent = true WHERE cause = ANY(CAST(:causes AS uuid[]))")
_UNSENT = text(
    "SELECT cause, said FROM journal WHERE NOT sent AND at < now() - make_interval(secs => :age)"
    " ORDER BY at LIMIT 50 FOR UPDATE SKIP LOCKED"
)
_OLDEST_UNSENT = text("SELECT coalesce(extract(epoch FROM now() - min(at)), 0) FROM journal WHERE NOT sent")
_PARTITIONS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'journal'::regclass ORDER BY 1")


async def known(db: AsyncConnection, causes: Sequence[UUID]) -> dict[UUID, bytes]:
    """Those of the causes that were handled, with the packed messages that they caused."""
    bounds = {"first": min(causes, key=in_order), "last": max(causes, key=in_order)}
    rows = await db.execute(_KNOWN, {"causes": causes, **bounds})
    return {row.cause: row.said for row in rows}


async def write(db: AsyncConnection, handled: dict[UUID, bytes], *, sent: bool) -> None:
    """Note what was handled. Raises Overtaken if another transaction noted one of the causes first."""
    causes = sorted(handled, key=in_order)
    written = await db.execute(_WRITE, {"causes": causes, "said": [handled[c] for c in causes], "sent": sent})
    if written.rowcount != len(causes):
        raise Overtaken


async def note_unsent(db: AsyncConnection, cause: UUID, said: Sequence[Envelope]) -> None:
    """Note what an HTTP request or a timer says, to be marked when it is acked."""
    await write(db, {cause: pack(said)}, sent=False)


async def mark_sent(db: AsyncConnection, causes: Sequence[UUID]) -> None:
    """All of it is acked."""
    await db.execute(_SENT, {"causes": causes})


async def unsent(db: AsyncConnection, age: timedelta) -> dict[UUID, list[Envelope]]:
    """What was said at least that long ago and never acked; locked for this transaction."""
    rows = await db.execute(_UNSENT, {"age": age.total_seconds()})
    return {row.cause: unpack(row.said) for row in rows}


async def oldest_unsent(db: AsyncConnection) -> float:
    """Age in seconds of the oldest unsent row; 0 if there is none."""
    return float((await db.execute(_OLDEST_UNSENT)).scalar_one())


async def turn_pages(db: AsyncConnection, keep: timedelta) -> None:
    """Make the partitions of the coming days, drop those older than `keep`."""
    now = datetime.now(UTC)
    for days in range(AHEAD + 1):
        await db.execute(text(_partition(now + timedelta(days=days))))
    oldest = f"journal_{now - keep:%Y%m%d}"
    for name in (await db.execute(_PARTITIONS)).scalars():
        if name < oldest:
            await db.execute(text(f"DROP TABLE {name}"))
