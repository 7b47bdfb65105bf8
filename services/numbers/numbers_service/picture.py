"""A block as the authority has it at one version: what of it is free, and for whom; and what that adds up to."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from numbers_service import usage
from numbers_service.index import PoolOf
from patchbay_chassis.database import Connection
from patchbay_contracts.v1.blocks import BlockChecked, BlockStated, Freed, Range, Regraded
from patchbay_contracts.words import Grade

Bits = NDArray[np.bool_]

_AFTER = "SELECT * FROM picture WHERE first > $1 ORDER BY first LIMIT $2"
_THESE = "SELECT * FROM picture WHERE first = ANY($1::bigint[]) ORDER BY first"
_PLACES = """
    SELECT w.e164, p.pool, p.owner FROM unnest($1::bigint[]) AS w(e164) CROSS JOIN LATERAL place(w.e164) p"""
_UP_TO = "SELECT block FROM checked FOR UPDATE"
_CHECKED = "UPDATE checked SET block = $1"


@dataclass(frozen=True)
class Picture:
    """A block's first number, its version, and by place which of its numbers are free there (a bit a number)."""

    first: int
    version: int
    free: dict[PoolOf, Bits]
    row: Any

    def stated(self) -> BlockStated:
        """All about the block."""
        return BlockStated(
            block=self.first,
            version=self.version,
            last=self.row.last,
            country=self.row.country,
            trunk=self.row.trunk,
            area=self.row.area,
            freed=tuple(
                # Not validated, as they are thousands, and ours.
                Freed.model_construct(pool=place.kind, owner=place.owner, ranges=self._ranges(bits))
                for place, bits in self.free.items()
            ),
            regraded=tuple(
                Regraded(e164=number, grade=cast(Grade, grade), reason=reason)
                for number, (grade, reason) in zip(self.row.overridden, self.row.grades, strict=True)
            ),
        )

    def checked(self) -> BlockChecked:
        """What it adds up to, in the form that every keeper of a picture adds up."""
        crc = 0
        for place, bits in self.free.items():
            crc = zlib.crc32(f"{place}\0".encode(), crc)
            crc = zlib.crc32(np.packbits(bits, bitorder="little").tobytes(), crc)
        many = sum(int(bits.sum()) for bits in self.free.values())
        return BlockChecked(block=self.first, version=self.version, free=many, crc=crc)

    def _ranges(self, bits: Bits) -> tuple[Range, ...]:
        borders = np.flatnonzero(np.diff(bits, prepend=False, append=False)).tolist()
        return tuple(
            (self.first + start, self.first + end - 1) for start, end in zip(borders[::2], borders[1::2], strict=True)
        )


def _picture(row: Any) -> Picture:
    size = row.last - row.first + 1
    free = np.ones(size, dtype=np.bool_)
    if row.taken:
        free[np.frombuffer(row.taken, dtype=">i8") - row.first] = False
    for first, last in row.spans:
        free[first - row.first : last - row.first + 1] = False
    places = {PoolOf(row.pool, row.owner): free}
    for (first, last), (pool, owner) in zip(row.lent, row.lent_to, strict=True):
        lent = slice(first - row.first, last - row.first + 1)
        there = places.setdefault(PoolOf(pool, owner), np.zeros(size, dtype=np.bool_))
        if there is not free:
            there[lent] = free[lent]
            free[lent] = False
    return Picture(
        row.first, row.version, {place: places[place] for place in sorted(places) if places[place].any()}, row
    )


async def places(db: Connection, numbers: Iterable[int]) -> dict[int, PoolOf]:
    """Who may draw each number; a number in no block is missing."""
    return {e164: PoolOf(pool, owner) for e164, pool, owner in await db.fetch(_PLACES, sorted(numbers))}


async def of(db: Connection, blocks: Sequence[int]) -> list[Picture]:
    """These blocks, by their first numbers, as one snapshot shows them."""
    return [_picture(row) for row in await db.fetch(_THESE, sorted(blocks))]


async def after(db: Connection, number: int, most: int) -> list[Picture]:
    """The next `most` blocks after a number, as one snapshot shows them."""
    return [_picture(row) for row in await db.fetch(_AFTER, number, most)]


async def states(db: Connection, after_number: int, most: int) -> list[BlockStated]:
    """All about the next `most` blocks after a number, as one snapshot shows them."""
    return [picture.stated() for picture in await after(db, after_number, most)]


async def check(db: Connection, most: int) -> list[BlockChecked]:
    """What the next `most` blocks of the round add up to, and how they are used; after the last one the round begins
    anew."""
    pictures = await after(db, await db.fetchval(_UP_TO), most)
    await db.execute(_CHECKED, pictures[-1].first if len(pictures) == most else 0)
    await usage.count(db, [picture.first for picture in pictures])
    return [picture.checked() for picture in pictures]
