"""Choosing "n that match" from the index in this process. It is a moment behind the tables, which decide in the end.

Whoever chooses the lowest loses it to whoever chose it a moment earlier. So the faster this process chooses, the wider
is the window from whose lowest numbers it takes some, at a place at random: wider than twice what all take while the
index lags. At rest that is the lowest. Where the index knows too few, or strictly the lowest are wanted, it is asked
anew once it is level with the tables, so that what is not there is not looked for number by number. While it is too far
behind, the tables choose.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from numbers_service import unseen
from numbers_service.filters import matcher, only_prefix
from numbers_service.grading import IN_FORCE, Override
from numbers_service.index import BadFilter, PoolOf, cursor
from numbers_service.index import Wanted as Asked
from numbers_service.index.filters import compiled
from numbers_service.index.wanted import MOST
from numbers_service.matching import Choose, Wanted
from numbers_service.model import Criteria
from numbers_service.search import translating
from numbers_service.search.replica import Replica
from patchbay_chassis.database import Connection

WIDE = 4
"""The window is so many times what was tried within the last second: others are about as fast, the lag is shorter."""
WIDEST = 4_000
UNSEEN = 5.0
"""Seconds for which what was tried is not offered again: by then the index shows what became of it."""
RUNS = 4
"""Out of so many runs one is taken, when others may look for runs too."""
PAGES = 8
"""Looks into the index for one wish. What is not found by then is looked for once more."""
MOST_PAGES = 1_000
"""Looks into the index once it is level, of which each brings a run or ten thousand numbers."""
LOOKED = 20_000
"""Numbers that these looks bring together."""
MOST_NEWER = 50
"""Blocks that are read anew for one wish; where more have changed since, the tables choose."""


class Tried:
    """What this process tried lately."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._times: deque[tuple[float, tuple[int, ...]]] = deque()
        self._numbers: set[int] = set()

    def add(self, numbers: Collection[int]) -> None:
        """These now."""
        self._times.append((self._now(), tuple(numbers)))
        self._numbers.update(numbers)

    def unseen(self) -> AbstractSet[int]:
        """What the index may not show yet."""
        while self._times and self._times[0][0] < self._now() - UNSEEN:
            self._numbers.difference_update(self._times.popleft()[1])
        return self._numbers

    def within_a_second(self) -> int:
        """How many that was."""
        since = self._now() - 1
        return sum(len(numbers) for at, numbers in reversed(self._times) if at >= since)


class _Given:
    """What is not to be given: what was tried lately, which may be very much, and what this batch was given."""

    def __init__(self, lately: AbstractSet[int]) -> None:
        self._lately = lately
        self.now: set[int] = set()

    def __contains__(self, number: int) -> bool:
        return number in self._lately or number in self.now

    def isdisjoint(self, numbers: Collection[int]) -> bool:
        """Whether it has none of these."""
        return self._lately.isdisjoint(numbers) and self.now.isdisjoint(numbers)


class FromIndex:
    """Chooses from a replica's index while it is at most `bound` behind."""

    def __init__(
        self,
        replica: Replica,
        tables: Choose,
        bound: timedelta,
        *,
        now: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self._replica, self._tables, self._bound = replica, tables, bound.total_seconds()
        self._tried = Tried(now)
        self._chance = chance or random.Random()  # noqa: S311 - to be apart from others, not to be secret

    def tried(self, numbers: Collection[int]) -> None:
        self._tried.add(numbers)

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:
        if self._replica.freshness().age > self._bound:
            return await self._tables.candidates(db, wanted)
        given = _Given(self._tried.unseen())
        chosen = [self._chosen(one, given) for one in wanted]
        others = {number for found in chosen for number in found}
        for at, one in enumerate(wanted):
            if len(chosen[at]) < one.enough:
                others.difference_update(chosen[at])
                chosen[at] = await self._surely(db, one, others)
                others.update(chosen[at])
        return chosen

    async def _surely(self, db: Connection, one: Wanted, others: AbstractSet[int]) -> list[int]:
        """As many as there are by what the tables say, none of the others. Numbers that came free a moment ago may make
        a run with any, and the lowest with a prefix cost the tables little: these they choose themselves."""
        filter_, came = one.criteria.filter, await unseen.came_free(db, one.criteria)
        if (
            (came and _is_run(one))
            or (filter_.lowest and only_prefix(filter_))
            or not await self._is_level(db, one.criteria)
        ):
            (there,) = await self._tables.candidates(db, [one])
            free = [number for number in there if number not in others]
            return [] if _is_run(one) and len(free) < len(there) else free
        try:
            return await self._of_level(db, one, others, came)
        except BadFilter:
            return []

    async def _is_level(self, db: Connection, criteria: Criteria) -> bool:
        """Whether the index shows what the tables say of that pool, if need be because it looked again."""
        index = self._replica.index
        if index.graded.grading.rules != IN_FORCE.grading.rules:
            return False
        versions = await unseen.versions(db, criteria)
        newer = [first for first, version in versions if (index.version(first) or 0) < version]
        if len(newer) > MOST_NEWER:
            return False
        await self._replica.look_again(newer)
        return True

    async def _of_level(self, db: Connection, one: Wanted, others: AbstractSet[int], came: Sequence[Any]) -> list[int]:
        pages, looked = list[list[int]](), 0
        for page in self._pages(one, LOOKED, MOST_PAGES):
            pages.append(page)
            if (looked := looked + len(page)) >= LOOKED:
                break
        gone = others | await unseen.taken(db, [number for page in pages for number in page])
        if _is_run(one):
            return next((run for run in pages if gone.isdisjoint(run)), [])
        free = [number for page in pages for number in page if number not in gone]
        free += [number for number in self._matching(one, came) if number not in others]
        if one.criteria.filter.method != "random":
            free.sort()
        return free[: one.many]

    def _matching(self, one: Wanted, came: Sequence[Any]) -> list[int]:
        matches = matcher(one.criteria.filter)
        ranges = compiled(_asked(one, 1), self._replica.index.directory).ranges
        return [
            number
            for number, country, trunk, override in came
            if any(first <= number <= last for first, last in ranges)
            and matches(number, country, trunk, Override(*override) if override else None)
        ]

    def _chosen(self, one: Wanted, given: "_Given") -> list[int]:
        """As many as are wanted, if the index knows so many: they are given then."""
        if one.criteria.filter.lowest:
            return []
        try:
            found = self._run(one, given) if _is_run(one) else self._some(one, given)
        except BadFilter:
            return []
        given.now.update(found)
        return found

    def _some(self, one: Wanted, given: "_Given") -> list[int]:
        at_random = one.criteria.filter.method == "random"
        window = 0 if at_random else min(WIDE * self._tried.within_a_second(), WIDEST)
        pages = self._pages(one, one.many + window)
        free = list(islice((number for page in pages for number in page if number not in given), one.many + window))
        start = self._chance.randint(0, max(0, len(free) - one.many))
        return free[start : start + one.many]

    def _run(self, one: Wanted, given: "_Given") -> list[int]:
        several = min(1 + self._tried.within_a_second(), RUNS)
        runs = list(islice((run for run in self._pages(one, one.many) if given.isdisjoint(run)), several))
        return self._chance.choice(runs) if runs else []

    def _pages(self, one: Wanted, many: int, looks: int = PAGES) -> Iterator[list[int]]:
        """What the index finds; of runs each is a page."""
        index, asked = self._replica.index, _asked(one, min(one.many if _is_run(one) else many, MOST))
        for _ in range(looks):
            answer = index.run(asked, compiled(asked, index.directory))
            if len(answer.numbers):
                yield answer.numbers.tolist()
            if answer.position is None:
                return
            asked = replace(asked, cursor=cursor.write(asked, answer.position))


def _is_run(one: Wanted) -> bool:
    return one.criteria.filter.method == "run"


def _asked(one: Wanted, many: int) -> Asked:
    pool = PoolOf(one.criteria.pool, one.criteria.owner)
    return translating.wanted(one.criteria.filter, count=many, pools=(pool,))
