"""Numbers in service and at rest: assigned when their order completes, resting when it is taken back, free after that.

A long run of one order's numbers is a span, one row for all of them; it is cut where a block ends.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from numbers_service import lending
from numbers_service.changes import Changes, ranges
from patchbay_chassis.database import Connection

LONG = 100
"""From so many contiguous numbers on, a run is a span."""

_ASSIGN = """
    WITH wanted AS (
        SELECT * FROM unnest($1::bigint[], $2::uuid[]) AS w(e164, owner)),
    mine AS (
        SELECT number.e164 FROM number JOIN wanted USING (e164, owner)
        WHERE state <> 'quarantined' AND owner_kind = 'order'
        ORDER BY number.e164 FOR UPDATE OF number)
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
        WHERE owner = ANY($1::uuid[]) AND state = 'assigned' {also} ORDER BY {key} FOR UPDATE),
    resting AS (
        SELECT mine.{key}, coalesce(r.quarantine, $2::interval) AS quarantine
        FROM mine CROSS JOIN LATERAL place(mine.{key}) p
        LEFT JOIN pool_rule r ON r.pool = p.pool AND r.owner = p.owner)
    UPDATE {table} SET state = 'quarantined', held_until = now() + resting.quarantine, since = now()
    FROM resting WHERE {table}.{key} = resting.{key}"""


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

# Of a span that rests, the numbers that its last reseller asks for get rows of their own, and can be held by name.
_ASKED_FOR = """
    SELECT s.* FROM span s JOIN (
        SELECT DISTINCT p.span, w.reseller FROM unnest($1::bigint[], $2::text[]) AS w(e164, reseller)
        CROSS JOIN LATERAL place(w.e164) p) asked ON asked.span = s.first AND asked.reseller = s.reseller
    WHERE s.state = 'quarantined' ORDER BY s.first FOR UPDATE OF s"""
_NO_SPAN = "DELETE FROM span WHERE first = ANY($1::bigint[])"
_SPAN = """
    INSERT INTO span (first, last, state, owner, reseller, held_until, since)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[],
                         $7::timestamptz[])"""
_RESTING = """
    INSERT INTO number (e164, state, owner, line, reseller, held_until, since)
    SELECT r.e164, 'quarantined', r.owner, 0, r.reseller, r.held_until, r.since
    FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
         AS r(e164, owner, reseller, held_until, since) ORDER BY r.e164"""


async def assign(db: Connection, numbers: Mapping[int, UUID]) -> set[int]:
    """Put each number in service for the order that holds it; those for which that was so."""
    ordered = sorted(numbers)
    assigned = {n for (n,) in await db.fetch(_ASSIGN, ordered, [numbers[n] for n in ordered])}
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
    await db.execute(_REST, orders, quarantine)
    await db.execute(_REST_SPANS, orders, quarantine)


async def out_of_spans(db: Connection, wanted: Mapping[int, str]) -> list[int]:
    """Numbers that rest within spans, each wanted by a reseller: those that it had last rest by themselves now."""
    asked = sorted(wanted)
    spans = await db.fetch(_ASKED_FOR, asked, [wanted[n] for n in asked])
    if not spans:
        return []
    out = {s.first: [n for n in asked if s.first <= n <= s.last and wanted[n] == s.reseller] for s in spans}
    left = [(*piece, s) for s in spans for piece in without(s.first, s.last, out[s.first])]
    await db.execute(_NO_SPAN, list(out))
    if left:
        rows = [(f, last, s.state, s.owner, s.reseller, s.held_until, s.since) for f, last, s in left]
        await db.execute(_SPAN, *map(list, zip(*rows, strict=True)))
    single = [(n, s.owner, s.reseller, s.held_until, s.since) for s in spans for n in out[s.first]]
    await db.execute(_RESTING, *map(list, zip(*single, strict=True)))
    return [number for number, *_ in single]


async def free_again(db: Connection, most: int) -> None:
    """Forget holds and quarantines that are over, at most so many numbers and so many spans."""
    over = [*await db.fetch(_OVER, most), *await db.fetch(_SPANS_OVER, max(1, most // 1_000))]
    if not over:
        return
    if back := sorted(row.e164 for row in over if row.rested and row.lent is not None):
        await lending.end(db, ranges(back))
    db.gather(Changes).freed(row.e164 for row in over)


def without(first: int, last: int, numbers: Iterable[int]) -> list[tuple[int, int]]:
    """What is left of a range when these numbers leave it."""
    left, start = [], first
    for number in sorted(numbers):
        if start < number:
            left.append((start, number - 1))
        start = number + 1
    return [*left, (start, last)] if start <= last else left
