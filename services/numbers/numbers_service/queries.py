"""All SQL about holding numbers and giving them back. Every statement takes its rows in the numbers' order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from numbers_service.changes import Changes
from numbers_service.grading import Override
from numbers_service.model import Claim, OwnerKind, Taker
from patchbay_chassis.database import Connection

STEP = "hold"
"""What this service does for an order, as `undone` names it."""

# The primary key decides every race: a row that is live is somebody's, and only its owner may hold it again, or the
# order that takes over from a draft. What rests is for its last reseller, who names it. The condition stands twice:
# once as the rows are seen, so that what is somebody's is not even locked, and once as they are when they are written.
# A lent number whose rest is over goes back to its lender first. For an order that was taken back nothing is held.
_HOLD = """
    INSERT INTO number AS n (e164, state, owner, owner_kind, line, reseller, held_until)
    SELECT w.e164, 'held', w.owner, $8, w.line, w.reseller, now() + $9::interval
    FROM unnest($1::bigint[], $2::uuid[], $3::smallint[], $4::text[], $5::text[], $6::uuid[], $7::boolean[])
         AS w(e164, owner, line, reseller, customer, held_by, named)
    CROSS JOIN LATERAL place(w.e164) p
    LEFT JOIN number o ON o.e164 = w.e164
    WHERE p.span IS NULL
      AND (p.pool = 'public' OR p.pool = 'reseller' AND p.owner = w.reseller
           OR p.pool = 'customer' AND p.owner = w.reseller || '/' || w.customer)
      AND NOT EXISTS (SELECT FROM undone WHERE step = $10 AND cause = w.owner)
      AND (o.e164 IS NULL
           OR o.reseller = w.reseller AND o.state = 'held'
              AND (o.owner = w.owner AND o.owner_kind = $8 OR o.owner = w.held_by AND o.owner_kind <> 'order')
           OR o.reseller = w.reseller AND w.named AND (o.state = 'quarantined' OR o.held_until < now())
           OR greatest(o.held_until, o.rests_until) < now()
              AND NOT (p.lent IS NOT NULL AND (o.state = 'quarantined' OR o.rests_until IS NOT NULL)))
    ORDER BY w.e164
    ON CONFLICT (e164) DO UPDATE
    SET state = 'held', owner = excluded.owner, owner_kind = excluded.owner_kind, line = excluded.line,
        reseller = excluded.reseller, since = now(),
        held_until = CASE WHEN n.owner = excluded.owner AND n.state = 'held' AND $8 = 'order'
                          THEN n.held_until ELSE excluded.held_until END,
        rests_until = CASE WHEN n.reseller <> excluded.reseller THEN NULL
                           WHEN n.state = 'quarantined' THEN n.held_until ELSE n.rests_until END
    WHERE n.reseller = excluded.reseller AND n.state = 'held'
          AND (n.owner = excluded.owner AND n.owner_kind = $8 OR n.owner = ANY($6) AND n.owner_kind <> 'order')
       OR n.reseller = excluded.reseller AND (n.state = 'quarantined' OR n.held_until < now())
       OR greatest(n.held_until, n.rests_until) < now()
    RETURNING e164, owner, held_until, xmax = 0 AS is_new,
        (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = n.e164) AS override"""

_HELD = """
    SELECT e164, owner, line, held_until,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = number.e164) AS override
    FROM number
    WHERE owner = ANY($1::uuid[]) AND owner_kind = 'order' AND state = 'held' AND held_until > now()"""

_HELD_FOR = """
    SELECT e164, owner, held_until,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = number.e164) AS override
    FROM number
    WHERE owner = $1 AND owner_kind = $2 AND reseller = $3 AND state = 'held' AND held_until > now() ORDER BY e164"""

_HOMES = """
    SELECT w.e164, b.country, b.trunk FROM unnest($1::bigint[]) AS w(e164)
    CROSS JOIN LATERAL place(w.e164) p JOIN block b ON b.first = p.block"""

# What was reclaimed from its rest goes back to it.
_GIVE_BACK = """
    WITH mine AS (
        SELECT e164, rests_until FROM number
        WHERE owner = ANY($1::uuid[]) AND owner_kind = $2 AND state = 'held'
          AND ($3::text IS NULL OR reseller = $3) AND ($4::bigint[] IS NULL OR e164 = ANY($4))
        ORDER BY e164 FOR UPDATE),
    rest AS (
        UPDATE number SET state = 'quarantined', held_until = mine.rests_until, rests_until = NULL, since = now()
        FROM mine WHERE number.e164 = mine.e164 AND mine.rests_until IS NOT NULL),
    gone AS (
        DELETE FROM number USING mine WHERE number.e164 = mine.e164 AND mine.rests_until IS NULL)
    SELECT e164, rests_until IS NULL AS is_free FROM mine"""

_EXTEND = """
    WITH mine AS (
        SELECT e164 FROM number
        WHERE owner = $1 AND owner_kind = $2 AND reseller = $3 AND state = 'held' AND held_until > now()
          AND ($4::bigint[] IS NULL OR e164 = ANY($4))
        ORDER BY e164 FOR UPDATE)
    UPDATE number SET held_until = now() + $5::interval FROM mine WHERE number.e164 = mine.e164"""


class Kept(NamedTuple):
    """A number that is held: for whom, until when, and the grade stated for it, if there is one."""

    e164: int
    owner: UUID
    until: datetime
    override: Override | None


class Home(NamedTuple):
    """The calling code of a number, and the trunk digit before its national digits."""

    country: str
    trunk: str


async def hold(db: Connection, wanted: Mapping[int, Claim], keep: timedelta) -> list[Kept]:
    """Hold each number for whom it is claimed, all claims of one kind of owner; what could be held. A number that is
    missing is somebody else's, or in no block that the taker may draw from. An order that asks again keeps the end of
    its hold; a draft's is put off."""
    if not wanted:
        return []
    numbers = sorted(wanted)
    claims = [wanted[number] for number in numbers]
    takers = [claim.taker for claim in claims]
    rows = await db.fetch(
        _HOLD,
        numbers,
        [taker.owner for taker in takers],
        [claim.line for claim in claims],
        [taker.reseller for taker in takers],
        [str(taker.customer_id) if taker.customer_id else None for taker in takers],
        [taker.held_by for taker in takers],
        [claim.named for claim in claims],
        takers[0].kind,
        keep,
        STEP,
    )
    db.gather(Changes).taken(e164 for e164, _, _, is_new, _ in rows if is_new)
    return [Kept(e164, owner, until, _override(override)) for e164, owner, until, _, override in rows]


def _override(stored: Sequence[Any] | None) -> Override | None:
    return Override(*stored) if stored is not None else None


async def held_by(db: Connection, orders: Iterable[UUID]) -> list[tuple[Kept, int]]:
    """What these orders hold, with the line that each is for."""
    rows = await db.fetch(_HELD, list(orders))
    return [(Kept(e164, owner, until, _override(override)), line) for e164, owner, line, until, override in rows]


async def homes(db: Connection, numbers: Iterable[int]) -> dict[int, Home]:
    """How each number is dialled at home; a number in no block is missing."""
    return {e164: Home(country, trunk) for e164, country, trunk in await db.fetch(_HOMES, sorted(numbers))}


async def give_back(
    db: Connection,
    owners: Iterable[UUID],
    *,
    kind: OwnerKind = "order",
    reseller: str | None = None,
    numbers: Iterable[int] | None = None,
) -> list[int]:
    """What they hold is free again, or rests again: all of it or these numbers. Which those are. A draft or a basket
    is only known together with its reseller."""
    some = None if numbers is None else sorted(numbers)
    rows = await db.fetch(_GIVE_BACK, sorted(owners), kind, reseller, some)
    db.gather(Changes).freed(e164 for e164, is_free in rows if is_free)
    return [row.e164 for row in rows]


async def extend(db: Connection, taker: Taker, numbers: Iterable[int] | None, keep: timedelta) -> None:
    """Put off the end of what a draft or basket holds: all of it or these numbers."""
    some = None if numbers is None else sorted(numbers)
    await db.execute(_EXTEND, taker.owner, taker.kind, taker.reseller, some, keep)


async def held_for(db: Connection, taker: Taker) -> list[Kept]:
    """What a draft or basket holds, in the numbers' order."""
    rows = await db.fetch(_HELD_FOR, taker.owner, taker.kind, taker.reseller)
    return [Kept(e164, owner, until, _override(override)) for e164, owner, until, override in rows]
