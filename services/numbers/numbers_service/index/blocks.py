"""Blocks: what the authority says about them, and the directory of those that the index holds."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from numbers_service.grading import Override
from patchbay_contracts.words import Pool

Range = tuple[int, int]
Free = bytes | Sequence[Range]
"""A block's free numbers: ranges (first, last), or a bit for each of its numbers, the lowest bit of a byte first."""


class PoolOf(NamedTuple):
    """A pool: ('public', ''), ('reseller', 'acme'), ('customer', 'acme/<uuid>')."""

    kind: Pool
    owner: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}"


class Place(NamedTuple):
    """Where a block's numbers are: calling code, trunk digits ('' if there are none), area."""

    country: str
    trunk: str
    area: str


@dataclass(frozen=True)
class BlockState:
    """All that is known of a block: which of its numbers are free in which pool, and the overrides in it."""

    first: int
    last: int
    country: str
    trunk: str
    area: str
    version: int
    free: Mapping[PoolOf, Free] = field(default_factory=dict)
    overrides: Mapping[int, Override] = field(default_factory=dict)


@dataclass(frozen=True)
class BlockChange:
    """What has changed in a block since the version before. A number that moves to another pool is freed there."""

    first: int
    version: int
    taken: Sequence[Range] = ()
    freed: Mapping[PoolOf, Sequence[Range]] = field(default_factory=dict)
    regraded: Mapping[int, Override | None] = field(default_factory=dict)


def check(block: BlockState) -> None:
    """Raises ValueError if no inventory can hold such a block; the text names the field and the remedy."""
    name = f"block {block.first}"
    if not 10**6 <= block.first <= block.last < 10**15 or len(str(block.first)) != len(str(block.last)):
        raise ValueError(f"{name}: last {block.last}: give two numbers of 7 to 15 digits, as long as each other")
    for number in (block.first, block.last):
        if not 1 <= len(block.country) <= 3 or not str(number).startswith(block.country):
            raise ValueError(f"{name}: country {block.country!r}: give the calling code that {number} begins with")
    for pool, free in block.free.items():
        if isinstance(free, bytes):
            if len(free) != (block.last - block.first + 8) // 8:
                raise ValueError(f"{name}: free of {pool}: {len(free)} bytes: give a bit for each of its numbers")
        else:
            within(block.first, block.last, free, f"free of {pool}")
    for number in block.overrides:
        within(block.first, block.last, [(number, number)], "overrides")


def within(first: int, last: int, ranges: Sequence[Range], what: str) -> None:
    """Raises ValueError for a range that is not in the block first..last."""
    for one in ranges:
        if not first <= one[0] <= one[1] <= last:
            raise ValueError(f"block {first}: {what}: {one[0]} to {one[1]}: give ranges between {first} and {last}")


class Directory:
    """The blocks, by first number: columns, because there may be a million."""

    def __init__(self) -> None:
        self.firsts, self.lasts, self.versions = array("q"), array("q"), array("q")
        self.placed, self.pooled = array("I"), array("I")
        self.places: list[Place] = []
        self.pool_sets: list[tuple[int, ...]] = []
        self._place_ids: dict[Place, int] = {}
        self._pool_set_ids: dict[tuple[int, ...], int] = {}
        self.lengths: set[int] = set()
        self.countries: dict[str, set[str]] = {}

    def restore(
        self, columns: "Sequence[array[int]]", places: list[Place], pool_sets: list[tuple[int, ...]], lengths: set[int]
    ) -> None:
        """All of it, as it once was."""
        self.firsts, self.lasts, self.versions, self.placed, self.pooled = columns
        self.places, self.pool_sets, self.lengths = places, pool_sets, lengths
        self._place_ids = {place: at for at, place in enumerate(places)}
        self._pool_set_ids = {pools: at for at, pools in enumerate(pool_sets)}
        for place in places:
            self.countries.setdefault(place.country, set()).add(place.trunk)

    def __len__(self) -> int:
        return len(self.firsts)

    def find(self, number: int) -> int | None:
        """The row of the block that a number is in."""
        at = bisect_right(self.firsts, number) - 1
        return at if at >= 0 and number <= self.lasts[at] else None

    def at(self, first: int) -> int:
        """The row of a block. Raises KeyError if it is not there."""
        at = bisect_right(self.firsts, first) - 1
        if at < 0 or self.firsts[at] != first:
            raise KeyError(first)
        return at

    def overlaps(self, first: int, last: int) -> bool:
        """Whether any block has numbers between these."""
        at = bisect_right(self.firsts, last) - 1
        return at >= 0 and self.lasts[at] >= first

    def check(self, block: BlockState) -> None:
        """Raises ValueError if the block does not go with those that are there."""
        at = bisect_right(self.firsts, block.first) - 1
        there = at >= 0 and self.firsts[at] == block.first
        if there and self.lasts[at] != block.last:
            raise ValueError(f"block {block.first}: last {block.last}: it ends at {self.lasts[at]} already")
        if not there and self.overlaps(block.first, block.last):
            raise ValueError(f"block {block.first}: another block has some of its numbers: load each number once")

    def put(self, block: BlockState, pools: tuple[int, ...]) -> None:
        """Add or replace a block that was checked."""
        at = bisect_right(self.firsts, block.first)
        if at and self.firsts[at - 1] == block.first:
            at -= 1
        else:
            for column, value in ((self.firsts, block.first), (self.lasts, block.last), (self.versions, 0)):
                column.insert(at, value)
            self.placed.insert(at, 0)
            self.pooled.insert(at, 0)
        self.versions[at] = block.version
        self.placed[at] = self._place(Place(block.country, block.trunk, block.area), len(str(block.first)))
        self.pooled[at] = self.pool_set(pools)

    def _place(self, place: Place, digits: int) -> int:
        self.lengths.add(digits)
        self.countries.setdefault(place.country, set()).add(place.trunk)
        if place not in self._place_ids:
            self._place_ids[place] = len(self.places)
            self.places.append(place)
        return self._place_ids[place]

    def pool_set(self, pools: tuple[int, ...]) -> int:
        """The number by which this set of pools is known."""
        if pools not in self._pool_set_ids:
            self._pool_set_ids[pools] = len(self.pool_sets)
            self.pool_sets.append(pools)
        return self._pool_set_ids[pools]

    def pools(self, at: int) -> tuple[int, ...]:
        """The pools that a block may have free numbers in."""
        return self.pool_sets[self.pooled[at]]

    def place(self, at: int) -> Place:
        """Where a block is."""
        return self.places[self.placed[at]]

    def __iter__(self) -> Iterator[int]:
        return iter(self.firsts)
