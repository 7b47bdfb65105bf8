"""All SQL about holding, giving back and assigning numbers. Every statement takes its rows in the numbers' order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from numbers_service.model import Taker

# The primary key decides every race: a row that is live is somebody's, and only its owner may hold it again.
_HOLD = text("""
    INSERT INTO number AS n (e164, state, owner, line, reseller, held_until)
    SELECT w.e164, 'held', w.owner, w.line, w.reseller, now() + make_interval(secs => :hold_for)
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:owners AS uuid[]), CAST(:lines AS smallint[]),
                CAST(:resellers AS text[]), CAST(:customers AS text[])) AS w(e164, owner, line, reseller, customer)
    CROSS JOIN LATERAL (SELECT last, pool, owner FROM block WHERE first <= w.e164 ORDER BY first DESC LIMIT 1) b
    WHERE w.e164 <= b.last AND (b.pool = 'public' OR b.pool = 'reseller' AND b.owner = w.reseller
                                OR b.pool = 'customer' AND b.owner = w.customer)
    ORDER BY w.e164
    ON CONFLICT (e164) DO UPDATE
    SET state = 'held', owner = excluded.owner, line = excluded.line, reseller = excluded.reseller, since = now(),
        held_until = CASE WHEN n.owner = excluded.owner AND n.state = 'held'
                          THEN n.held_until ELSE excluded.held_until END
    WHERE n.held_until < now() OR n.owner = excluded.owner AND n.state = 'held'
    RETURNING e164, owner, held_until""")

_HELD = text("""
    SELECT e164, owner, line, held_until FROM number
    WHERE owner = ANY(CAST(:owners AS uuid[])) AND state = 'held' AND held_until > now()""")

_WHY = text("""
    SELECT w.e164, b.pool, b.owner
    FROM unnest(CAST(:numbers AS bigint[])) AS w(e164)
    CROSS JOIN LATERAL (SELECT last, pool, owner FROM block WHERE first <= w.e164 ORDER BY first DESC LIMIT 1) b
    WHERE w.e164 <= b.last""")

_GIVE_BACK = text("""
    WITH mine AS (
        SELECT e164 FROM number WHERE owner = ANY(CAST(:owners AS uuid[])) AND state = 'held' ORDER BY e164 FOR UPDATE)
    DELETE FROM number USING mine WHERE number.e164 = mine.e164 RETURNING number.e164""")

_REST = text("""
    WITH mine AS (
        SELECT e164 FROM number WHERE owner = ANY(CAST(:owners AS uuid[])) AND state = 'assigned'
        ORDER BY e164 FOR UPDATE)
    UPDATE number SET state = 'quarantined', held_until = now() + make_interval(secs => :rest), since = now()
    FROM mine WHERE number.e164 = mine.e164""")

_ASSIGN = text("""
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:numbers AS bigint[]), CAST(:owners AS uuid[])) AS w(e164, owner)),
    mine AS (
        SELECT number.e164 FROM number JOIN wanted USING (e164, owner) WHERE state <> 'quarantined'
        ORDER BY number.e164 FOR UPDATE OF number)
    UPDATE number SET state = 'assigned', held_until = NULL, since = now()
    FROM mine WHERE number.e164 = mine.e164 RETURNING number.e164""")

_FREE_AGAIN = text("""
    WITH over AS (
        SELECT e164 FROM number WHERE held_until < now() ORDER BY held_until LIMIT :most FOR UPDATE SKIP LOCKED)
    DELETE FROM number USING over WHERE number.e164 = over.e164 RETURNING number.e164""")

_NOT_FULL = text("""
    WITH back AS (
        SELECT DISTINCT b.first FROM unnest(CAST(:numbers AS bigint[])) AS n(e164)
        CROSS JOIN LATERAL (SELECT first, full_since FROM block WHERE first <= n.e164 ORDER BY first DESC LIMIT 1) b
        WHERE b.full_since IS NOT NULL),
    mine AS (SELECT first FROM block JOIN back USING (first) ORDER BY first FOR UPDATE OF block)
    UPDATE block SET full_since = NULL FROM mine WHERE block.first = mine.first""")


async def hold(
    db: AsyncConnection, wanted: Mapping[int, tuple[Taker, int]], hold_for: timedelta
) -> Sequence[tuple[int, UUID, datetime]]:
    """Hold each number for its taker's line; what could be held: number, owner, until. A number that is missing
    is somebody else's, or in no block that the taker may draw from."""
    if not wanted:
        return []
    rows = [(number, *wanted[number]) for number in sorted(wanted)]
    held = await db.execute(
        _HOLD,
        {
            "numbers": [number for number, _, _ in rows],
            "owners": [taker.order_id for _, taker, _ in rows],
            "lines": [line for _, _, line in rows],
            "resellers": [taker.reseller for _, taker, _ in rows],
            "customers": [str(taker.customer_id) if taker.customer_id else None for _, taker, _ in rows],
            "hold_for": hold_for.total_seconds(),
        },
    )
    return [(row.e164, row.owner, row.held_until) for row in held]


async def held_by(db: AsyncConnection, owners: Iterable[UUID]) -> Sequence[Any]:
    """What these orders hold: e164, owner, line, held_until."""
    return (await db.execute(_HELD, {"owners": list(owners)})).all()


async def pools(db: AsyncConnection, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Pool and owner of the block that each number is in; a number in no block is missing."""
    rows = await db.execute(_WHY, {"numbers": list(numbers)})
    return {row.e164: (row.pool, row.owner) for row in rows}


async def give_back(db: AsyncConnection, owners: Iterable[UUID]) -> None:
    """What these orders hold is free again."""
    freed = (await db.execute(_GIVE_BACK, {"owners": sorted(owners)})).scalars().all()
    await _not_full(db, freed)


async def rest(db: AsyncConnection, owners: Iterable[UUID], quarantine: timedelta) -> None:
    """What is assigned to these orders rests before anybody may have it."""
    await db.execute(_REST, {"owners": sorted(owners), "rest": quarantine.total_seconds()})


async def assign(db: AsyncConnection, numbers: Mapping[int, UUID]) -> set[int]:
    """Put each number in service for the order that holds it; those for which that was so."""
    ordered = sorted(numbers)
    assigned = await db.execute(_ASSIGN, {"numbers": ordered, "owners": [numbers[n] for n in ordered]})
    return set(assigned.scalars())


async def free_again(db: AsyncConnection, most: int) -> int:
    """Forget holds and quarantines that are over; how many."""
    freed = (await db.execute(_FREE_AGAIN, {"most": most})).scalars().all()
    await _not_full(db, freed)
    return len(freed)


async def _not_full(db: AsyncConnection, freed: Sequence[int]) -> None:
    """A block that a number came back to is worth looking into again."""
    if freed:
        await db.execute(_NOT_FULL, {"numbers": list(freed)})
