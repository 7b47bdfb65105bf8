"""The index as bytes and back: a header in JSON, then the arrays as they are in memory."""

import json
from array import array
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numbers_service.grading import Grading
from numbers_service.index.blocks import Place, PoolOf
from numbers_service.index.kernel import GRADES, GROUP
from numbers_service.index.shelf import COLUMNS, Shelf

if TYPE_CHECKING:
    from numbers_service.index.index import Index

MAGIC = b"patchbay numbers index 1\n"
ALIGNED = 8


def dump(index: "Index") -> Iterator[memoryview]:
    """The parts of a snapshot, to be written one behind the other. The index must not change meanwhile."""
    directory, graded = index.directory, index.graded
    columns: list[Any] = [directory.firsts, directory.lasts, directory.versions, directory.placed, directory.pooled]
    columns += [graded.numbers, graded.rules]
    for shelf in index.shelves:
        columns += [getattr(shelf, name)[: shelf.rows] for name, _, _ in COLUMNS]
    parts = [np.ascontiguousarray(column).data.cast("B") for column in map(np.asarray, columns) if column.size]
    header = {
        "rules": graded.grading.as_data(),
        "names": graded.names[len(graded.grading.names) :],
        "blocks": len(directory),
        "overrides": len(graded.numbers),
        "places": directory.places,
        "pool_sets": directory.pool_sets,
        "lengths": sorted(directory.lengths),
        "pools": index.pools,
        "rows": [shelf.rows for shelf in index.shelves],
    }
    text = json.dumps(header).encode()
    start = MAGIC + len(text).to_bytes(8, "little") + text
    yield memoryview(start + bytes(-len(start) % ALIGNED))
    for part in parts:
        yield part
        yield memoryview(bytes(-len(part) % ALIGNED))


class _Reader:
    """Arrays one behind the other out of a snapshot."""

    def __init__(self, data: memoryview, at: int) -> None:
        self.data, self.at = data, at

    def array(self, kind: Any, *shape: int) -> Any:
        """The next array, as a copy."""
        kind = np.dtype(kind)
        size = kind.itemsize * int(np.prod(shape))
        if self.at + size > len(self.data):
            raise ValueError("snapshot: it ends too early: take another one")
        found = np.frombuffer(self.data, kind, int(np.prod(shape)), self.at).reshape(shape).copy()
        self.at += size + -size % ALIGNED
        return found

    def column(self, code: str, size: int) -> Any:
        """The next array, as a column of the directory."""
        return array(code, self.array(np.dtype(code), size).tobytes())


def load(index: "Index", snapshot: bytes | memoryview) -> None:
    """Fill an empty index. Raises ValueError for what is no whole snapshot."""
    data = memoryview(snapshot).cast("B")
    start = len(MAGIC) + 8
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise ValueError("snapshot: it is none of this version: take another one")
    end = start + int.from_bytes(data[len(MAGIC) : start], "little")
    if end > len(data):
        raise ValueError("snapshot: it ends too early: take another one")
    header: Mapping[str, Any] = json.loads(bytes(data[start:end]))
    reader = _Reader(data, end + -end % ALIGNED)
    directory, blocks, overrides = index.directory, header["blocks"], header["overrides"]
    directory.restore(
        [reader.column(code, blocks) for code in "qqqII"],
        [Place(*place) for place in header["places"]],
        [tuple(pools) for pools in header["pool_sets"]],
        set(header["lengths"]),
    )
    names = [(grade, name) for grade, name in header["names"]]
    index.graded.restore(
        Grading.from_data(header["rules"]), names, reader.column("q", overrides), reader.column("H", overrides)
    )
    for (kind, owner), rows in zip(header["pools"], header["rows"], strict=True):
        shelf = index.shelf(PoolOf(kind, owner))
        _restore(shelf, reader, rows)


def _restore(shelf: Shelf, reader: _Reader, rows: int) -> None:
    for name, kind, shape in COLUMNS:
        setattr(shelf, name, reader.array(kind, rows, *shape))
    shelf.rows = rows
    shelf.groups = np.zeros((rows // GROUP + 1, GRADES), np.uint32)
    shelf.share()
    shelf.sum_groups()
