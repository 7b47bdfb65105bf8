"""Whoever follows the feed, in plain Python: which numbers are free where, by what was said and nothing else."""

import zlib
from collections.abc import Iterable

from numbers_service.index import PoolOf
from patchbay_chassis.envelope import Numbered, Said
from patchbay_contracts.v1.blocks import BlockChanged, BlockChecked, BlockStated


class Follower:
    """Free numbers by number, and each block's last number and version. A missed version is an error."""

    def __init__(self) -> None:
        self.free: dict[int, PoolOf] = {}
        self.blocks: dict[int, tuple[int, int]] = {}

    def hear(self, said: Iterable[Said]) -> None:
        """Apply it all."""
        for one in said:
            match one.message if isinstance(one, Numbered) else one:
                case BlockStated() as stated:
                    self.blocks[stated.block] = (stated.last, stated.version)
                    self._take((stated.block, stated.last))
                    self._change(stated)
                case BlockChanged() as changed:
                    last, version = self.blocks[changed.block]
                    assert changed.version == version + 1
                    self.blocks[changed.block] = (last, changed.version)
                    for taken in changed.taken:
                        self._take(taken)
                    self._change(changed)

    def _take(self, taken: tuple[int, int]) -> None:
        for number in range(taken[0], taken[1] + 1):
            self.free.pop(number, None)

    def _change(self, said: BlockStated | BlockChanged) -> None:
        for freed in said.freed:
            for first, last in freed.ranges:
                self.free |= dict.fromkeys(range(first, last + 1), PoolOf(freed.pool, freed.owner))

    def checked(self, block: int) -> BlockChecked:
        """What a block adds up to."""
        last, version = self.blocks[block]
        there = {number: self.free[number] for number in range(block, last + 1) if number in self.free}
        crc = 0
        for place in sorted(set(there.values())):
            crc = zlib.crc32(f"{place}\0".encode(), crc)
            bits = sum(1 << (number - block) for number, at in there.items() if at == place)
            crc = zlib.crc32(bits.to_bytes((last - block) // 8 + 1, "little"), crc)
        return BlockChecked(block=block, version=version, free=len(there), crc=crc)
