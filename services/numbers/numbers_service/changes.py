"""What a transaction changes in the inventory, gathered until its end: then each block's version is counted on, once,
and one message says what became of the block."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from numbers_service import picture
from numbers_service.index import PoolOf
from patchbay_chassis.database import Connection, Overtaken
from patchbay_contracts.v1.blocks import BlockChanged, BlockMessage, Freed, Range, Regraded


def _meeting(table: str) -> str:
    """The rows of ranges that have numbers of the range `r`: one begins before it at the most, the others within."""
    return f"""
        SELECT * FROM (SELECT first, last FROM {table} WHERE first <= r.first ORDER BY first DESC LIMIT 1) before
        WHERE last >= r.first
        UNION ALL SELECT first, last FROM {table} WHERE first > r.first AND first <= r.last"""


# The blocks are locked in order, all at once and last of all. They are named by an array: of a subquery, PostgreSQL may
# forget those that somebody else changed while this waited for the lock. A number that was taken may meanwhile have
# gone into a span without ever having been free: its row was deleted while ours waited to be written. That is looked up
# span by span (hence LIMIT): joined, PostgreSQL begins with all numbers.
_COUNT_ON = f"""
    WITH touched AS (
        SELECT b.first, bool_or(r.back) AS back
        FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS r(first, last, back)
        CROSS JOIN LATERAL ({_meeting("block")}) b GROUP BY b.first),
    mine AS (
        SELECT first FROM block WHERE first = ANY(ARRAY(SELECT first FROM touched) || $4::bigint[])
        ORDER BY first FOR UPDATE)
    UPDATE block SET version = version + (t.back IS NOT NULL)::int,
                     full_since = CASE WHEN t.back THEN NULL ELSE full_since END
    FROM mine LEFT JOIN touched t ON t.first = mine.first WHERE block.first = mine.first
    RETURNING block.first, block.last, block.version, t.back IS NOT NULL AS changed,
        EXISTS (SELECT FROM unnest($5::bigint[], $6::bigint[]) AS r(first, last)
                CROSS JOIN LATERAL ({_meeting("span")}) s
                CROSS JOIN LATERAL (
                    SELECT FROM number WHERE e164 BETWEEN greatest(r.first, s.first) AND least(r.last, s.last) LIMIT 1
                ) n) AS spanned"""

# Its own statement, to see what was given back before the blocks were locked.
_FULL = """
    UPDATE block SET full_since = now()
    WHERE first = ANY($1::bigint[]) AND NOT EXISTS (
        SELECT FROM generate_series(block.first, block.last) AS g(e164) CROSS JOIN LATERAL place(g.e164) p
        WHERE p.lent IS NULL AND p.span IS NULL AND NOT EXISTS (SELECT FROM number n WHERE n.e164 = g.e164))"""


class Changes:
    """Gathers what happens to numbers (`db.gather(Changes)`). What is taken and freed again says nothing."""

    def __init__(self) -> None:
        self._is_free: dict[int, bool] = {}
        self._was_free: dict[int, bool] = {}
        self._regraded: dict[int, Regraded] = {}
        self._whole: set[int] = set()
        self._full: set[int] = set()

    def taken(self, numbers: Iterable[int]) -> None:
        """They were free, and are not any more. Who holds or has them, and who takes them over, is nobody's news."""
        for number in numbers:
            self._was_free.setdefault(number, True)
            self._is_free[number] = False

    def freed(self, numbers: Iterable[int]) -> None:
        """They were not free, and are now: in which pool is looked up when their blocks are locked."""
        for number in numbers:
            self._was_free.setdefault(number, False)
            self._is_free[number] = True

    def came_free(self) -> list[int]:
        """What is free now, and was not."""
        return [number for number, is_free in self._is_free.items() if is_free and not self._was_free[number]]

    def forget(self) -> None:
        """None was taken or freed after all."""
        self._is_free, self._was_free = {}, {}

    def regraded(self, numbers: Iterable[Regraded]) -> None:
        """Their grades are stated from now on, or decided by the rules again."""
        self._regraded |= {one.e164: one for one in numbers}

    def whole(self, blocks: Iterable[int]) -> None:
        """New blocks, or blocks of which much changed, such as who may draw from them: they are stated anew."""
        self._whole.update(blocks)

    def full(self, blocks: Iterable[int]) -> None:
        """Blocks in which nothing free was found in the block's own pool: not to be searched until a number comes
        back. Looked at once more before it is believed."""
        self._full.update(blocks)

    async def close_up(self, db: Connection) -> list[BlockMessage]:
        """Count the versions on; what changed, a message a block. Raises Overtaken if a number that was taken is in
        service within a span meanwhile: done again, that is seen."""
        now = {n: is_free for n, is_free in self._is_free.items() if is_free is not self._was_free[n]}
        back = dict.fromkeys(self._regraded, False) | now | dict.fromkeys(self._whole, True)
        if not back and not self._full:
            return []
        gone, come = (ranges(sorted(n for n in back if back[n] is comes)) for comes in (False, True))
        is_back = [False] * len(gone) + [True] * len(come)
        taken = ranges(sorted(n for n, is_free in now.items() if not is_free))
        rows = await db.fetch(_COUNT_ON, *columns([*gone, *come]), is_back, sorted(self._full), *columns(taken))
        if any(row.spanned for row in rows):
            raise Overtaken
        freed = [n for n, is_free in now.items() if is_free]
        places = await picture.places(db, freed) if freed else {}
        if self._full:
            await db.execute(_FULL, sorted(self._full))
        stated = [one.stated() for one in await picture.of(db, list(self._whole))] if self._whole else []
        changed = [row for row in rows if row.changed and row.first not in self._whole]
        return [*stated, *self._changed(changed, now, places)]

    def _changed(
        self, rows: Sequence[Any], now: Mapping[int, bool], places: Mapping[int, PoolOf]
    ) -> list[BlockChanged]:
        numbers = _by_block(now, rows)
        regraded = _by_block(self._regraded, rows)
        return [
            BlockChanged(
                block=row.first,
                version=row.version,
                taken=ranges(n for n in numbers[row.first] if not now[n]),
                freed=_freed({n: places[n] for n in numbers[row.first] if now[n]}),
                regraded=tuple(self._regraded[n] for n in regraded[row.first]),
            )
            for row in sorted(rows, key=attrgetter("first"))
        ]


def _by_block(numbers: Iterable[int], rows: Sequence[Any]) -> dict[int, list[int]]:
    """The numbers in order, by the first number of their block."""
    blocks = sorted((row.first, row.last) for row in rows)
    found: dict[int, list[int]] = {first: [] for first, _ in blocks}
    for number in sorted(numbers):
        at = bisect_right(blocks, (number + 1,)) - 1
        if at >= 0 and number <= blocks[at][1]:
            found[blocks[at][0]].append(number)
    return found


def _freed(numbers: Mapping[int, PoolOf]) -> tuple[Freed, ...]:
    places: dict[PoolOf, list[int]] = {}
    for number, place in numbers.items():
        places.setdefault(place, []).append(number)
    return tuple(Freed(pool=place.kind, owner=place.owner, ranges=ranges(places[place])) for place in sorted(places))


def ranges(numbers: Iterable[int]) -> tuple[Range, ...]:
    """Ascending numbers as ranges, first and last included."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return tuple((first, last) for first, last in found)


def columns(ranges: Iterable[Range]) -> tuple[list[int], list[int]]:
    """The first numbers and the last numbers of ranges."""
    there = list(ranges)
    return [first for first, _ in there], [last for _, last in there]
