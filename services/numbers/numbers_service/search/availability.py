"""What the lines of many orders would get of the free numbers, as the index shows them, by the policies of the lines.

No number is given to two lines. Lines that ask for the same are answered from one look into the index.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple, get_args
from uuid import UUID

from numbers_service.filters import asked_of, is_taken, substitutes, within
from numbers_service.index import BadFilter, Index, PoolOf, Wanted
from numbers_service.index.wanted import MOST
from numbers_service.model import best_for_best, filter_of, owner_of
from numbers_service.search import translating
from patchbay_contracts.availability import AvailabilityQuery, GivenNumber, LineAvailability, Named, WantedLine
from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.numbers import Filter
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


class _Hunt(NamedTuple):
    """Where it was asked to look, what was taken from which source, and what is given of that."""

    asked: list[_Source]
    taken: list[tuple[_Source, list[tuple[int, Grade]]]]
    given: list[GivenNumber]


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
        """The named numbers that are free in any pool that is open to the customer, and what would replace others."""
        named = {one.e164: one for one in line.named}
        free = [self._free(number, line, named.get(number)) for number in line.numbers.exact]
        given = [one for one in free if one is not None]
        self._gone.update(one.e164 for one in given)
        there = {one.e164 for one in given}
        given += (instead := self._replaced(line, [one for one in line.named if one.e164 not in there]))
        return LineAvailability(
            total=len(there),
            given=tuple(given),
            missing=len(line.numbers.exact) - len(given),
            unwanted=_unwanted(instead, line.rules),
        )

    def _free(self, number: int, line: WantedLine, named: Named | None) -> GivenNumber | None:
        """The number, if the line would get it: where the authority said how it stands, by that."""
        if number in self._gone or (named is not None and named.gone):
            return None
        if named is not None:
            return GivenNumber(e164=number, grade=named.grade)
        pools = self._pools(POOLS, line.customer_id)
        rows = self._index.search(Wanted(count=1, pools=pools, pattern=f"+{number}")).rows()
        return next((GivenNumber(e164=row.number, grade=row.grade) for row in rows), None)

    def _pools(self, kinds: Iterable[Pool], customer: UUID | None) -> list[PoolOf]:
        """Those of these pools that are there for the line."""
        owners = ((kind, owner_of(kind, self._query.reseller, customer)) for kind in kinds)
        return [PoolOf(kind, owner) for kind, owner in owners if owner is not None]

    def _replaced(self, line: WantedLine, lost: Sequence[Named]) -> list[GivenNumber]:
        """What the line would get in place of these: all of them or nothing."""
        alike, hunts = dict[tuple[Filter, Pool], list[int]](), list[_Hunt]()
        for one in lost:
            alike.setdefault((Filter(prefix=one.prefix, grades=(one.grade,)), one.pool), []).append(one.e164)
        found = list[GivenNumber]()
        for (wanted, kind), numbers in alike.items():
            pools = self._pools((kind,), line.customer_id)
            hunts.append(hunt := self._hunt(wanted, pools, line.rules, len(numbers), with_substitutes=True))
            if len(hunt.given) < len(numbers):
                for before in hunts:
                    self._give_back(before)
                return []
            found += hunt.given
        others = {one.e164: one for one in found}
        pairs = best_for_best([one.e164 for one in lost], list(others))
        return [others[given].model_copy(update={"instead_of": number}) for number, given in pairs.items()]

    def _matching(self, line: WantedLine) -> LineAvailability:
        numbers = line.numbers
        pools, by_policy = self._pools(numbers.drawn_from, line.customer_id), numbers.policy == "substitute"
        if not numbers.count or not pools:
            return LineAvailability(total=0, missing=numbers.count)
        hunt = self._hunt(filter_of(numbers), pools, line.rules, numbers.count, with_substitutes=by_policy)
        given = hunt.given
        if len(given) < numbers.count and not (numbers.policy == "available" and len(given) >= max(1, line.least)):
            self._give_back(hunt)
            given = []
        return LineAvailability(
            total=sum(source.total for source in hunt.asked),
            at_least=any(source.at_least for source in hunt.asked),
            given=tuple(given),
            missing=numbers.count - len(given),
            unwanted=_unwanted(given, line.rules),
        )

    def _hunt(
        self, asked: Filter, pools: Sequence[PoolOf], rules: NumberRules | None, many: int, *, with_substitutes: bool
    ) -> "_Hunt":
        """So many, where that was asked for, and then where it was not."""
        places = [_Pool(one, pool) for pool in pools for one in asked_of(asked, rules)]
        hunt = _Hunt([self._source(place, many) for place in places], [], [])
        others = within(substitutes(asked), rules) if with_substitutes else ()
        elsewhere = (
            (self._source(_Pool(other, pool), many), _difference(asked, other)) for other in others for pool in pools
        )
        for source, instead in chain(((source, "") for source in hunt.asked), elsewhere):
            lacking = many - len(hunt.given)
            if asked.method == "run":
                found = self._run(source, many)
            else:
                found = list(islice((one for one in source.numbers if one[0] not in self._gone), lacking))
            self._gone.update(number for number, _ in found)
            hunt.taken.append((source, found))
            hunt.given.extend(GivenNumber(e164=number, grade=grade, instead=instead) for number, grade in found)
            if len(hunt.given) == many:
                break
        return hunt

    def _give_back(self, hunt: "_Hunt") -> None:
        self._gone.difference_update(one.e164 for one in hunt.given)
        for source, found in hunt.taken:
            source.give_back(found)

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

    def _run(self, source: _Source, many: int) -> list[tuple[int, Grade]]:
        for _ in range(RUNS):
            run = list(islice(source.numbers, many))
            if len(run) < many:
                return []
            if self._gone.isdisjoint(number for number, _ in run):
                return run
        return []


def _unwanted(given: Iterable[GivenNumber], rules: NumberRules | None) -> tuple[int, ...]:
    """Those that the service does not take."""
    return tuple(one.e164 for one in given if not is_taken(one.e164, one.grade, rules))


def _difference(asked: Filter, other: Filter) -> str:
    """What of the filter is another, in words."""
    changed = []
    if other.prefix != asked.prefix:
        changed.append(f"prefix {other.prefix}" if other.prefix else "any prefix")
    if other.grades != asked.grades or other.grade_at_least != asked.grade_at_least:
        changed.append(f"grade {', '.join(other.grades)}" if other.grades else "any grade")
    return ", ".join(changed)
