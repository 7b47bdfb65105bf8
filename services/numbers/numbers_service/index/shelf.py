"""A pool's shelf: its chunks of 1,000 numbers, sorted, in arrays that the kernel works on."""

from ctypes import addressof

import numpy as np
import numpy.typing as npt

from numbers_service.index import kernel
from numbers_service.index.kernel import GRADES, GROUP, Numbers, Rows, Words

COLUMNS = (("key", np.int64, ()), ("skip", np.uint8, ()), ("bits", np.uint64, (16,)), ("sums", np.uint16, (8,)))
SPARE = 8
"""Rows of room beyond what is needed, at the least; a shelf that grows chunk by chunk gets 1/16 of itself."""


class Shelf:
    """Arrays with room at their end, the first `rows` of which count."""

    key: Numbers
    skip: npt.NDArray[np.uint8]
    bits: Words
    sums: npt.NDArray[np.uint16]
    groups: npt.NDArray[np.uint32]

    def __init__(self) -> None:
        self.rows = 0
        self.c = Rows()
        self.address = addressof(self.c)
        self._room(0, exact=True)

    def _room(self, rows: int, *, exact: bool = False) -> None:
        """Room for so many rows."""
        size = rows if exact else rows + max(SPARE, rows // 16)
        for name, kind, shape in COLUMNS:
            column = np.zeros((size, *shape), kind)
            if self.rows:
                column[: self.rows] = getattr(self, name)[: self.rows]
            setattr(self, name, column)
        groups = np.zeros((size // GROUP + 1, GRADES), np.uint32)
        if self.rows:
            groups[: len(self.groups)] = self.groups
        self.groups = groups
        self.share()

    def share(self) -> None:
        """Tell the kernel where the arrays are."""
        self.c.rows = self.rows
        for name in ("key", "skip", "bits", "sums", "groups"):
            setattr(self.c, name, getattr(self, name).ctypes.data)

    def add(self, keys: Numbers, skips: npt.NDArray[np.uint8]) -> None:
        """Add chunks without a free number, where they are not there yet (sorted keys, each once)."""
        at = np.searchsorted(self.key[: self.rows], keys)
        new = np.ones(len(keys), bool)
        new[at < self.rows] = self.key[at[at < self.rows]] != keys[at < self.rows]
        if not new.any():
            return
        at, keys, skips = at[new], keys[new], skips[new]
        rows = self.rows + len(keys)
        if rows > len(self.key):
            self._room(rows, exact=self.rows == 0)
        self._shift(at)
        landed = at + np.arange(len(at))
        self.key[landed], self.skip[landed] = keys, skips
        self.bits[landed], self.sums[landed] = 0, 0
        self.rows = rows
        self.c.rows = rows
        self.sum_groups(int(landed[0]))

    def _shift(self, at: Numbers) -> None:
        """Move what stands behind the new rows up, the last first, so that nothing is overwritten."""
        ends = [*at.tolist()[1:], self.rows]
        for by in range(len(at), 0, -1):
            start, end = int(at[by - 1]), ends[by - 1]
            if start < end:
                for name, _, _ in COLUMNS:
                    column = getattr(self, name)
                    column[start + by : end + by] = column[start:end]

    def sum_groups(self, start: int = 0) -> None:
        """Sum up the groups from row `start` on again."""
        kernel.groups(self.address, start)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(column.nbytes for column in (self.key, self.skip, self.bits, self.sums, self.groups))
