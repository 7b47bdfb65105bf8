"""The search index: blocks and their free numbers in, searches out. It is in memory, and does no IO."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from threading import RLock
from typing import NamedTuple

import numpy as np

from numbers_service.grading import GRADES, Grading, Override
from numbers_service.index import cursor, describing, filters, kernel, nearest, snapshot
from numbers_service.index.blocks import BlockChange, BlockState, Directory, PoolOf, Range, check, within
from numbers_service.index.filters import Compiled
from numbers_service.index.kernel import SPAN
from numbers_service.index.overrides import Graded
from numbers_service.index.searching import Answer, Buffers, Search
from numbers_service.index.shelf import Shelf
from numbers_service.index.wanted import Found, Wanted


class Described(NamedTuple):
    """A number as people write it, and where it is."""

    national: str
    area: str


class Index:
    """Every method may be called from any thread; one works at a time, and the kernel lets go of the GIL."""

    def __init__(self, grading: Grading) -> None:
        self.directory = Directory()
        self.graded = Graded(grading)
        self.pools: list[PoolOf] = []
        self.shelves: list[Shelf] = []
        self._pool_ids: dict[PoolOf, int] = {}
        self._memory = Buffers()
        self._lock = RLock()

    def shelf(self, pool: PoolOf) -> Shelf:
        """A pool's shelf; a pool that is new gets one."""
        return self.shelves[self._pool(pool)]

    def _pool(self, pool: PoolOf) -> int:
        if pool not in self._pool_ids:
            self._pool_ids[pool] = len(self.pools)
            self.pools.append(pool)
            self.shelves.append(Shelf())
        return self._pool_ids[pool]

    def put(self, block: BlockState) -> None:
        """Add a block, or replace what is known of it. Raises ValueError with field and remedy."""
        self.put_many([block])

    def put_many(self, blocks: Iterable[BlockState]) -> None:
        """The same for many; if one is wrong, none is put. Raises ValueError with field and remedy."""
        ordered = sorted(blocks, key=lambda block: block.first)
        with self._lock:
            for at, block in enumerate(ordered):
                check(block)
                self.directory.check(block)
                if at and ordered[at - 1].last >= block.first:
                    raise ValueError(f"block {block.first}: another block has some of its numbers: load each once")
            self._clear(ordered)
            self._make_room(ordered)
            for block in ordered:
                self._fill(block)

    def _clear(self, blocks: Sequence[BlockState]) -> None:
        """What was known of these blocks is forgotten, and their overrides are set."""
        overrides: dict[int, Override | None] = {}
        for block in blocks:
            if (at := self.directory.find(block.first)) is not None:
                overrides |= dict.fromkeys(self.graded.within(block.first, block.last))
                for pool in self.directory.pools(at):
                    kernel.set_free(self.graded.address, self.shelves[pool].address, [(block.first, block.last)], False)
            overrides |= block.overrides
        if overrides:
            self.graded.change(overrides)

    def _make_room(self, blocks: Sequence[BlockState]) -> None:
        """Chunks for all of them, a pool at a time, so that many are added in one pass."""
        keys: dict[PoolOf, list[Range]] = {}
        skips: dict[PoolOf, list[int]] = {}
        for block in blocks:
            for pool, free in block.free.items():
                for first, last in [(block.first, block.last)] if isinstance(free, bytes) else free:
                    keys.setdefault(pool, []).append((first // SPAN, last // SPAN + 1))
                    skips.setdefault(pool, []).append(len(block.country))
        for pool, spans in keys.items():
            every = np.concatenate([np.arange(start, end) for start, end in spans])
            skip = np.repeat(np.array(skips[pool], np.uint8), [end - start for start, end in spans])
            once, at = np.unique(every, return_index=True)
            self.shelf(pool).add(once, skip[at])

    def _fill(self, block: BlockState) -> None:
        graded, pools = self.graded.address, []
        for pool, free in block.free.items():
            at = self._pool(pool)
            pools.append(at)
            shelf = self.shelves[at].address
            if isinstance(free, bytes):
                kernel.load(graded, shelf, block.first, block.last - block.first + 1, free)
            else:
                kernel.set_free(graded, shelf, free, True)
        self.directory.put(block, tuple(sorted(pools)))

    def change(self, change: BlockChange) -> None:
        """What has changed in a block. Raises KeyError if the block is not there, ValueError for what is not in it."""
        with self._lock:
            at = self.directory.at(change.first)
            first, last = change.first, self.directory.lasts[at]
            for what, ranges in (("taken", change.taken), *(("freed", ranges) for ranges in change.freed.values())):
                within(first, last, ranges, what)
            within(first, last, [(number, number) for number in change.regraded], "regraded")
            graded = self.graded.address
            self._take(at, change.taken)
            for freed, ranges in change.freed.items():
                self._take(at, ranges)
                self._free(at, freed, ranges)
            if change.regraded:
                self.graded.change(dict(change.regraded))
                for pool in self.directory.pools(at):
                    for number in change.regraded:
                        kernel.regrade(graded, self.shelves[pool].address, number, number)
            self.directory.versions[at] = change.version

    def _take(self, at: int, ranges: Sequence[Range]) -> None:
        for pool in self.directory.pools(at) if ranges else ():
            kernel.set_free(self.graded.address, self.shelves[pool].address, ranges, False)

    def _free(self, at: int, pool: PoolOf, ranges: Sequence[Range]) -> None:
        shelf = self.shelf(pool)
        there = kernel.set_free(self.graded.address, shelf.address, ranges, True)
        if there < sum(last // SPAN - first // SPAN + 1 for first, last in ranges):
            keys = np.unique(np.concatenate([np.arange(first // SPAN, last // SPAN + 1) for first, last in ranges]))
            shelf.add(keys, np.full(len(keys), len(self.directory.place(at).country), np.uint8))
            kernel.set_free(self.graded.address, shelf.address, ranges, True)
        pools = self.directory.pools(at)
        if self._pool(pool) not in pools:
            self.directory.pooled[at] = self.directory.pool_set(tuple(sorted((*pools, self._pool(pool)))))

    def regrade(self, grading: Grading) -> None:
        """Other rules for all numbers; overrides stay."""
        with self._lock:
            self.graded.regrade(grading)
            for shelf in self.shelves:
                kernel.sum_up(self.graded.address, shelf.address)

    def version(self, first: int) -> int | None:
        """A block's version; None if it is not there."""
        try:
            return self.directory.versions[self.directory.at(first)]
        except KeyError:
            return None

    def state(self, first: int) -> BlockState:
        """All that is known of a block, its free numbers as bits; pools without one are left out. Raises KeyError."""
        with self._lock:
            at = self.directory.at(first)
            last = self.directory.lasts[at]
            place, version = self.directory.place(at), self.directory.versions[at]
            free = {self.pools[pool]: bits for pool, _, bits in self._bits(at)}
            return BlockState(first, last, *place, version, free, self.graded.within(first, last))

    def checksum(self, first: int) -> tuple[int, int]:
        """How many of a block's numbers are free, and the CRC-32 of, for each pool with one, by `kind:owner`: that
        text in UTF-8, a NUL, and a bit for each number, the lowest of a byte first. Raises KeyError."""
        with self._lock:
            crc = total = 0
            at = self.directory.at(first)
            for pool, count, bits in sorted(self._bits(at), key=lambda one: str(self.pools[one[0]])):
                crc = zlib.crc32(f"{self.pools[pool]}\0".encode() + bits, crc)
                total += count
            return total, crc

    def _bits(self, at: int) -> Iterator[tuple[int, int, bytes]]:
        first, last = self.directory.firsts[at], self.directory.lasts[at]
        size = last - first + 1
        for pool in self.directory.pools(at):
            bits = np.zeros((size + 7) // 8, np.uint8)
            count = kernel.save(self.shelves[pool].address, first, size, bits.ctypes.data)
            if count:
                yield pool, count, bits.tobytes()

    def search(self, wanted: Wanted) -> Found:
        """What matches. Raises BadFilter for what never can."""
        with self._lock:
            compiled = filters.compiled(wanted, self.directory)
            answer = self.run(wanted, compiled)
            found = self._found(wanted, compiled, answer)
            return found if len(answer.numbers) or wanted.cursor else nearest.explained(self, wanted, answer, found)

    def run(self, wanted: Wanted, compiled: Compiled) -> Answer:
        """A search whose filter is compiled; what is behind it is for `search`."""
        shelves = [self.shelves[self._pool_ids[pool]] if pool in self._pool_ids else None for pool in wanted.pools]
        return Search(wanted, compiled, shelves, self.graded.address, self._memory).answer()

    def _found(self, wanted: Wanted, compiled: Compiled, answer: Answer) -> Found:
        by_grade = [sum(column) for column in zip(*answer.counts, strict=True)]
        return Found(
            numbers=answer.numbers,
            rules=answer.rules,
            pool_of=answer.pool_of,
            names=self.graded.names,
            pools=wanted.pools,
            counts=dict(zip(GRADES, by_grade, strict=True)),
            pool_counts=dict(zip(wanted.pools, map(sum, answer.counts), strict=True)),
            exact=answer.exact,
            cursor=cursor.write(wanted, answer.position) if answer.position else "",
            read_as=[f"+{prefix}" for prefix in compiled.read_as],
        )

    def describe(self, number: int) -> Described | None:
        """A number's national format and area; None if it is in no block."""
        at = self.directory.find(number)
        if at is None:
            return None
        country, trunk, area = self.directory.place(at)
        return Described(describing.national_format(number, country, trunk), area)

    def dump(self) -> Iterator[memoryview]:
        """The parts of a snapshot, to be written one behind the other. Nothing may change until the last is taken."""
        return snapshot.dump(self)

    @classmethod
    def load(cls, data: bytes | memoryview) -> "Index":
        """The index that a snapshot was taken of. Raises ValueError for what is no whole snapshot."""
        index = cls(Grading(()))
        snapshot.load(index, data)
        return index

    def nbytes(self) -> int:
        """Bytes of the arrays that grow with the inventory."""
        columns = (self.directory.firsts, self.directory.lasts, self.directory.versions, self.directory.placed,
                   self.directory.pooled, self.graded.numbers, self.graded.rules)  # fmt: skip
        return sum(shelf.nbytes() for shelf in self.shelves) + sum(len(c) * c.itemsize for c in columns)
