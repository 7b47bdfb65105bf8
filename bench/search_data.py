"""An inventory for the search bench, the same each time: slots of 10,000 numbers in areas of a million.

53 % of the numbers are free and 80 % are public, the rest belongs to 200 resellers. A slot is one block of 10,000 or
ten of 1,000. One block in ten has never been sold from, the others have been to all degrees, at random; one number in
10,000 has a grade of its own. Grades are by the default rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numbers_service.grading import DEFAULT, GRADES, Override
from numbers_service.index import BlockState, Index, PoolOf

Numbers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint8]

SLOT = 10_000
BLOCK = 1_000
SEED = 20_260
COUNTRY, TRUNK = "44", "0"
BIRMINGHAM = 441217
RESELLERS = 200
PUBLIC = PoolOf("public", "")
POOLS = (PUBLIC, *(PoolOf("reseller", f"reseller-{n:03}") for n in range(RESELLERS)))
OVERRIDE = Override("gold", "asked for by name")


@dataclass(frozen=True)
class Inventory:
    """`free`: a bit per number, a row per slot; `pool`: a place in POOLS per 1,000 numbers; `whole`: the slot is one
    block; `overrides`: numbers, ascending, all of which are gold."""

    slots: Numbers
    free: Bits
    pool: npt.NDArray[np.int16]
    whole: npt.NDArray[np.bool_]
    overrides: Numbers

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return len(self.slots) * SLOT

    def areas(self) -> Numbers:
        """The areas' prefixes, E.164 without +, of six digits."""
        return np.unique(self.slots // (10**6))

    def blocks(self) -> Iterator[BlockState]:
        """As the index takes them."""
        overrides = self.overrides.tolist()
        by_block: dict[int, dict[int, Override]] = {}
        for number in overrides:
            by_block.setdefault(number // BLOCK, {})[number] = OVERRIDE
        for at, first in enumerate(self.slots.tolist()):
            size = SLOT if self.whole[at] else BLOCK
            for start in range(0, SLOT, size):
                chunks = range((first + start) // BLOCK, (first + start + size) // BLOCK)
                graded = {n: o for chunk in chunks for n, o in by_block.get(chunk, {}).items()}
                free = {POOLS[self.pool[at, start // BLOCK]]: self.free[at, start // 8 : (start + size) // 8].tobytes()}
                yield BlockState(
                    first + start, first + start + size - 1, COUNTRY, TRUNK, f"Area {first // 10**6 % 10**4}", 1, free,
                    graded,
                )  # fmt: skip


def made(size: int) -> Inventory:
    """So many numbers, rounded to slots. Four of five slots of an area are in use."""
    rng = np.random.default_rng((SEED, size))
    many = max(2, size // SLOT)
    areas = _areas(rng, -(-many // 80))
    slots = np.concatenate([area * 10**6 + np.sort(rng.choice(100, 80, replace=False)) * SLOT for area in areas])
    slots = np.sort(slots)[:many]
    whole = rng.random(many) < 0.6
    pool = np.where(rng.random((many, 10)) < 0.8, 0, rng.integers(1, RESELLERS + 1, (many, 10))).astype(np.int16)
    density = np.where(rng.random((many, 10)) < 0.1, 1.0, rng.beta(2, 2.3, (many, 10)).clip(0.02, 0.98))
    pool[whole], density[whole] = pool[whole][:, :1], density[whole][:, :1]
    density *= 0.53 / density.mean()
    free = np.empty((many, SLOT // 8), np.uint8)
    for at in range(many):
        drawn = rng.random((10, BLOCK), np.float32) < density[at][:, None]
        free[at] = np.packbits(drawn.reshape(-1), bitorder="little")
    overrides = np.unique(slots[rng.integers(0, many, size // 10_000)] + rng.integers(0, SLOT, size // 10_000))
    return Inventory(slots, free, pool, whole, overrides)


def _areas(rng: np.random.Generator, many: int) -> Numbers:
    """Prefixes of six digits; Birmingham's is always among them."""
    others = np.setdiff1d(np.arange(441_110, 442_999), [BIRMINGHAM])
    return np.sort(np.append(rng.choice(others, max(1, many) - 1, replace=False), BIRMINGHAM))


def index_of(inventory: Inventory, at_once: int = 2_000) -> Index:
    """The index of it, filled as the authority's pages fill one."""
    index, page = Index(DEFAULT), []
    for block in inventory.blocks():
        page.append(block)
        if len(page) == at_once:
            index.put_many(page)
            page = []
    index.put_many(page)
    return index


def grades(numbers: Numbers, overrides: Numbers) -> npt.NDArray[np.uint8]:
    """The places of their grades in GRADES; numbers ascend."""
    by_rule = np.array([GRADES.index(grade) for grade, _ in DEFAULT.names], np.uint8)
    found: npt.NDArray[np.uint8] = by_rule[DEFAULT.table[numbers % 10**6]]
    at = np.searchsorted(numbers, overrides)
    there = at < len(numbers)
    at, overrides = at[there], overrides[there]
    found[at[numbers[at] == overrides]] = GRADES.index(OVERRIDE.grade)
    return found
