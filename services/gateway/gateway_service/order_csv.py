"""Orders as CSV: a row a line, rows of one `order` belong together; each order becomes the document that JSON would be.

A column is named as the field's place in the order's document is: `customer.name`, `numbers.count`. So the pointer of
a fault is found again in the file.
"""

import csv
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from gateway_service.settings_csv import unguarded
from patchbay_chassis.bodies import check_depth, too_large
from patchbay_chassis.problems import Problem
from patchbay_chassis.streamed import Line

CSV = "text/csv"
GROUP = "order"
"""Rows one after another with the same text here are one order; a row with none is one by itself."""
_APART = re.compile(r"[\s;]+")
_LISTS = dict.fromkeys(("notify", *(f"numbers.{name}" for name in ("exact", "grades", "segments", "pools"))), _APART)
_LINES = {"customer.address.lines": re.compile(r"\s*\|\s*")}
_SPLIT = _LISTS | _LINES
OF_ORDER = (
    "reference",
    *(f"customer.{name}" for name in ("id", "name", "email", "pin", "phone", "reference")),
    *(f"customer.address.{name}" for name in ("lines", "city", "postcode", "country")),
    *("customer.contacts", "notify", "held_by", "quote", "watched", "failure", "start", "until"),
    *("preview", "require_unchanged", "unique_reference", "terms"),
)
OF_LINE = (
    *("service_type", "price_list", "grouping", "settings", "settings_by_number", "optional", "back_order"),
    *(f"numbers.{name}" for name in ("exact", "count", "prefix", "grades", "grade_at_least", "method", "segments")),
    *(
        f"numbers.{name}"
        for name in ("in_order", "ends_with", "pattern", "aligned", "lowest", "pool", "pools", "policy")
    ),
)
SETTING = "settings."
LABEL = "labels."
"""Before the name of a setting, or of a label: a column of its own for it."""
FREE = {SETTING: "settings.<name>", LABEL: "labels.<name>"}
AS_JSON = {
    "settings": '{"voicemail": true}',
    "settings_by_number": '{"+441217370000": {"voicemail": true}}',
    "terms": '[{"service_type": "voice-line", "version": "1", "hash": "…"}]',
    "customer.contacts": '[{"name": "Ada", "email": "ada@example.com"}]',
}
"""Columns whose cells are JSON, and how one is written."""


class BadRow(NamedTuple):
    """Rows that make no order, and why."""

    number: int
    content: bytes
    problem: Problem
    beginning: bytes = b""


class _Order(NamedTuple):
    """The rows of an order that have come so far."""

    name: str
    rows: list[Mapping[str, str]]
    raw: list[bytes]


Found = list[Line | BadRow]


class Sheet:
    """A CSV while it comes. An order has the number of its last row; the head is line 1."""

    def __init__(self, lines: AsyncIterator[list[Line]], most_bytes: int, first: int) -> None:
        self._rows = _rows(lines, most_bytes)
        self._most = most_bytes
        self._number = max(first, 2) - 1
        self._head: list[str] = []
        self._begun: list[bytes] = []
        self._order: _Order | None = None

    async def begin(self) -> None:
        """Read the head. Raises Problem 422 for one that cannot be understood."""
        async for rows in self._rows:
            self._head = _head(rows[0])
            self._begun = rows[1:]
            return
        raise _no_csv("it is empty", "begin with the names of the columns")

    async def orders(self) -> AsyncIterator[Found]:
        """The orders as rows complete them, each as a line of NDJSON would have it."""
        if self._begun:
            yield self._found(self._begun)
        async for rows in self._rows:
            yield self._found(rows)
        if self._order is not None:
            yield [self._whole(self._order)]

    def _found(self, rows: Sequence[bytes]) -> Found:
        found: Found = []
        for raw in rows:
            cells, wrong = self._cells(raw)
            name = cells.pop(GROUP, "")
            if self._order is not None and (wrong or not name or name != self._order.name):
                found.append(self._whole(self._order))
                self._order = None
            self._number += 1
            if wrong is not None:
                found.append(BadRow(self._number, raw, wrong))
            elif cells or name:
                order = self._order or _Order(name, [], [])
                order.rows.append(cells)
                order.raw.append(raw)
                self._order = order
                if not name or sum(map(len, order.raw)) > self._most:
                    found.append(self._whole(order))
                    self._order = None
        return found

    def _cells(self, raw: bytes) -> tuple[dict[str, str], Problem | None]:
        """What stands in the row, without empty cells."""
        try:
            row = next(csv.reader([raw.decode()], strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            return {}, _no_csv("this row cannot be read", "write it in UTF-8, with commas, and close each quote")
        if row and len(row) != len(self._head):
            message = f"this row has {len(row)} cells, the first {len(self._head)}"
            return {}, _no_csv(message, "check its commas")
        pairs = ((name, unguarded(cell.strip())) for name, cell in zip(self._head, row, strict=False))
        return {name: cell for name, cell in pairs if cell}, None

    def _whole(self, order: _Order) -> Line | BadRow:
        raw = b"\n".join(order.raw)
        if len(raw) > self._most:
            return BadRow(self._number, raw, too_large(self._most, "order"))
        try:
            return Line(self._number, orjson.dumps(_document(order.rows)))
        except Problem as problem:
            return BadRow(self._number, raw, problem)


async def _rows(lines: AsyncIterator[list[Line]], most: int) -> AsyncIterator[list[bytes]]:
    """Rows whole: one whose quoted cell has line breaks is made of several lines. Raises Problem 413 for one that never
    ends: what comes after it cannot be told apart."""
    open_ = b""
    begun = False
    async for found in lines:
        rows, endless = list[bytes](), False
        for line in found:
            open_ += (b"\n" if begun else b"") + (line.content or b"")
            begun = open_.count(b'"') % 2 == 1
            if endless := line.content is None or len(open_) > most:
                break
            if not begun:
                rows.append(open_)
                open_ = b""
        if rows:
            yield rows
        if endless:
            raise too_large(most, "row")
    if begun:
        yield [open_]


def _head(raw: bytes) -> list[str]:
    try:
        head = [name.strip() for name in next(csv.reader([raw.decode("utf-8-sig")], strict=True), [])]
    except (UnicodeDecodeError, csv.Error):
        raise _no_csv("its first row cannot be read", "save it as CSV in UTF-8, with commas") from None
    known = {GROUP, *OF_ORDER, *OF_LINE}
    strange = [name for name in head if name not in known and (name in FREE or not name.startswith(tuple(FREE)))]
    if strange:
        message = f"there are no columns {', '.join(map(repr, strange))[:200]}"
        raise _no_csv(message, f"use these: {', '.join((GROUP, *OF_ORDER, *OF_LINE, *FREE.values()))}")
    if len(set(head)) < len(head) or not head:
        raise _no_csv("a column stands twice in its first row, or none at all", "name each column once")
    return head


def _document(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The order of these rows. What is said of the order may stand in each of them, if it is the same."""
    document: dict[str, Any] = {"customer": {}, "lines": []}
    said = rows[0]
    for at, row in enumerate(rows):
        of_line = {name: cell for name, cell in row.items() if name not in OF_ORDER and not name.startswith(LABEL)}
        for name, cell in row.items():
            if name not in of_line and cell != said.get(name):
                raise _no_csv(f"row {at + 1} of the order has another {name} than its first", "say it in the first row")
        if of_line:
            document["lines"].append(_nested(of_line))
    document |= _nested({name: said[name] for name in OF_ORDER if name in said})
    if labels := {name.removeprefix(LABEL): cell for name, cell in said.items() if name.startswith(LABEL)}:
        document["labels"] = labels
    customer = document["customer"]
    customer["kind"] = "existing" if "id" in customer else "new"
    return document


def _nested(cells: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, cell in cells.items():
        if name == "settings":
            made.setdefault(name, {}).update(_json(name, cell))
        elif name.startswith(SETTING):
            made.setdefault("settings", {})[name.removeprefix(SETTING)] = _value(cell)
        else:
            *way, last = name.split(".")
            place = made
            for step in way:
                place = place.setdefault(step, {})
            if name in AS_JSON:
                place[last] = _json(name, cell)
            else:
                place[last] = [unguarded(one) for one in _SPLIT[name].split(cell) if one] if name in _SPLIT else cell
    return made


def _json(name: str, cell: str) -> Any:
    """What a cell means that is JSON and nothing else."""
    found, written = _value(cell), AS_JSON[name]
    if not isinstance(found, type(orjson.loads(written))):
        kind = "object" if written.startswith("{") else "list"
        also = f", or use columns {SETTING}<name>" if name == "settings" else ""
        raise _no_csv(f"{name} is no JSON {kind}", f"write {written}{also}")
    return found


def _value(cell: str) -> Any:
    """What a setting's cell means: JSON, if it is any, otherwise the text as it stands."""
    check_depth(cell.encode(), "row")
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return cell


def _no_csv(message: str, remedy: str) -> Problem:
    return Problem(
        422,
        "No CSV of orders",
        "Nothing was accepted.",
        [{"message": message, "remedy": remedy}],
        code="not_orders_csv",
    )
