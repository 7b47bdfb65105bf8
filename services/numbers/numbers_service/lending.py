"""Numbers that are lent to another pool, and taken back: whole blocks, ranges or single ones, always as ranges.

A hold that began before numbers were lent may win one of them still: it is in use then, and back with its lender when
it has rested, as any other.
"""

from collections.abc import Sequence
from typing import Any, get_args

from numbers_service import inventory_log
from numbers_service.changes import Changes, columns
from numbers_service.inventory_log import Reason
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem
from patchbay_contracts.inventory import MOST_TOUCHED, Lend, SomeNumbers, TakeBack
from patchbay_contracts.inventory_answers import InUse, Lent, NotFree, TakenBack
from patchbay_contracts.v1.blocks import Range

RESTED = Reason("Patchbay", "rested after service")
"""Nobody asks for it."""

# Whoever changes what is lent does so alone: each change cuts ranges that others would cut too. Reading goes on.
_ALONE = "LOCK TABLE lent IN SHARE ROW EXCLUSIVE MODE"

# What is asked for, by what it is now. A span or a number stands in one of them, as do lent ranges.
_MEANT = """
    WITH wanted AS (
        SELECT coalesce(range_agg(int8range(w.first, w.last, '[]')), '{}') AS numbers
        FROM unnest($1::bigint[], $2::bigint[]) AS w(first, last)),
    piece AS MATERIALIZED (SELECT unnest(numbers) AS r FROM wanted),
    homes AS (
        SELECT DISTINCT b.first, b.last, b.pool, b.owner
        FROM piece JOIN block b ON int8range(b.first, b.last, '[]') && piece.r),
    blocks AS (
        SELECT coalesce(range_agg(int8range(first, last, '[]')), '{}') AS known,
               coalesce(range_agg(int8range(first, last, '[]')) FILTER (WHERE pool = $3 AND owner = $4), '{}') AS own
        FROM homes),
    loans AS (
        SELECT coalesce(range_agg(int8range(l.first, l.last, '[]')), '{}') AS lent,
               coalesce(range_agg(int8range(l.first, l.last, '[]')) FILTER (WHERE l.pool = $3 AND l.owner = $4), '{}')
                   AS here
        FROM piece JOIN lent l ON int8range(l.first, l.last, '[]') && piece.r),
    used AS (
        SELECT n.state, int8range(n.e164, n.e164, '[]') AS r
        FROM piece JOIN number n ON n.e164 >= lower(piece.r) AND n.e164 < upper(piece.r)
        UNION ALL
        SELECT s.state, int8range(s.first, s.last, '[]')
        FROM piece JOIN span s ON int8range(s.first, s.last, '[]') && piece.r),
    use AS (
        SELECT coalesce(range_agg(r), '{}') AS busy,
               coalesce(range_agg(r) FILTER (WHERE state = 'held'), '{}') AS held,
               coalesce(range_agg(r) FILTER (WHERE state = 'assigned'), '{}') AS assigned,
               coalesce(range_agg(r) FILTER (WHERE state = 'quarantined'), '{}') AS quarantined
        FROM used)"""
_TO_LEND = f"""
    {_MEANT},
    open AS (SELECT wanted.numbers * known - own - lent AS numbers FROM wanted, blocks, loans)
    SELECT open.numbers - use.busy AS lent, wanted.numbers * (own - lent + here) AS there_already,
           open.numbers * held AS held, open.numbers * assigned AS assigned, open.numbers * quarantined AS quarantined,
           wanted.numbers * (lent - here) AS lent_elsewhere, wanted.numbers - known AS unknown
    FROM wanted, blocks, loans, use, open"""
_TO_TAKE_BACK = f"""
    {_MEANT},
    loaned AS (SELECT wanted.numbers * lent AS numbers FROM wanted, loans)
    SELECT loaned.numbers AS lent, loaned.numbers - use.busy AS returned,
           loaned.numbers * held AS held, loaned.numbers * assigned AS assigned,
           loaned.numbers * quarantined AS quarantined,
           wanted.numbers - loaned.numbers AS not_lent
    FROM wanted, blocks, loans, use, loaned"""
# How many numbers that is: those that are asked for, and those of the blocks that they are in.
_TOUCHED = """
    WITH piece AS MATERIALIZED (
        SELECT unnest(range_agg(int8range(w.first, w.last, '[]'))) AS r
        FROM unnest($1::bigint[], $2::bigint[]) AS w(first, last)),
    asked AS (SELECT coalesce(sum(upper(r) - lower(r)), 0)::bigint AS many FROM piece),
    homes AS (
        SELECT DISTINCT b.first, b.last FROM asked, piece JOIN block b ON int8range(b.first, b.last, '[]') && piece.r
        WHERE asked.many <= $3)
    SELECT greatest(asked.many, (SELECT sum(last - first + 1) FROM homes))::bigint FROM asked"""
_BLOCKS = "SELECT first, last FROM block WHERE first = ANY($1::bigint[])"

# A lent range lies in one block.
_LEND = """
    INSERT INTO lent (first, last, pool, owner, who, why)
    SELECT greatest(w.first, b.first), least(w.last, b.last), $3, $4, $5, $6
    FROM unnest($1::bigint[], $2::bigint[]) AS w(first, last)
    JOIN block b ON int8range(b.first, b.last, '[]') && int8range(w.first, w.last, '[]')
    ORDER BY 1"""
_TAKE_BACK = """
    WITH back AS MATERIALIZED (
        SELECT range_agg(int8range(w.first, w.last, '[]')) AS numbers
        FROM unnest($1::bigint[], $2::bigint[]) AS w(first, last)),
    gone AS (
        DELETE FROM lent USING back WHERE int8range(lent.first, lent.last, '[]') && back.numbers
        RETURNING lent.*, back.numbers)
    INSERT INTO lent (first, last, pool, owner, since, who, why)
    SELECT lower(r), upper(r) - 1, pool, owner, since, who, why
    FROM gone CROSS JOIN unnest(int8multirange(int8range(first, last, '[]')) - gone.numbers) AS r ORDER BY 1"""
_HOMES = """
    SELECT DISTINCT b.first FROM unnest($1::bigint[], $2::bigint[]) AS w(first, last)
    JOIN block b ON int8range(b.first, b.last, '[]') && int8range(w.first, w.last, '[]')"""


async def lend(db: Connection, reason: Reason, asked: Lend) -> Lent:
    """Lend what is free and not lent elsewhere; what was lent, and what was not. Raises Problem."""
    to = asked.to
    meant, no_blocks = await _meant(db, asked)
    await _check(db, meant)
    await db.execute(_ALONE)
    (row,) = await db.fetch(_TO_LEND, *columns(meant), to.pool, to.owner)
    if lent := _ranges(row.lent):
        await db.execute(_LEND, *columns(lent), to.pool, to.owner, *reason)
        await _say(db, reason, f"lent to the {to.pool} pool {to.owner}".rstrip(), lent)
    return Lent(
        lent=lent,
        there_already=_ranges(row.there_already),
        not_free=_in_use(row),
        lent_elsewhere=_ranges(row.lent_elsewhere),
        unknown=(*_ranges(row.unknown), *no_blocks),
    )


async def take_back(db: Connection, reason: Reason, asked: TakeBack) -> TakenBack:
    """Lend no longer. What is in use stays so, and is free for its lender when it is free. Raises Problem."""
    meant, no_blocks = await _meant(db, asked)
    await _check(db, meant)
    await db.execute(_ALONE)
    (row,) = await db.fetch(_TO_TAKE_BACK, *columns(meant), "", "")
    if lent := _ranges(row.lent):
        await _end(db, lent)
        await _say(db, reason, "taken back", lent)
    return TakenBack(
        returned=_ranges(row.returned), when_free=_in_use(row), not_lent=(*_ranges(row.not_lent), *no_blocks)
    )


async def end_with_rest(db: Connection, numbers: Sequence[Range]) -> None:
    """Numbers that were lent have rested after service: they are their lenders' again."""
    await _end(db, numbers)
    await inventory_log.note_numbers(db, RESTED, "returned to the lender", numbers)


async def _end(db: Connection, numbers: Sequence[Range]) -> None:
    """These numbers leave the ranges that were lent; what is left of these stays lent."""
    await db.execute(_ALONE)
    await db.execute(_TAKE_BACK, *columns(numbers))


async def _meant(db: Connection, asked: SomeNumbers) -> tuple[list[Range], list[Range]]:
    """The numbers that are asked for; and those that are called blocks and are none."""
    known = {row.first: row.last for row in await db.fetch(_BLOCKS, sorted(asked.blocks))}
    meant = [*known.items(), *asked.ranges, *((number, number) for number in asked.numbers)]
    return meant, [(first, first) for first in sorted(set(asked.blocks) - known.keys())]


async def _check(db: Connection, meant: Sequence[Range]) -> None:
    """Before anybody has to wait. Raises Problem."""
    touched = await db.fetchval(_TOUCHED, *columns(meant), MOST_TOUCHED)
    if touched > MOST_TOUCHED:
        detail = (
            f"The blocks of these numbers have {touched:,} numbers in all. Ask for up to {MOST_TOUCHED:,} at a time."
        )
        raise Problem(422, "Too many numbers at once", detail, code="too_many_at_once")


async def _say(db: Connection, reason: Reason, what: str, numbers: Sequence[Range]) -> None:
    """Note it, and have the blocks stated anew, whose numbers may have been taken meanwhile."""
    await inventory_log.note_numbers(db, reason, what, numbers)
    db.gather(Changes).whole(row.first for row in await db.fetch(_HOMES, *columns(numbers)))


def _ranges(numbers: Sequence[Any]) -> tuple[Range, ...]:
    return tuple((one.lower, one.upper - 1) for one in numbers)


def _in_use(row: Any) -> tuple[NotFree, ...]:
    return tuple(NotFree(state=state, ranges=found) for state in get_args(InUse) if (found := _ranges(row[state])))
