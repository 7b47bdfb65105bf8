"""What a search asks for and what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from numbers_service.index.blocks import PoolOf
from numbers_service.index.kernel import Numbers
from patchbay_contracts.words import Grade

Method = Literal["next", "random", "segments", "run"]
PUBLIC = PoolOf("public", "")
MOST = 10_000


class BadFilter(ValueError):
    """No number can ever match: the field, what is wrong with it, and what to do."""

    def __init__(self, field: str, message: str, remedy: str) -> None:
        super().__init__(f"{field}: {message}: {remedy}")
        self.field = field
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Wanted:
    """A search. Every filter goes with every method.

    pools: tried in this order; `random` draws from all of them alike.
    prefix: E.164 (+44121), with a trunk digit (0121), or digits alone; '' for any.
    grades: any of these; none for any.
    segments: groups of 1 to 8 digits that the national number contains, `in_order` one behind the other.
    pattern: a whole number with * for any digits and ? for one.
    aligned: the first number of a run is a multiple of it.
    also_pools: further pools that may be named when nothing is found.
    seed: of `random`: the same seed gives the same order; None for another one each time.
    """

    count: int = 1
    pools: Sequence[PoolOf] = (PUBLIC,)
    prefix: str = ""
    grades: frozenset[Grade] = frozenset()
    method: Method = "next"
    segments: Sequence[str] = ()
    in_order: bool = False
    ends_with: str = ""
    pattern: str = ""
    aligned: Literal[1, 10, 100] = 1
    cursor: str = ""
    exact_counts: bool = False
    also_pools: Sequence[PoolOf] = ()
    seed: int | None = None


class Row(NamedTuple):
    """A number that was found."""

    number: int
    grade: Grade
    rule: str
    pool: PoolOf


class Nearest(NamedTuple):
    """The smallest change of a filter that finds something: the field, its value then, the filter, and how many
    numbers match it, as far as they were counted."""

    field: str
    value: str
    wanted: Wanted
    total: int = 0


class Why(NamedTuple):
    """Why nothing was found: a code, the field that is to blame, and a sentence."""

    code: str
    field: str
    text: str


@dataclass(frozen=True)
class Found:
    """What was found: a number, a rule (a place in `names`) and a pool (a place in `pools`) per row.

    counts and pool_counts: free numbers that match the filter, by grade and by pool (for a run: numbers, not runs);
    exact: all were counted; otherwise there are at least so many. cursor: '' when there is nothing more.
    read_as: the E.164 prefixes that the prefix was taken for.
    """

    numbers: Numbers
    rules: Sequence[int]
    pool_of: Sequence[int]
    names: Sequence[tuple[Grade, str]]
    pools: Sequence[PoolOf]
    counts: Mapping[Grade, int]
    pool_counts: Mapping[PoolOf, int]
    exact: bool
    cursor: str
    read_as: Sequence[str]
    why: Why | None = None
    nearest: Nearest | None = field(default=None)

    @property
    def total(self) -> int:
        """How many match."""
        return sum(self.counts.values())

    def rows(self) -> Iterator[Row]:
        """The rows in full."""
        for number, rule, pool in zip(self.numbers.tolist(), self.rules, self.pool_of, strict=True):
            grade, name = self.names[rule]
            yield Row(number, grade, name, self.pools[pool])
