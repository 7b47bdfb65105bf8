"""All SQL of those who deliver: webhooks are held with a lease, what came of deliveries is recorded together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.event_queries import Place
from patchbay_chassis.database import Connection, affected

# What this replica held when it died is its own at once, when it is back under its name.
_CLAIM = """
    WITH free AS (
        SELECT id FROM webhook
        WHERE state = 'enabled' AND (leased_until < now() OR holder = $1) AND NOT id = ANY($2::uuid[])
        ORDER BY leased_until, id LIMIT $4 FOR UPDATE SKIP LOCKED)
    UPDATE webhook SET holder = $1, leased_until = now() + $3::interval, run = run + 1
    FROM free WHERE webhook.id = free.id
    RETURNING webhook.id, reseller, url, types, turn, position, run, misses, failing_since, rests_until"""
_RENEW = """
    UPDATE webhook SET leased_until = now() + $3::interval
    WHERE holder = $1 AND id = ANY($2::uuid[]) AND leased_until < now() + 0.7 * $3::interval"""
_HELD = "SELECT id, run FROM webhook WHERE holder = $1 AND state = 'enabled' AND leased_until > now()"
_RELEASE = "UPDATE webhook SET holder = '', leased_until = '-infinity' WHERE holder = $1"
_RECORD = """
    INSERT INTO webhook_delivery
        (webhook_id, event_id, at, type, turn, position, state, attempts, status, took_ms, error, first_at, last_at,
         due)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::bigint[], $6::bigint[],
        $7::text[], $8::int[], $9::int[], $10::int[], $11::text[], $12::timestamptz[], $13::timestamptz[],
        $14::timestamptz[])
    ON CONFLICT (webhook_id, event_id, at) DO UPDATE SET state = excluded.state, attempts = excluded.attempts,
        status = excluded.status, took_ms = excluded.took_ms, error = excluded.error, first_at = excluded.first_at,
        last_at = excluded.last_at, due = excluded.due"""
_PROGRESS = """
    UPDATE webhook SET turn = p.turn, position = p.position, misses = p.misses, failing_since = p.failing_since,
        rests_until = p.rests_until
    FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::timestamptz[], $8::timestamptz[])
        AS p(id, run, turn, position, misses, failing_since, rests_until)
    WHERE webhook.id = p.id AND webhook.run = p.run AND holder = $1"""
_AT_ONCE = """
    UPDATE webhook_delivery SET due = now() WHERE webhook_id = ANY($1::uuid[]) AND due IS NOT NULL AND due > now()"""
_DUE = """
    SELECT webhook_id, event_id, at, turn, position, attempts, first_at FROM webhook_delivery
    WHERE webhook_id = ANY($1::uuid[]) AND due <= now() ORDER BY due LIMIT $2"""
_LOST = """
    UPDATE webhook_delivery SET state = 'failed', due = NULL, error = 'the event is not kept any more'
    WHERE webhook_id = $1 AND event_id = $2"""
_DISABLE = """
    UPDATE webhook SET state = 'disabled', why = $4, holder = '', leased_until = '-infinity', run = run + 1
    WHERE id = $2 AND run = $3 AND holder = $1 AND state = 'enabled'"""


class Delivered(NamedTuple):
    """What came of an attempt to deliver, as it is kept."""

    webhook_id: UUID
    event_id: UUID
    at: datetime
    type: str
    turn: int
    position: int
    state: str
    attempts: int
    status: int | None
    took_ms: int
    error: str
    first_at: datetime
    last_at: datetime
    due: datetime | None


class Progress(NamedTuple):
    """How far a webhook is."""

    id: UUID
    run: int
    place: Place
    misses: int
    failing_since: datetime | None
    rests_until: datetime | None


async def claim(db: Connection, holder: str, but: Sequence[UUID], lease: timedelta, most: int) -> Sequence[Any]:
    """Take webhooks that nobody holds."""
    return await db.fetch(_CLAIM, holder, but, lease, most)


async def held(db: Connection, holder: str, ids: Sequence[UUID], lease: timedelta) -> dict[UUID, int]:
    """Hold them for longer. Those that are still held, with their runs: of a higher run something was changed."""
    await db.execute(_RENEW, holder, ids, lease)
    return {row.id: row.run for row in await db.fetch(_HELD, holder)}


async def release(db: Connection, holder: str) -> None:
    """Others may take them."""
    await db.execute(_RELEASE, holder)


async def record(db: Connection, holder: str, delivered: Sequence[Delivered], progress: Sequence[Progress]) -> None:
    """Note what came of deliveries, and how far their webhooks are. What is lost of it is delivered again."""
    await db.execute("SET LOCAL synchronous_commit = off")
    if delivered:
        await db.execute(_RECORD, *map(list, zip(*delivered, strict=True)))
    if progress:
        ids, runs, places, *rest = zip(*progress, strict=True)
        turns, positions = zip(*places, strict=True)
        await db.execute(_PROGRESS, holder, ids, runs, turns, positions, *rest)


async def try_at_once(db: Connection, ids: Sequence[UUID]) -> None:
    """What waits for these webhooks need not wait longer: they answer again."""
    await db.execute(_AT_ONCE, ids)


async def due(db: Connection, ids: Sequence[UUID], most: int) -> Sequence[Any]:
    """Deliveries to try again now."""
    return await db.fetch(_DUE, ids, most)


async def lost(db: Connection, webhook: UUID, event: UUID) -> None:
    """The event is gone: it is not tried again."""
    await db.execute(_LOST, webhook, event)


async def disable(db: Connection, holder: str, id_: UUID, run: int, why: str) -> bool:
    """Send nothing there any more; False if its owner changed it meanwhile."""
    return affected(await db.execute(_DISABLE, holder, id_, run, why)) == 1
