"""A file of orders in pieces: small enough that a request is answered before the next one is sent, and cut where an
order ends."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID, uuid5

from patchbay_client.calls import CSV, NDJSON

LINES = 500
"""Of a piece: its answer fits into what a connection holds, so that neither side waits for the other in a circle."""
BATCHES = UUID("2f1c8f0e-0a0b-5c55-9a38-6f6b6f0d5a11")
GROUP = "order"


class Piece(NamedTuple):
    """Lines as they are sent. `first`: the position of the first one; `last`: of the last one."""

    first: int
    last: int
    content: bytes


def kind_of(file: Path) -> str:
    """By its name."""
    return CSV if file.suffix.lower() == ".csv" else NDJSON


def batch_of(file: Path) -> str:
    """An id that is the file's content's: the same file is the same batch."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
    return str(uuid5(BATCHES, digest.hexdigest()))


def count(file: Path) -> int:
    """How many lines it has."""
    with file.open("rb") as opened:
        return sum(1 for _ in opened)


def pieces(file: Path, through: int) -> Iterator[Piece]:
    """What is behind that position. A CSV's head goes with each piece. A file without lines is one empty piece: it is
    a batch, and what is wrong with it is told as of any other."""
    with file.open("rb") as opened:
        if kind_of(file) == CSV:
            yield from _of_csv(opened, through)
        else:
            yield from _of_lines(opened, through)


def _of_lines(opened: BinaryIO, through: int) -> Iterator[Piece]:
    held: list[bytes] = []
    at = 0
    for at, line in enumerate(opened, 1):
        if at <= through:
            continue
        held.append(line)
        if len(held) == LINES:
            yield Piece(at - len(held) + 1, at, b"".join(held))
            held = []
    if held or at == 0:
        yield Piece(at - len(held) + 1, at, b"".join(held))


def _of_csv(opened: BinaryIO, through: int) -> Iterator[Piece]:
    """Rows of one order stay together."""
    rows = _rows(opened)
    head = next(rows, b"")
    names = _cells(head.removeprefix(b"\xef\xbb\xbf"))
    column = names.index(GROUP) if GROUP in names else None
    held: list[bytes] = []
    at, before = 1, ""
    for at, row in enumerate(rows, 2):
        if at <= through:
            continue
        order = _cell(row, column)
        if len(held) >= LINES and not (order and order == before):
            yield Piece(at - len(held), at - 1, head + b"".join(held))
            held = []
        held.append(row)
        before = order
    if held or at == 1:
        yield Piece(at - len(held) + 1, at, head + b"".join(held))


def _rows(opened: BinaryIO) -> Iterator[bytes]:
    """Rows whole, as the gateway counts them: one whose quoted cell has line breaks is made of several lines."""
    held: list[bytes] = []
    quotes = 0
    for line in opened:
        held.append(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            yield b"".join(held)
            held, quotes = [], 0
    if held:
        yield b"".join(held)


def _cell(row: bytes, column: int | None) -> str:
    cells = [] if column is None else _cells(row)
    return cells[column] if column is not None and column < len(cells) else ""


def _cells(row: bytes) -> list[str]:
    return next(csv.reader([row.decode("utf-8", "replace").rstrip("\r\n")]), [])
