"""What messages say about blocks, and what filters ask, as the index takes it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from numbers_service.filters import named_grades
from numbers_service.grading import DEFAULT, Grading, Override
from numbers_service.index import BlockChange, BlockState, PoolOf, Wanted
from patchbay_contracts.numbers import Filter
from patchbay_contracts.v1.blocks import BlockChanged, BlockStated, GradesDeclared, Range


def state(stated: BlockStated) -> BlockState:
    """A whole block."""
    size = stated.last - stated.block + 1
    return BlockState(
        first=stated.block,
        last=stated.last,
        country=stated.country,
        trunk=stated.trunk,
        area=stated.area,
        version=stated.version,
        free={PoolOf(one.pool, one.owner): _bits(stated.block, size, one.ranges) for one in stated.freed},
        overrides={one.e164: Override(one.grade, one.reason) for one in stated.regraded if one.grade is not None},
    )


def change(changed: BlockChanged) -> BlockChange:
    """What has changed in a block."""
    return BlockChange(
        first=changed.block,
        version=changed.version,
        taken=changed.taken,
        freed={PoolOf(one.pool, one.owner): one.ranges for one in changed.freed},
        regraded={one.e164: Override(one.grade, one.reason) if one.grade else None for one in changed.regraded},
    )


def grading(declared: GradesDeclared) -> Grading:
    """The rules that grade from now on; where none were ever declared, those in the code. Raises ValueError."""
    if not declared.rules and declared.version < 1:
        return DEFAULT
    return Grading(declared.rules)


def wanted(asked: Filter, *, count: int, pools: Sequence[PoolOf], **more: Any) -> Wanted:
    """So many numbers of these pools that match; `more` is what the index is asked for besides."""
    return Wanted(
        count=count,
        pools=pools,
        prefix=asked.prefix,
        grades=frozenset(named_grades(asked)),
        method=asked.method,
        segments=asked.segments,
        in_order=asked.in_order,
        ends_with=asked.ends_with or "",
        pattern=asked.pattern,
        aligned=asked.aligned,
        **more,
    )


def _bits(first: int, size: int, ranges: Sequence[Range]) -> bytes:
    """A bit for each number. A block may have thousands of ranges, and each alone costs as much as all in this way.
    Raises ValueError for a range that is not in the block."""
    borders = np.array(ranges, dtype=np.int64).reshape(-1, 2) - first
    if len(borders) and (borders.min() < 0 or borders.max() >= size):
        raise ValueError(f"block {first}: free: give ranges between {first} and {first + size - 1}")
    steps = np.zeros(size + 1, dtype=np.int64)
    np.add.at(steps, borders[:, 0], 1)
    np.add.at(steps, borders[:, 1] + 1, -1)
    return np.packbits(np.cumsum(steps[:-1]) > 0, bitorder="little").tobytes()
