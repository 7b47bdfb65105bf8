"""Numbers in service and at rest: assigned when their order completes, resting when it is taken back, free after that.

A long run of one order's numbers is a span, one row for all of them; it is cut where a block ends.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from numbers_service import lending
from numbers_service.changes import Changes, ranges
from numbers_service.waiting import Locked
from patchbay_chassis.database import Connection, Overtaken
from patchbay_contracts.v1.orders import OrderCompleted

LONG = 100
"""From so many contiguous numbers on, a run is a span."""

# Whoever else has locked a number that an order held takes it over, or lets go of it.
_ASSIGN = """
    WITH wanted AS (
        SELECT * FROM unnest($1::bigint[], $2::uuid[]) AS w(e164, owner)),
    mine AS (
        SELECT number.e164 FROM number JOIN wanted USING (e164, owner)
        WHERE state <> 'quarantined' AND owner_kind = 'order'
        ORDER BY number.e164 FOR UPDATE OF number NOWAIT)
    UPDATE number SET state = 'assigned', held_until = NULL, rests_until = NULL, since = now()
    FROM mine WHERE number.e164 = mine.e164 RETURNING number.e164"""

_IN_SPANS = """
    SELECT w.e164 FROM unnest($1::bigint[], $2::uuid[]) AS w(e164, owner)
    CROSS JOIN LATERAL (SELECT last, owner FROM span WHERE first <= w.e164 ORDER BY first DESC LIMIT 1) s
    WHERE w.e164 <= s.last AND s.owner = w.owner"""

_TO_SPANS = """
    WITH run AS (
        SELECT greatest(r.first, b.first) AS first, least(r.last, b.last) AS last, r.owner
        FROM unnest($1::bigint[], $2::bigint[], $3::uuid[]) AS r(first, last, owner)
        JOIN block b ON int8range(b.first, b.last, '[]') && int8range(r.first, r.last, '[]')),
    gone AS (
        DELETE FROM number USING run
        WHERE number.e164 BETWEEN run.first AND run.last AND number.owner = run.owner
        RETURNING run.first, run.last, run.owner, number.reseller)
    INSERT INTO span (first, last, state, owner, reseller)
    SELECT first, last, 'assigned', owner, min(reseller) FROM gone GROUP BY first, last, owner ORDER BY first"""


def _resting(table: str, key: str, also: str = "") -> str:
    """What is in service of an order comes to rest, as long as its pool says."""
    return f"""
    WITH mine AS (
        SELECT {key} FROM {table}
        WHERE owner = ANY($1::uuid[]) AND state = 'assigned' {also} ORDER BY {key} FOR UPDATE NOWAIT),
    resting AS (
        SELECT mine.{key}, coalesce(r.quarantine, $2::interval) AS quarantine
        FROM mine CROSS JOIN LATERAL place(mine.{key}) p
        LEFT JOIN pool_rule r ON r.pool = p.pool AND r.owner = p.owner)
    UPDATE {table} SET state = 'quarantined', held_until = now() + resting.quarantine, since = now()
    FROM resting WHERE {table}.{key} = resting.{key} RETURNING {table}.{key}"""


_REST_NUMBERS = """
    WITH mine AS (
        SELECT e164 FROM number JOIN unnest($1::bigint[], $2::text[]) AS w(e164, reseller) USING (e164, reseller)
        WHERE state = 'assigned' AND owner_kind = 'order' ORDER BY e164 FOR UPDATE OF number NOWAIT),
    resting AS (
        SELECT mine.e164, coalesce(r.quarantine, $3::interval) AS quarantine
        FROM mine CROSS JOIN LATERAL place(mine.e164) p
        LEFT JOIN pool_rule r ON r.pool = p.pool AND r.owner = p.owner)
    UPDATE number SET state = 'quarantined', held_until = now() + resting.quarantine, since = now()
    FROM resting WHERE number.e164 = resting.e164 RETURNING number.e164"""
_RESTS = """
    SELECT n.e164, now() + coalesce(r.quarantine, $2::interval) AS rest
    FROM unnest($1::bigint[]) AS n(e164) CROSS JOIN LATERAL place(n.e164) p
    LEFT JOIN pool_rule r ON r.pool = p.pool AND r.owner = p.owner"""
_REST = _resting("number", "e164", "AND owner_kind = 'order'")
_REST_SPANS = _resting("span", "first")

# A reclaimed number whose hold is over rests on; everything else is free, and what is lent and has rested is its
# lender's again.
_OVER = """
    WITH over AS (
        SELECT e164, state, rests_until FROM number WHERE held_until < now() ORDER BY held_until LIMIT $1
        FOR UPDATE SKIP LOCKED),
    rest AS (
        UPDATE number SET state = 'quarantined', held_until = over.rests_until, rests_until = NULL, since = now()
        FROM over WHERE number.e164 = over.e164 AND over.rests_until IS NOT NULL),
    gone AS (
        DELETE FROM number USING over WHERE number.e164 = over.e164 AND over.rests_until IS NULL
        RETURNING number.e164, over.state)
    SELECT gone.e164, p.lent, gone.state = 'quarantined' AS rested
    FROM gone CROSS JOIN LATERAL place(gone.e164) p"""
_SPANS_OVER = """
    WITH over AS (
        SELECT first FROM span WHERE held_until < now() ORDER BY held_until LIMIT $1 FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM span USING over WHERE span.first = over.first RETURNING span.first, span.last)
    SELECT g.e164, p.lent, true AS rested
    FROM gone CROSS JOIN LATERAL generate_series(gone.first, gone.last) AS g(e164)
    CROSS JOIN LATERAL place(g.e164) p"""

_LEAVING = """
    SELECT s.* FROM span s
    WHERE s.first IN (SELECT p.span FROM unnest($1::bigint[]) AS n(e164) CROSS JOIN LATERAL place(n.e164) p)
    ORDER BY s.first FOR UPDATE NOWAIT"""
_NO_SPAN = "DELETE FROM span WHERE first = ANY($1::bigint[])"
_SPAN = """
    INSERT INTO span (first, last, state, owner, reseller, held_until, since)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[],
                         $7::timestamptz[])"""


async def assign(db: Connection, numbers: Mapping[int, UUID]) -> set[int]:
    """Put each number in service for the order that holds it; those for which that was so."""
    ordered = sorted(numbers)
    assigned = {n for (n,) in await db.fetch(_ASSIGN, ordered, [numbers[n] for n in ordered])}
    db.gather(Locked).note(assigned)
    if missing := [n for n in ordered if n not in assigned]:
        assigned |= {n for (n,) in await db.fetch(_IN_SPANS, missing, [numbers[n] for n in missing])}
    else:
        await _to_spans(db, numbers)
    return assigned


async def _to_spans(db: Connection, numbers: Mapping[int, UUID]) -> None:
    by_owner: dict[UUID, list[int]] = {}
    for number in sorted(numbers):
        by_owner.setdefault(numbers[number], []).append(number)
    runs = [
        (first, last, owner)
        for owner, of_owner in by_owner.items()
        if len(of_owner) >= LONG
        for first, last in ranges(of_owner)
        if last - first + 1 >= LONG
    ]
    if runs:
        await db.execute(_TO_SPANS, *map(list, zip(*sorted(runs), strict=True)))


async def rest(db: Connection, owners: Iterable[UUID], quarantine: timedelta) -> None:
    """What is in service for these orders rests before anybody else may have it: as long as its pool says, else
    `quarantine`."""
    orders = sorted(owners)
    rows = await db.fetch(_REST, orders, quarantine)
    db.gather(Locked).note(row.e164 for row in rows)
    await db.execute(_REST_SPANS, orders, quarantine)


def came(changes: Iterable[OrderCompleted]) -> dict[int, UUID]:
    """The numbers that changes of services added, each with the change that holds it."""
    return {n: event.order_id for event in changes if event.change is not None for n in event.change.added}


def left(changes: Iterable[OrderCompleted]) -> dict[int, str]:
    """The numbers that left services, each with its reseller."""
    return {n: event.reseller for event in changes if event.change is not None for n in event.change.removed}


async def rest_numbers(db: Connection, numbers: Mapping[int, str], quarantine: timedelta) -> None:
    """Those of these numbers that are in service for these resellers rest, as long as their pools say, else
    `quarantine`. Spans are cut: what rests of one is a span again."""
    ordered = sorted(numbers)
    rows = await db.fetch(_REST_NUMBERS, ordered, [numbers[n] for n in ordered], quarantine)
    db.gather(Locked).note(row.e164 for row in rows)
    missing = sorted(numbers.keys() - {row.e164 for row in rows})
    spans = [s for s in await db.fetch(_LEAVING, missing) if s.state == "assigned"] if missing else []
    out = {s.first: [n for n in missing if s.first <= n <= s.last and numbers[n] == s.reseller] for s in spans}
    spans = [s for s in spans if out[s.first]]
    if not spans:
        return
    rest = {r.e164: r.rest for r in await db.fetch(_RESTS, [n for s in spans for n in out[s.first]], quarantine)}
    pieces = list[tuple[object, ...]]()
    for s in spans:
        stay = without(s.first, s.last, out[s.first])
        pieces += [(f, last, s.state, s.owner, s.reseller, None, s.since) for f, last in stay]
        resting = _alike(out[s.first], rest)
        pieces += [(f, last, "quarantined", s.owner, s.reseller, rest[f], datetime.now(UTC)) for f, last in resting]
    await db.execute(_NO_SPAN, [s.first for s in spans])
    await db.execute(_SPAN, *map(list, zip(*pieces, strict=True)))


def _alike(numbers: Iterable[int], rest: Mapping[int, datetime]) -> list[tuple[int, int]]:
    """Ranges of numbers that rest until the same time."""
    until: dict[datetime, list[int]] = {}
    for number in numbers:
        until.setdefault(rest[number], []).append(number)
    return [piece for of_time in until.values() for piece in ranges(of_time)]


async def leave_spans(db: Connection, numbers: Sequence[int]) -> None:
    """They have rows of their own now: the spans in which they rested are cut. Raises Overtaken if they are in none any
    more."""
    spans = await db.fetch(_LEAVING, numbers)
    out = {s.first: [n for n in numbers if s.first <= n <= s.last] for s in spans}
    if sum(map(len, out.values())) < len(numbers):
        raise Overtaken
    left = [(*piece, s) for s in spans for piece in without(s.first, s.last, out[s.first])]
    await db.execute(_NO_SPAN, list(out))
    if left:
        rows = [(f, last, s.state, s.owner, s.reseller, s.held_until, s.since) for f, last, s in left]
        await db.execute(_SPAN, *map(list, zip(*rows, strict=True)))


async def free_again(db: Connection, most: int) -> None:
    """Forget holds and quarantines that are over, at most so many numbers and so many spans."""
    over = [*await db.fetch(_OVER, most), *await db.fetch(_SPANS_OVER, max(1, most // 1_000))]
    if not over:
        return
    if back := sorted(row.e164 for row in over if row.rested and row.lent is not None):
        await lending.end_with_rest(db, ranges(back))
    db.gather(Changes).freed(row.e164 for row in over)


def without(first: int, last: int, numbers: Iterable[int]) -> list[tuple[int, int]]:
    """What is left of a range when these numbers leave it."""
    left, start = [], first
    for number in sorted(numbers):
        if start < number:
            left.append((start, number - 1))
        start = number + 1
    return [*left, (start, last)] if start <= last else left
