"""All SQL about holding numbers and giving them back. Every statement takes its rows in the numbers' order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from numbers_service import in_service
from numbers_service.changes import Changes
from numbers_service.grading import Override
from numbers_service.model import Claim, OwnerKind, Taker
from numbers_service.waiting import Locked
from patchbay_chassis.database import Connection, Overtaken

STEP = "hold"
"""What this service does for an order, as `undone` names it."""

# Where neighbours stand is looked up once, if they stand alike: in one block, without a lent range or span among them.
# What rests is for its last reseller, who names it: within a span too, of which it is cut then.
_WANTED = """
    WITH asked AS (
        SELECT w.*, ($5::uuid[])[taker] AS owner, ($6::text[])[taker] AS reseller, ($7::text[])[taker] AS customer,
               ($8::uuid[])[taker] AS held_by, min(e164) OVER run AS first, max(e164) OVER run AS last
        FROM (SELECT *, e164 - at AS run
              FROM unnest($1::bigint[], $2::smallint[], $3::boolean[], $4::int[]) WITH ORDINALITY
                   AS n(e164, line, named, taker, at)) w
        WINDOW run AS (PARTITION BY run)),
    near AS (
        SELECT a.*, first_value(b.pool) OVER run AS all_pool, first_value(b.owner) OVER run AS all_owner
        FROM asked a LEFT JOIN LATERAL (
            SELECT last, pool, owner FROM block WHERE first <= a.e164 AND a.e164 = a.first
            ORDER BY first DESC LIMIT 1) b
            ON b.last >= a.last
               AND coalesce((SELECT last FROM lent WHERE first <= a.last ORDER BY first DESC LIMIT 1) < a.first, true)
               AND coalesce((SELECT last FROM span WHERE first <= a.last ORDER BY first DESC LIMIT 1) < a.first, true)
        WINDOW run AS (PARTITION BY run ORDER BY a.e164)),
    wanted AS (
        SELECT a.*, p.lent, s.held_until AS rests_until
        FROM near a
        LEFT JOIN LATERAL (SELECT * FROM place(a.e164) WHERE a.all_pool IS NULL) p ON true
        LEFT JOIN LATERAL (SELECT * FROM span WHERE first = p.span) s ON true
        WHERE (p.span IS NULL OR a.named AND s.reseller = a.reseller AND s.state = 'quarantined')
          AND CASE coalesce(all_pool, p.pool)
              WHEN 'public' THEN true
              WHEN 'reseller' THEN coalesce(all_owner, p.owner) = a.reseller
              WHEN 'customer' THEN coalesce(all_owner, p.owner) = a.reseller || '/' || a.customer END
          AND NOT EXISTS (SELECT FROM undone WHERE step = $11 AND cause = a.owner))"""
"""Those that the takers may draw. For an order that was taken back nothing is held."""

# The primary key decides every race. Only what has no row is tried, and what somebody else got first is left alone:
# so nobody locks what is another's.
_HOLD = f"""
    {_WANTED}
    INSERT INTO number AS n (e164, state, owner, owner_kind, line, reseller, held_until, rests_until)
    SELECT w.e164, 'held', w.owner, $9, w.line, w.reseller, now() + $10::interval, w.rests_until FROM wanted w
    WHERE NOT EXISTS (SELECT FROM number WHERE number.e164 = w.e164)
    ORDER BY w.e164
    ON CONFLICT (e164) DO NOTHING
    RETURNING e164, held_until, rests_until IS NOT NULL AS rested,
        (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = n.e164) AS override"""

# A row that is live is somebody's, and only its owner may hold it again, or the order that takes over from a draft. A
# lent number whose rest is over goes back to its lender first.
MAY_TAKE = """
    (o.reseller = w.reseller AND o.state = 'held'
         AND (o.owner = w.owner AND o.owner_kind = $9 OR o.owner = w.held_by AND o.owner_kind <> 'order')
     OR o.reseller = w.reseller AND w.named AND (o.state = 'quarantined' OR o.held_until < now())
     OR greatest(o.held_until, o.rests_until) < now()
        AND NOT (w.lent IS NOT NULL AND (o.state = 'quarantined' OR o.rests_until IS NOT NULL)))"""

# Its own statement, to see what others did while the first waited. What could be taken but is locked, or was let go of
# meanwhile, has no end in the answer.
_TAKE_OVER = f"""
    {_WANTED},
    mine AS (
        SELECT w.e164, w.owner, w.line, w.reseller FROM wanted w JOIN number o ON o.e164 = w.e164 WHERE {MAY_TAKE}
        ORDER BY w.e164 FOR UPDATE OF o SKIP LOCKED),
    taken AS (
        UPDATE number n
        SET state = 'held', owner = mine.owner, owner_kind = $9, line = mine.line, reseller = mine.reseller,
            since = now(),
            held_until = CASE WHEN n.owner = mine.owner AND n.state = 'held' AND $9 = 'order'
                              THEN n.held_until ELSE now() + $10::interval END,
            rests_until = CASE WHEN n.reseller <> mine.reseller THEN NULL
                               WHEN n.state = 'quarantined' THEN n.held_until ELSE n.rests_until END
        FROM mine WHERE n.e164 = mine.e164
        RETURNING n.e164, n.held_until)
    SELECT w.e164, taken.held_until,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = w.e164) AS override
    FROM wanted w LEFT JOIN number o ON o.e164 = w.e164 LEFT JOIN taken ON taken.e164 = w.e164
    WHERE taken.e164 IS NOT NULL OR w.named AND (o.e164 IS NULL OR {MAY_TAKE})"""

_HELD = """
    SELECT e164, owner, line, held_until,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = number.e164) AS override
    FROM number
    WHERE owner = ANY($1::uuid[]) AND owner_kind = 'order' AND state = 'held' AND held_until > now()"""

_HOLDERS = """
    SELECT e164, owner FROM number WHERE e164 = ANY($1::bigint[]) AND owner_kind = 'order' AND state = 'held'"""

_HELD_FOR = """
    SELECT e164, owner, held_until,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = number.e164) AS override
    FROM number
    WHERE owner = $1 AND owner_kind = $2 AND reseller = $3 AND state = 'held' AND held_until > now() ORDER BY e164"""

_HOMES = """
    SELECT w.e164, b.country, b.trunk FROM unnest($1::bigint[]) AS w(e164)
    CROSS JOIN LATERAL place(w.e164) p JOIN block b ON b.first = p.block"""


def _locking(statement: str) -> dict[bool, str]:
    """The statement for whoever may wait, and for whoever may not."""
    return {True: statement.format("FOR UPDATE"), False: statement.format("FOR UPDATE NOWAIT")}


# What was reclaimed from its rest goes back to it.
_GIVE_BACK = _locking("""
    WITH mine AS (
        SELECT e164, rests_until FROM number
        WHERE owner = ANY($1::uuid[]) AND owner_kind = $2 AND state = 'held'
          AND ($3::text IS NULL OR reseller = $3) AND ($4::bigint[] IS NULL OR e164 = ANY($4))
        ORDER BY e164 {}),
    rest AS (
        UPDATE number SET state = 'quarantined', held_until = mine.rests_until, rests_until = NULL, since = now()
        FROM mine WHERE number.e164 = mine.e164 AND mine.rests_until IS NOT NULL),
    gone AS (
        DELETE FROM number USING mine WHERE number.e164 = mine.e164 AND mine.rests_until IS NULL)
    SELECT e164, rests_until IS NULL AS is_free FROM mine""")

_EXTEND = _locking("""
    WITH mine AS (
        SELECT e164 FROM number
        WHERE owner = $1 AND owner_kind = $2 AND reseller = $3 AND state = 'held' AND held_until > now()
          AND ($4::bigint[] IS NULL OR e164 = ANY($4))
        ORDER BY e164 {})
    UPDATE number SET held_until = now() + $5::interval FROM mine WHERE number.e164 = mine.e164
    RETURNING number.e164""")


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
    its hold; a draft's is put off. Raises Overtaken if a named number may be free but cannot be waited for."""
    if not wanted:
        return []
    locked = db.gather(Locked)
    held: list[Kept] = []
    if min(wanted) > locked.highest:
        taken, reclaimed = list[int](), list[int]()
        for e164, until, rested, override in await db.fetch(_HOLD, *_asking(wanted, wanted, keep)):
            (reclaimed if rested else taken).append(e164)
            held.append(Kept(e164, wanted[e164].taker.owner, until, _override(override)))
        db.gather(Changes).taken(taken)
        locked.note(taken)
        if reclaimed:
            locked.note(reclaimed)
            await in_service.leave_spans(db, reclaimed)
    if len(held) < len(wanted):
        missing = wanted.keys() - {kept.e164 for kept in held}
        for e164, until, override in await db.fetch(_TAKE_OVER, *_asking(missing, wanted, keep)):
            if until is None:
                raise Overtaken
            locked.note([e164])
            held.append(Kept(e164, wanted[e164].taker.owner, until, _override(override)))
    return held


def _asking(some: Iterable[int], wanted: Mapping[int, Claim], keep: timedelta) -> tuple[object, ...]:
    numbers = sorted(some)
    claims = [wanted[number] for number in numbers]
    by_id = {id(claim.taker): claim.taker for claim in claims}
    at = {taker: place for place, taker in enumerate(by_id, start=1)}
    takers = by_id.values()
    return (
        numbers,
        [claim.line for claim in claims],
        [claim.named for claim in claims],
        [at[id(claim.taker)] for claim in claims],
        [taker.owner for taker in takers],
        [taker.reseller for taker in takers],
        [str(taker.customer_id) if taker.customer_id else None for taker in takers],
        [taker.held_by for taker in takers],
        claims[0].taker.kind,
        keep,
        STEP,
    )


def _override(stored: Sequence[Any] | None) -> Override | None:
    return Override(*stored) if stored is not None else None


async def held_by(db: Connection, orders: Iterable[UUID]) -> list[tuple[Kept, int]]:
    """What these orders hold, with the line that each is for."""
    rows = await db.fetch(_HELD, list(orders))
    return [(Kept(e164, owner, until, _override(override)), line) for e164, owner, line, until, override in rows]


async def holders(db: Connection, numbers: Iterable[int]) -> dict[int, UUID]:
    """The orders that hold these numbers."""
    return {e164: owner for e164, owner in await db.fetch(_HOLDERS, sorted(numbers))}  # noqa: C416 - rows are no pairs


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
    locked = db.gather(Locked)
    rows = await db.fetch(_GIVE_BACK[locked.nothing], sorted(owners), kind, reseller, some)
    locked.note(row.e164 for row in rows)
    db.gather(Changes).freed(e164 for e164, is_free in rows if is_free)
    return [row.e164 for row in rows]


async def extend(db: Connection, taker: Taker, numbers: Iterable[int] | None, keep: timedelta) -> None:
    """Put off the end of what a draft or basket holds: all of it or these numbers."""
    some = None if numbers is None else sorted(numbers)
    locked = db.gather(Locked)
    rows = await db.fetch(_EXTEND[locked.nothing], taker.owner, taker.kind, taker.reseller, some, keep)
    locked.note(row.e164 for row in rows)


async def held_for(db: Connection, taker: Taker) -> list[Kept]:
    """What a draft or basket holds, in the numbers' order."""
    rows = await db.fetch(_HELD_FOR, taker.owner, taker.kind, taker.reseller)
    return [Kept(e164, owner, until, _override(override)) for e164, owner, until, override in rows]
