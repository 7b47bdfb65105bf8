"""What the lines of many orders would get of the free numbers, as the index shows them, by the policies of the lines.

No number is given to two lines. Lines that ask for the same are answered from one look into the index.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple, get_args

from numbers_service.filters import asked_of, is_taken, substitutes, within
from numbers_service.index import BadFilter, Index, PoolOf, Wanted
from numbers_service.index.wanted import MOST
from numbers_service.model import filter_of, owner_of
from numbers_service.search import translating
from patchbay_contracts.availability import AvailabilityQuery, GivenNumber, LineAvailability, WantedLine
from patchbay_contracts.numbers import Filter
from patchbay_contracts.order import Numbers
from patchbay_contracts.words import Grade, Pool

POOLS: tuple[Pool, ...] = get_args(Pool)
BREATH = 50
"""After so many lines others have their turn."""
PAGE, PAGES = 500, 40
"""Numbers in a look into the index, and looks for one filter."""
RUNS = 20
"""So many runs are looked at for one that no line before has."""


class _Source:
    """The numbers that match a filter in a pool, one after the other, the lowest first."""

    def __init__(self, index: Index, wanted: Wanted) -> None:
        self.total, self.at_least = 0, False
        self._index = index
        self._wanted = wanted
        self.numbers: Iterator[tuple[int, Grade]] = self._found()

    def look(self) -> "_Source":
        """The same, when its total is known."""
        self.give_back(list(islice(self.numbers, 1)))
        return self

    def give_back(self, numbers: Iterable[tuple[int, Grade]]) -> None:
        """These come first again."""
        self.numbers = chain(numbers, self.numbers)

    def _found(self) -> Iterator[tuple[int, Grade]]:
        wanted = self._wanted
        for page in range(PAGES):
            try:
                found = self._index.search(wanted)
            except BadFilter:
                return
            if not page:
                self.total, self.at_least = found.total, not found.exact
            for row in found.rows():
                yield row.number, row.grade
            if not found.cursor:
                return
            wanted = replace(wanted, cursor=found.cursor)


class _Pool(NamedTuple):
    """A filter in a pool."""

    filter: Filter
    pool: PoolOf


class Availability:
    """One question: what was given so far is not given again."""

    def __init__(self, index: Index, query: AvailabilityQuery) -> None:
        self._index = index
        self._query = query
        self._sources: dict[_Pool, _Source] = {}
        self._gone: set[int] = set()

    async def lines(self) -> list[LineAvailability]:
        """The answer to each line."""
        found = []
        for at, line in enumerate(self._query.lines):
            found.append(self._exact(line) if line.numbers.exact else self._matching(line))
            if at % BREATH == BREATH - 1:
                await asyncio.sleep(0)
        return found

    def _exact(self, line: WantedLine) -> LineAvailability:
        """The named numbers that are free in any pool that is open to the customer."""
        owners = ((kind, owner_of(kind, self._query.reseller, line.customer_id)) for kind in POOLS)
        pools = [PoolOf(kind, owner) for kind, owner in owners if owner is not None]
        given = []
        for number in line.numbers.exact:
            rows = self._index.search(Wanted(count=1, pools=pools, pattern=f"+{number}")).rows()
            given += [GivenNumber(e164=row.number, grade=row.grade) for row in rows if row.number not in self._gone]
        self._gone.update(one.e164 for one in given)
        lacking = len(line.numbers.exact) - len(given)
        return LineAvailability(total=len(given), given=tuple(given), missing=lacking)

    def _matching(self, line: WantedLine) -> LineAvailability:
        numbers = line.numbers
        owner = owner_of(numbers.pool, self._query.reseller, line.customer_id)
        if not numbers.count or owner is None:
            return LineAvailability(total=0, missing=numbers.count)
        pool, asked = PoolOf(numbers.pool, owner), filter_of(numbers)
        places = asked_of(asked, line.rules)
        firsts = [self._source(_Pool(one, pool), numbers.count) for one in places]
        others = within(substitutes(asked), line.rules) if numbers.policy == "substitute" else ()
        given, taken = list[GivenNumber](), list[tuple[_Source, list[tuple[int, Grade]]]]()
        for place, other in enumerate((*places, *others)):
            is_asked = place < len(places)
            source = firsts[place] if is_asked else self._source(_Pool(other, pool), numbers.count)
            found = self._taken(source, numbers, numbers.count - len(given))
            taken.append((source, found))
            instead = "" if is_asked else _difference(asked, other)
            given += [GivenNumber(e164=number, grade=grade, instead=instead) for number, grade in found]
            if len(given) == numbers.count:
                break
        if len(given) < numbers.count and not (numbers.policy == "available" and len(given) >= max(1, line.least)):
            self._gone.difference_update(one.e164 for one in given)
            for source, found in taken:
                source.give_back(found)
            given = []
        return LineAvailability(
            total=sum(first.total for first in firsts),
            at_least=any(first.at_least for first in firsts),
            given=tuple(given),
            missing=numbers.count - len(given),
            unwanted=tuple(one.e164 for one in given if not is_taken(one.e164, one.grade, line.rules)),
        )

    def _source(self, of: _Pool, count: int) -> _Source:
        """Runs are looked for anew: a line before may have had a part of the next."""
        is_run = of.filter.method == "run"
        if is_run or of not in self._sources:
            many = count if is_run else PAGE
            source = _Source(self._index, translating.wanted(of.filter, count=min(many, MOST), pools=(of.pool,))).look()
            if is_run:
                return source
            self._sources[of] = source
        return self._sources[of]

    def _taken(self, source: _Source, numbers: Numbers, many: int) -> list[tuple[int, Grade]]:
        """So many of them, if there are; of a run all or none."""
        if numbers.method == "run":
            found = self._run(source, numbers.count) if many == numbers.count else []
        else:
            found = list(islice((one for one in source.numbers if one[0] not in self._gone), many))
        self._gone.update(number for number, _ in found)
        return found

    def _run(self, source: _Source, many: int) -> list[tuple[int, Grade]]:
        for _ in range(RUNS):
            run = list(islice(source.numbers, many))
            if len(run) < many:
                return []
            if self._gone.isdisjoint(number for number, _ in run):
                return run
        return []


def _difference(asked: Filter, other: Filter) -> str:
    """What of the filter is another, in words."""
    changed = []
    if other.prefix != asked.prefix:
        changed.append(f"prefix {other.prefix}" if other.prefix else "any prefix")
    if other.grades != asked.grades or other.grade_at_least != asked.grade_at_least:
        changed.append(f"grade {', '.join(other.grades)}" if other.grades else "any grade")
    return ", ".join(changed)
