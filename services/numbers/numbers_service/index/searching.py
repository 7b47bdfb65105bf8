"""The methods of a search, over the shelves of the pools that are wanted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from secrets import randbits

import numpy as np

from numbers_service.grading import GRADES
from numbers_service.index import cursor, kernel
from numbers_service.index.cursor import Position
from numbers_service.index.filters import Compiled
from numbers_service.index.kernel import DRAWN, Numbers
from numbers_service.index.reading import behind
from numbers_service.index.shelf import Shelf
from numbers_service.index.wanted import MOST, Wanted

BUDGET = 1_024
"""Chunks with digits to look through once enough are found: what one more million numbers costs."""
ALL = 2**62


class Buffers:
    """Memory for one search at a time."""

    def __init__(self) -> None:
        self.number = np.zeros(MOST, np.int64)
        self.rule = np.zeros(MOST, np.uint16)
        self.drawn = np.zeros(MOST, DRAWN)
        self.few = np.zeros(16, np.int64)
        self.a_number, self.a_rule = self.number.ctypes.data, self.rule.ctypes.data
        self.a_drawn, self.a_counts = self.drawn.ctypes.data, self.few.ctypes.data
        self.a_exact, self.a_longest = self.a_counts + 64, self.a_counts + 80


@dataclass
class Answer:
    """What the shelves gave: rows, numbers by grade per pool, whether all were counted, where to go on."""

    numbers: Numbers
    rules: Sequence[int]
    pool_of: Sequence[int]
    counts: list[list[int]]
    exact: bool
    position: Position | None
    longest: tuple[int, int] = (-1, 0)


@dataclass
class Search:
    """One search, for one filter; `grades` is the address of how numbers are graded."""

    wanted: Wanted
    filter: Compiled
    shelves: Sequence[Shelf | None]
    grades: int
    memory: Buffers
    exact: bool = True
    counts: list[list[int]] = field(default_factory=list)

    def answer(self) -> Answer:
        """Run it. Raises BadFilter for a cursor that is not this filter's."""
        position = cursor.read(self.wanted)
        match self.wanted.method:
            case "run":
                return self._run(position)
            case "random":
                return self._random(position)
            case _:
                return self._next(position)

    def _scan(self, shelf: Shelf, filter_: int, want: int, at: int = 0, *, count: bool = True) -> tuple[int, list[int]]:
        """Up to `want` numbers from place `at` of the buffers on, and the counts by grade."""
        m = self.memory
        budget = 0 if not count else ALL if self.wanted.exact_counts else BUDGET
        found = kernel.scan(
            self.grades, filter_, shelf.address, want, budget, m.a_number + 8 * at, m.a_rule + 2 * at, m.a_counts,
            m.a_exact,
        )  # fmt: skip
        few: list[int] = m.few[:9].tolist()
        if count:
            self.exact = self.exact and bool(few[8])
        return found, few[:5]

    def _next(self, position: Position | None) -> Answer:
        whole = self.filter.shared()
        found, ends = 0, []
        for at, shelf in enumerate(self.shelves):
            counts = [0] * len(GRADES)
            want = self.wanted.count - found
            if shelf is None or (position and at < position.pool):
                counts = self._scan(shelf, whole, 0)[1] if shelf else counts
            elif position and at == position.pool:
                rest = self.filter.shared(behind(self.filter.ranges, position.number))
                found += self._scan(shelf, rest, want, found, count=False)[0]
                counts = self._scan(shelf, whole, 0, found)[1]
            else:
                more, counts = self._scan(shelf, whole, want, found)
                found += more
            ends.append(found)
            self.counts.append(counts)
        pool_of = [at for at, end in enumerate(ends) for _ in range(end - (ends[at - 1] if at else 0))]
        numbers = self.memory.number[:found].copy()
        more_at = Position(pool_of[-1], int(numbers[-1])) if found == self.wanted.count else None
        return Answer(numbers, self.memory.rule[:found].tolist(), pool_of, self.counts, self.exact, more_at)

    def _run(self, position: Position | None) -> Answer:
        want, m, whole = self.wanted.count, self.memory, self.filter.shared()
        first, pool, longest = -1, 0, (-1, 0)
        for at, shelf in enumerate(self.shelves):
            self.counts.append(self._scan(shelf, whole, 0)[1] if shelf else [0] * len(GRADES))
            if first >= 0 or shelf is None or (position and at < position.pool):
                continue
            rest = whole
            if position and at == position.pool:
                rest = self.filter.shared(behind(self.filter.ranges, position.number))
            first = kernel.run(self.grades, rest, shelf.address, want, self.wanted.aligned, m.a_longest)
            pool = at
            there = (int(m.few[10]), int(m.few[11]))
            longest = max(longest, there, key=lambda one: one[1])
        if first < 0:
            return Answer(m.number[:0].copy(), [], [], self.counts, self.exact, None, longest)
        shelf = self.shelves[pool]
        assert shelf is not None
        self._scan(shelf, self.filter.shared(((first, first + want - 1),)), want, count=False)
        rules = m.rule[:want].tolist()
        ends = Position(pool, first + want - 1)
        return Answer(m.number[:want].copy(), rules, [pool] * want, self.counts, self.exact, ends)

    def _random(self, position: Position | None) -> Answer:
        seed = position.seed if position else randbits(63) if self.wanted.seed is None else self.wanted.seed
        behind = float(np.uint64(position.number).view(np.float64)) if position else 0.0
        whole = self.filter.shared()
        self.counts = [self._scan(shelf, whole, 0)[1] if shelf else [0] * len(GRADES) for shelf in self.shelves]
        enough = self._reach(behind)
        held = self._draw(whole, seed, behind, enough)
        if held < self.wanted.count and enough < math.inf:
            held = self._draw(whole, seed, behind, math.inf)
        drawn = self.memory.drawn[:held]
        drawn = drawn[np.argsort(drawn["place"])]
        last = int(drawn["place"][-1:].view(np.uint64)[0]) if held == self.wanted.count else None
        ends = None if last is None else Position(0, last, seed)
        rows = drawn["number"].copy(), drawn["rule"].tolist(), drawn["pool"].tolist()
        return Answer(*rows, self.counts, self.exact, ends)

    def _reach(self, behind: float) -> float:
        """The place below which there are almost surely as many numbers as are wanted. Places are distributed
        exponentially, and at least so many numbers match."""
        want, left = self.wanted.count, sum(map(sum, self.counts)) * math.exp(-behind)
        ample = want + 3 * math.sqrt(want) + 4
        return behind - math.log1p(-ample / left) if ample < left else math.inf

    def _draw(self, whole: int, seed: int, behind: float, below: float) -> int:
        """Numbers with the lowest places from `behind` to `below` into the buffers, out of all pools; how many."""
        held, m = 0, self.memory
        for at, shelf in enumerate(self.shelves):
            if shelf is not None:
                held = kernel.sample(
                    self.grades, whole, shelf.address, seed, behind, below, self.wanted.count, held, at, m.a_drawn
                )
        return held
