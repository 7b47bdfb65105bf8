"""Rows of CSV lists, read one by one without IO: what each says, or why it says nothing that can be used."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pydantic import ValidationError

from patchbay_chassis.problems import Problem, faults
from patchbay_chassis.streamed import Line
from patchbay_contracts.inventory import Home, Kind, NewBlock
from patchbay_contracts.words import parse_e164

COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "blocks": ("first", "size", "country", "trunk", "area", "pool", "owner"),
    "numbers": ("e164", "country", "trunk", "area", "pool", "owner"),
}
OURS = ("row", "reason")
"""Columns that a file of refused rows has before its own: they are passed over, so that it can be corrected and loaded
as it is."""
MOST_LINE_BYTES = 2_000
MOST_LINES = 1_000_001
"""The header and a million rows: those that are good are remembered, to find what stands twice, and the others kept."""


class Listed(NamedTuple):
    """A row that says something: the number of its line from 1, the row as it is kept, and its values by column."""

    row: int
    content: str
    values: dict[str, str]


class Refused(NamedTuple):
    """A row that is not loaded, and why."""

    row: int
    content: str
    reason: str


class ListedNumber(NamedTuple):
    """A number of a list, where it belongs, and the row that says so."""

    row: int
    content: str
    e164: int
    home: Home


Taken = Listed | ListedNumber


@dataclass(frozen=True)
class Header:
    """The columns of a list of that kind, in the order in which its rows have them, and what stands between them."""

    kind: Kind
    names: tuple[str, ...]
    delimiter: str = ","

    def read(self, line: Line) -> Listed | Refused:
        """One row. A last line without a line break that lacks something was torn off; one that ends within a value may
        have been, and would put numbers elsewhere."""
        torn = "torn: the list ends within this row: send the list again from here on"
        if line.content is None:
            kept = as_row([_readable(line.beginning)])
            most = f"more than {MOST_LINE_BYTES} bytes, of which the first {len(line.beginning)} are kept"
            return Refused(line.number, kept, f"the row has {most}: correct it")
        try:
            text = line.content.decode().rstrip("\r")
            fields = _fields(text, self.delimiter)
        except (UnicodeDecodeError, csv.Error) as error:
            what = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else "has a quotation mark without its other"
            kept = as_row([_readable(line.content).rstrip("\r")])
            return Refused(line.number, kept, f"the row {what}: correct it" if line.ended else torn)
        if len(fields) != len(self.names):
            many = f"{len(fields)} fields instead of {len(self.names)}: give {','.join(self.names)}"
            lacks = not line.ended and len(fields) < len(self.names)
            return Refused(line.number, as_row(fields), torn if lacks else many)
        values = dict(zip(self.names, (field.strip() for field in fields), strict=True))
        content = as_row(values[name] for name in COLUMNS[self.kind])
        if not line.ended and values[self.names[-1]]:
            cut = f"the list ends without a line break, so {self.names[-1]} may be cut off: end it with one"
            return Refused(line.number, content, cut)
        return Listed(line.number, content, values)


def header(kind: Kind, line: Line | None) -> Header:
    """The first line of a list. Raises Problem, which names the columns that are wrong."""
    wanted = COLUMNS[kind]
    first = _header_line(kind, line)
    delimiter = next((one for one in ";\t" if one in first and "," not in first), ",")
    try:
        names = tuple(name.strip().lower() for name in _fields(first, delimiter))
    except csv.Error:
        names = ()
    wrong = [(name, "is not known here", "take it out") for name in names if name not in wanted + OURS]
    wrong += [(name, "is there twice", "take one out") for name in sorted({n for n in names if names.count(n) > 1})]
    wrong += [(name, "is lacking", "add it") for name in wanted if name not in names]
    if wrong:
        errors = [{"column": name[:60], "message": f"the column {what}", "remedy": do} for name, what, do in wrong[:20]]
        raise _no_header(kind, errors)
    return Header(kind, names, delimiter)


def _header_line(kind: Kind, line: Line | None) -> str:
    try:
        return (line.content or b"").decode("utf-8-sig") if line else ""
    except UnicodeDecodeError:
        fault = {"column": "", "message": "it cannot be read", "remedy": "save it as CSV in UTF-8, with commas"}
        raise _no_header(kind, [fault]) from None


def _no_header(kind: Kind, errors: Sequence[Mapping[str, str]]) -> Problem:
    detail = f"The first line of a list of {kind} is {','.join(COLUMNS[kind])}. Nothing was loaded."
    return Problem(422, "The list has no valid header", detail, errors, code="bad_list")


def _readable(content: bytes) -> str:
    """Whatever it is, as text that can be kept."""
    return content.decode(errors="replace").replace("\0", "\ufffd")


def _fields(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text.rstrip("\r\n").replace("\0", "\ufffd")], delimiter=delimiter, strict=True), [])


def as_row(fields: Iterable[str]) -> str:
    """Fields as one row of CSV, without a line break at its end."""
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow(fields)
    return row.getvalue()


def block(listed: Listed) -> NewBlock | Refused:
    """The block that a row describes."""
    size = listed.values["size"]
    given = _of(listed, COLUMNS["blocks"]) | {"size": int(size) if size.isascii() and size.isdigit() else size}
    try:
        return NewBlock.model_validate(given)
    except ValidationError as error:
        return Refused(listed.row, listed.content, _reason(error))


def number(listed: Listed) -> ListedNumber | Refused:
    """The number that a row describes."""
    try:
        e164 = parse_e164(listed.values["e164"])
    except ValueError as error:
        return Refused(listed.row, listed.content, f"e164: {error}")
    home = _home(tuple(listed.values[name] for name in COLUMNS["numbers"][1:]))
    if isinstance(home, str):
        return Refused(listed.row, listed.content, home)
    if not str(e164).startswith(home.country):
        reason = f"e164 does not begin with the country {home.country}: correct one of them"
        return Refused(listed.row, listed.content, reason)
    return ListedNumber(listed.row, listed.content, e164, home)


@lru_cache(maxsize=1_000)
def _home(values: Sequence[str]) -> Home | str:
    """Where numbers belong, or what is wrong with it. Most rows of a list have the same."""
    try:
        return Home.model_validate(dict(zip(COLUMNS["numbers"][1:], values, strict=True)))
    except ValidationError as error:
        return _reason(error)


def _of(listed: Listed, columns: Iterable[str]) -> dict[str, object]:
    return {name: listed.values[name] for name in columns}


def _reason(error: ValidationError) -> str:
    """What is wrong, field by field."""
    parts = []
    for fault in faults(error):
        field, remedy = fault["pointer"].removeprefix("/"), fault["remedy"]
        message = fault["message"] if fault["message"].startswith(field) else f"{field}: {fault['message']}"
        parts.append(message if remedy == "see the message" else f"{message}: {remedy}")
    return "; ".join(parts)
