"""Choosing "n that match" from the index in this process. It is a moment behind the tables, which decide in the end.

Whoever chooses the lowest loses it to whoever chose it a moment earlier. So the faster this process chooses, the wider
is the window from whose lowest numbers it takes some, at a place at random: wider than twice what all take while the
index lags. At rest that is the lowest. Where strictly the lowest is wanted, where the index knows too few, and while it
is too far behind, the tables choose.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from numbers_service.index import BadFilter, PoolOf, cursor
from numbers_service.index import Wanted as Asked
from numbers_service.index.filters import compiled
from numbers_service.index.wanted import MOST
from numbers_service.matching import Choose, Wanted
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
"""Looks into the index for one wish. What is not found by then the tables are asked for."""


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
        if short := [at for at, one in enumerate(wanted) if len(chosen[at]) < one.enough]:
            others = {number for found in chosen for number in found}
            there = await self._tables.candidates(db, [wanted[at] for at in short])
            for at, found in zip(short, there, strict=True):
                free = [number for number in found if number not in others]
                if not _is_run(wanted[at]):
                    chosen[at] = [*chosen[at], *free][: wanted[at].many]
                elif len(free) == len(found):
                    chosen[at] = free
        return chosen

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

    def _pages(self, one: Wanted, many: int) -> Iterator[list[int]]:
        """What the index finds; of runs each is a page."""
        index, asked = self._replica.index, _asked(one, min(many, MOST))
        for _ in range(PAGES):
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
