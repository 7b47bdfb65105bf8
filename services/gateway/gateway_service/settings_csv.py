"""Settings as a CSV, in both directions: a row for each number, a column for each setting."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import JsonValue, TypeAdapter, ValidationError

from gateway_service.draft import DraftService
from patchbay_chassis.problems import Problem
from patchbay_chassis.spreadsheets import is_formula
from patchbay_contracts.catalogue import Setting
from patchbay_contracts.words import E164, Settings, parse_e164

MOST_ROWS = 1_000
MOST_SETTING = 10_000
BETWEEN = (",", ";", "\t")
"""What may stand between cells: spreadsheets of many countries write semicolons."""
_NATIONAL, _NO_DIGIT = re.compile(r"[0-9\s()./-]{1,40}"), re.compile(r"[^0-9]")


class BadRow(NamedTuple):
    """A row of a CSV that was not taken: its line in the file, and why."""

    line: int
    number: str
    message: str
    remedy: str


def read_csv(
    content: bytes, service: DraftService, known: Mapping[str, Setting]
) -> tuple[dict[E164, Settings], tuple[BadRow, ...]]:
    """The settings of each number, and the rows that make no sense. Raises Problem 422 for what is no such CSV."""
    head, *lines = _lines(content)
    if unknown := sorted(set(head) - {"number", *known}):
        remedy = f"use these: {', '.join(known)}"
        raise _no_csv(f"there are no settings {', '.join(unknown)[:200]}", remedy)
    rows, bad, there = dict[E164, Settings](), list[BadRow](), {n.e164 for n in service.numbers}
    written = _as_written(service)
    for line, row in enumerate(lines, 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        shown = cells.get("number", "")
        number = _number_in(shown, written)
        if fault := _fault(head, row, number, there - rows.keys()):
            bad.append(BadRow(line, shown[:40], *fault))
        elif number is not None:
            given = {name: cell for name, cell in cells.items() if name != "number" and cell}
            rows[number] = {name: value_of(known[name], unguarded(cell)) for name, cell in given.items()}
    return rows, tuple(bad)


def _lines(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
        between = next((one for one in BETWEEN if "number" in _cells(text.partition("\n")[0], one)), BETWEEN[0])
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=between))
    except (UnicodeDecodeError, csv.Error):
        raise _no_csv("it cannot be read", "save it as CSV in UTF-8, with commas or semicolons") from None
    head = [name.strip() for name in lines[0]] if lines else []
    if "number" not in head or len(set(head)) < len(head):
        raise _no_csv("its first line lacks the column 'number', or has one twice", "begin with: number,<settings>")
    if len(lines) > MOST_ROWS + 1:
        raise _no_csv(f"it has more than {MOST_ROWS} rows", "split it")
    return [head, *lines[1:]]


def _cells(line: str, between: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=between), [])]


def _as_written(service: DraftService) -> dict[str, E164]:
    """Its numbers by their digits as pages write them, and as spreadsheets do that take them for amounts; without what
    may be one number or another."""
    found = defaultdict[str, set[E164]](set)
    for number in service.numbers:
        digits = _NO_DIGIT.sub("", number.national)
        for written in {str(number.e164), digits, digits.lstrip("0")} - {""}:
            found[written].add(number.e164)
    return {written: one for written, (one, *others) in found.items() if not others}


def _number_in(cell: str, written: Mapping[str, E164]) -> E164 | None:
    """The number that the cell means; None if it means none."""
    text = unguarded(cell)
    if _NATIONAL.fullmatch(text) and (own := written.get(_NO_DIGIT.sub("", text))) is not None:
        return own
    try:
        return parse_e164("".join(text.split()))
    except ValueError:
        return None


def _fault(
    head: Sequence[str], row: Sequence[str], number: E164 | None, free: Collection[E164]
) -> tuple[str, str] | None:
    """What is wrong with a row, and what to do. `free`: numbers of the service that no row before names."""
    if number is None:
        return "it names none of the service's numbers", "write it as in +441214960000 or as the page does"
    if len(row) != len(head):
        return f"it has {len(row)} cells, the first line {len(head)}", "check what stands between them"
    if number not in free:
        return "the service does not have this number, or a row before names it", "name each of its numbers once"
    if max(map(len, row)) > MOST_SETTING:
        return f"a cell has more than {MOST_SETTING} characters", "shorten it"
    return None


def value_of(setting: Setting, typed: str) -> JsonValue:
    """What was typed, as a value of the setting's kind; as it is, where it is none: the report says so."""
    if setting.kind == "yes_no":
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(typed.lower(), typed)
    if setting.kind == "choice":
        return next((c.value for c in setting.choices if typed in (c.title, str(c.value))), typed)
    if setting.kind == "number":
        return _number(typed)
    if setting.kind == "time_plan":
        return _json(typed)
    return typed


def _number(typed: str) -> JsonValue:
    if typed.removeprefix("-").isdecimal() and len(typed) <= 18:
        return int(typed)
    try:
        found = float(typed)
    except ValueError:
        return typed
    return found if found - found == 0 else typed


def _json(typed: str) -> JsonValue:
    try:
        found: JsonValue = TypeAdapter[Any](JsonValue).validate_json(typed)
    except ValidationError:
        return typed
    return found


def export_csv(service: DraftService, names: Sequence[str]) -> str:
    """What each number of the service has, as `import_csv` takes it. No cell begins as a spreadsheet's formula does."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(["number", *names])
    for number in service.numbers:
        given = service.settings | service.settings_by_number.get(number.e164, {})
        write.writerow([f"'+{number.e164}", *(guarded(_shown(given.get(name))) for name in names)])
    return out.getvalue()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet carries out."""
    return f"'{cell}" if is_formula(cell) or cell.startswith("'") else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell.removeprefix("'")


def _shown(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return TypeAdapter[Any](JsonValue).dump_json(value).decode()


def _no_csv(message: str, remedy: str) -> Problem:
    return Problem(
        422,
        "No CSV of settings",
        errors=[{"pointer": "", "message": message, "remedy": remedy}],
        code="not_settings_csv",
    )
