"""The searches that are timed: what operators and programs ask for, with other digits each time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bench.search_data import POOLS, Inventory
from numbers_service.grading import GRADES
from numbers_service.index import Index, Wanted

Draw = np.random.Generator
GOOD = frozenset(GRADES[: GRADES.index("gold") + 1])
PLATINUM = frozenset(GRADES[:1])


@dataclass(frozen=True)
class Shape:
    """`make`: a search of this shape. `early`: among a million numbers it finds what it wants
    before it has looked far. `pages`: so many pages
    are gone through before the one that is timed."""

    name: str
    make: Callable[["Parts"], Wanted]
    early: bool = True
    pages: int = 0

    def searches(self, inventory: Inventory, many: int, index: Index | None = None) -> list[Wanted]:
        """So many, the same each time for this inventory. Cursors come from the index."""
        parts = Parts(inventory, np.random.default_rng((len(self.name), many)))
        found = [self.make(parts) for _ in range(many)]
        return [_deep(index, one, self.pages) for one in found] if index and self.pages else found


def _deep(index: Index, wanted: Wanted, pages: int) -> Wanted:
    """The search for the page behind so many."""
    many = index.search(replace(wanted, count=wanted.count * pages))
    return replace(wanted, cursor=many.cursor)


@dataclass(frozen=True)
class Parts:
    """What searches are put together from, drawn for an inventory."""

    inventory: Inventory
    rng: Draw

    def prefix(self, least: int = 5, most: int = 8) -> str:
        """E.164, of a slot that is there; so many digits of the number."""
        slot = int(self.rng.choice(self.inventory.slots))
        return f"+{str(slot)[: 2 + int(self.rng.integers(least, most))]}"

    def digits(self, many: int) -> str:
        """Some digits."""
        return "".join(map(str, self.rng.integers(0, 10, many).tolist()))

    def reseller(self) -> Any:
        """The pool of some reseller who has numbers."""
        lent = self.inventory.pool[self.inventory.pool > 0]
        return POOLS[int(self.rng.choice(lent))]


def _segments(*lengths: int, **more: Any) -> Callable[[Parts], Wanted]:
    return lambda parts: Wanted(
        count=20, method="segments", segments=tuple(parts.digits(length) for length in lengths), **more
    )


def _nothing(parts: Parts) -> Wanted:
    """Three segments of five digits need more than ten digits when none begins as another ends."""
    one = parts.digits(1)
    other = str((int(one) + 1) % 10)
    return Wanted(count=20, method="segments", segments=(one * 5, other * 5, f"{one}{other}{one}{one}{other}"))


def _plain(**more: Any) -> Callable[[Parts], Wanted]:
    """From the whole inventory; how many are wanted is all that can differ."""
    return lambda parts: Wanted(count=int(parts.rng.integers(15, 26)), **more)


def _run(count: int, **more: Any) -> Callable[[Parts], Wanted]:
    return lambda parts: Wanted(count=count + int(parts.rng.integers(3)), method="run", **more)


def _silver(parts: Parts) -> Wanted:
    return Wanted(count=int(parts.rng.integers(15, 26)), grades=frozenset(["silver"]))


SHAPES = (
    Shape("next, prefix", lambda p: Wanted(count=20, prefix=p.prefix())),
    Shape("next, whole inventory", _plain()),
    Shape("gold or better, prefix", lambda p: Wanted(count=20, prefix=p.prefix(3, 5), grades=GOOD)),
    Shape("platinum anywhere", _plain(grades=PLATINUM)),
    Shape("random, whole inventory", _plain(method="random")),
    Shape(
        "random, prefix and grade",
        lambda p: Wanted(count=20, prefix=p.prefix(3, 5), grades=GOOD, method="random"),
    ),
    Shape("contains 2 digits", _segments(2)),
    Shape("contains 4 digits", _segments(4)),
    Shape("contains 6 digits", _segments(6), early=False),
    Shape("two segments, any order", _segments(3, 2), early=False),
    Shape("two segments, in order", _segments(3, 2, in_order=True), early=False),
    Shape("ends with 4 digits", lambda p: Wanted(count=20, method="segments", ends_with=p.digits(4))),
    Shape("pattern 0121 7xx *dd*", lambda p: Wanted(count=20, pattern=f"0121 7{p.digits(2)} *{p.digits(2)}*")),
    Shape("pattern *dd?dd*", lambda p: Wanted(count=20, pattern=f"0*{p.digits(2)}?{p.digits(2)}*"), early=False),
    Shape("run of 10", lambda p: Wanted(count=10, method="run", prefix=p.prefix(3, 5))),
    Shape("run of 10, whole inventory", _run(10)),
    Shape("run of 100, aligned", _run(98, aligned=100)),
    Shape("a reseller's pool", lambda p: Wanted(count=20, pools=(p.reseller(),))),
    Shape("1,000 rows, prefix", lambda p: Wanted(count=1_000, prefix=p.prefix(3, 5))),
    Shape("page 51, silver", _silver, pages=50),
    Shape("nothing matches", _nothing, early=False),
)
