"""All SQL about holding, giving back and assigning numbers. Every statement takes its rows in the numbers' order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from numbers_service.model import Taker
from patchbay_chassis.database import Connection

# The primary key decides every race: a row that is live is somebody's, and only its owner may hold it again. For an
# order that was taken back nothing is held.
_HOLD = """
    INSERT INTO number AS n (e164, state, owner, line, reseller, held_until)
    SELECT w.e164, 'held', w.owner, w.line, w.reseller, now() + $6::interval
    FROM unnest($1::bigint[], $2::uuid[], $3::smallint[], $4::text[], $5::text[])
         AS w(e164, owner, line, reseller, customer)
    CROSS JOIN LATERAL (SELECT last, pool, owner FROM block WHERE first <= w.e164 ORDER BY first DESC LIMIT 1) b
    WHERE w.e164 <= b.last AND (b.pool = 'public' OR b.pool = 'reseller' AND b.owner = w.reseller
                                OR b.pool = 'customer' AND b.owner = w.reseller || '/' || w.customer)
      AND NOT EXISTS (SELECT FROM undone WHERE step = $7 AND cause = w.owner)
    ORDER BY w.e164
    ON CONFLICT (e164) DO UPDATE
    SET state = 'held', owner = excluded.owner, line = excluded.line, reseller = excluded.reseller, since = now(),
        held_until = CASE WHEN n.owner = excluded.owner AND n.state = 'held'
                          THEN n.held_until ELSE excluded.held_until END
    WHERE n.held_until < now() OR n.owner = excluded.owner AND n.state = 'held'
    RETURNING e164, owner, held_until"""

STEP = "hold"
"""What this service does for an order, as `undone` names it."""

_HELD = """
    SELECT e164, owner, line, held_until FROM number
    WHERE owner = ANY($1::uuid[]) AND state = 'held' AND held_until > now()"""

_WHY = """
    SELECT w.e164, b.pool, b.owner
    FROM unnest($1::bigint[]) AS w(e164)
    CROSS JOIN LATERAL (SELECT last, pool, owner FROM block WHERE first <= w.e164 ORDER BY first DESC LIMIT 1) b
    WHERE w.e164 <= b.last"""

_GIVE_BACK = """
    WITH mine AS (
        SELECT e164 FROM number WHERE owner = ANY($1::uuid[]) AND state = 'held' ORDER BY e164 FOR UPDATE)
    DELETE FROM number USING mine WHERE number.e164 = mine.e164 RETURNING number.e164"""

_REST = """
    WITH mine AS (
        SELECT e164 FROM number WHERE owner = ANY($1::uuid[]) AND state = 'assigned'
        ORDER BY e164 FOR UPDATE)
    UPDATE number SET state = 'quarantined', held_until = now() + $2::interval, since = now()
    FROM mine WHERE number.e164 = mine.e164"""

_ASSIGN = """
    WITH wanted AS (
        SELECT * FROM unnest($1::bigint[], $2::uuid[]) AS w(e164, owner)),
    mine AS (
        SELECT number.e164 FROM number JOIN wanted USING (e164, owner) WHERE state <> 'quarantined'
        ORDER BY number.e164 FOR UPDATE OF number)
    UPDATE number SET state = 'assigned', held_until = NULL, since = now()
    FROM mine WHERE number.e164 = mine.e164 RETURNING number.e164"""

_FREE_AGAIN = """
    WITH over AS (
        SELECT e164 FROM number WHERE held_until < now() ORDER BY held_until LIMIT $1 FOR UPDATE SKIP LOCKED)
    DELETE FROM number USING over WHERE number.e164 = over.e164 RETURNING number.e164"""

_NOT_FULL = """
    WITH back AS (
        SELECT DISTINCT b.first FROM unnest($1::bigint[]) AS n(e164)
        CROSS JOIN LATERAL (SELECT first, full_since FROM block WHERE first <= n.e164 ORDER BY first DESC LIMIT 1) b
        WHERE b.full_since IS NOT NULL),
    mine AS (SELECT first FROM block JOIN back USING (first) ORDER BY first FOR UPDATE OF block)
    UPDATE block SET full_since = NULL FROM mine WHERE block.first = mine.first"""


async def hold(
    db: Connection, wanted: Mapping[int, tuple[Taker, int]], hold_for: timedelta
) -> Sequence[tuple[int, UUID, datetime]]:
    """Hold each number for its taker's line; what could be held: number, owner, until. A number that is missing
    is somebody else's, or in no block that the taker may draw from."""
    if not wanted:
        return []
    rows = [(number, *wanted[number]) for number in sorted(wanted)]
    held = await db.fetch(
        _HOLD,
        [number for number, _, _ in rows],
        [taker.order_id for _, taker, _ in rows],
        [line for _, _, line in rows],
        [taker.reseller for _, taker, _ in rows],
        [str(taker.customer_id) if taker.customer_id else None for _, taker, _ in rows],
        hold_for,
        STEP,
    )
    return [(e164, owner, until) for e164, owner, until in held]


async def held_by(db: Connection, owners: Iterable[UUID]) -> Sequence[Any]:
    """What these orders hold: e164, owner, line, held_until."""
    return await db.fetch(_HELD, list(owners))


async def pools(db: Connection, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Pool and owner of the block that each number is in; a number in no block is missing."""
    rows = await db.fetch(_WHY, list(numbers))
    return {row.e164: (row.pool, row.owner) for row in rows}


async def give_back(db: Connection, owners: Iterable[UUID]) -> None:
    """What these orders hold is free again."""
    freed = [number for (number,) in await db.fetch(_GIVE_BACK, sorted(owners))]
    await _not_full(db, freed)


async def rest(db: Connection, owners: Iterable[UUID], quarantine: timedelta) -> None:
    """What is assigned to these orders rests before anybody may have it."""
    await db.execute(_REST, sorted(owners), quarantine)


async def assign(db: Connection, numbers: Mapping[int, UUID]) -> set[int]:
    """Put each number in service for the order that holds it; those for which that was so."""
    ordered = sorted(numbers)
    assigned = await db.fetch(_ASSIGN, ordered, [numbers[n] for n in ordered])
    return {number for (number,) in assigned}


async def free_again(db: Connection, most: int) -> int:
    """Forget holds and quarantines that are over; how many."""
    freed = [number for (number,) in await db.fetch(_FREE_AGAIN, most)]
    await _not_full(db, freed)
    return len(freed)


async def _not_full(db: Connection, freed: Sequence[int]) -> None:
    """A block that a number came back to is worth looking into again."""
    if freed:
        await db.execute(_NOT_FULL, freed)
