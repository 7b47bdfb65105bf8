"""Settings of a draft: for all numbers of a service, for one, copied, and as a CSV in both directions."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import JsonValue, TypeAdapter, ValidationError

from gateway_service import drafts
from gateway_service.draft import Author, Document, Draft, DraftService
from gateway_service.drafts import Desk
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Product, ProductQuery, Setting
from patchbay_contracts.words import E164, Settings, parse_e164

MOST_ROWS = 1_000
MOST_SETTING = 10_000
_KEPT: TypeAdapter[Settings] = TypeAdapter(Settings)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BadRow(NamedTuple):
    """A row of a CSV that was not taken: its line in the file, and why."""

    line: int
    number: str
    message: str
    remedy: str


class Imported(NamedTuple):
    """The draft with the rows that were taken, and those that were not."""

    draft: Draft
    taken: int
    bad: tuple[BadRow, ...]


async def product(desk: Desk, draft: Draft, service_type: str) -> Product:
    """What is to be known of a service type. Raises Problem 404 when this reseller does not sell it."""
    try:
        query = ProductQuery(resellers=(draft.reseller,), service_type=service_type)
    except ValidationError:
        raise Problem(404, "No such service type", "Choose one of the catalogue.") from None
    return Product.model_validate_json(await desk.upstream.ask("provisioning", "/catalogue/get", query))


async def put(
    desk: Desk, author: Author, id_: UUID, version: int, *, key: str, given: Settings, number: E164 | None = None
) -> Draft:
    """The settings of a service as typed; or of one of its numbers, laid over them. Raises Problem 422 for what cannot be
    kept."""
    try:
        kept = _KEPT.validate_python(given)
    except ValidationError as error:
        fault = {"pointer": "/settings", "message": error.errors()[0]["msg"], "remedy": "write it in another way"}
        raise Problem(422, "The settings cannot be kept", errors=[fault]) from None

    def to(service: DraftService) -> DraftService:
        if number is None:
            return service.model_copy(update={"settings": kept})
        if number not in {n.e164 for n in service.numbers}:
            raise Problem(404, "No such number", f"The service has no number +{number}: add it first.")
        return _laid_over(service, {number: kept})

    return await _changed(desk, author, id_, version, key, to)


async def copy(
    desk: Desk, author: Author, id_: UUID, version: int, *, key: str, source: E164, to: Sequence[E164] = ()
) -> Draft:
    """Give these numbers of the service, or all of them, what one of its numbers has."""

    def copied(service: DraftService) -> DraftService:
        own = service.settings_by_number.get(source, {})
        numbers = {n.e164 for n in service.numbers}
        return _laid_over(service, {number: own for number in to or sorted(numbers) if number in numbers})

    return await _changed(desk, author, id_, version, key, copied)


async def apply_to_all(desk: Desk, author: Author, id_: UUID, version: int, *, key: str, source: E164) -> Draft:
    """What one number has becomes what all have, and none has anything of its own any more."""

    def applied(service: DraftService) -> DraftService:
        if source not in {n.e164 for n in service.numbers}:
            raise Problem(404, "No such number", f"The service has no number +{source}: add it first.")
        everywhere = service.settings | service.settings_by_number.get(source, {})
        return service.model_copy(update={"settings": everywhere, "settings_by_number": {}})

    def unless_done(service: DraftService) -> DraftService:
        return applied(service) if service.settings_by_number else service

    return await _changed(desk, author, id_, version, key, unless_done)


async def import_csv(desk: Desk, author: Author, id_: UUID, version: int, *, key: str, content: bytes) -> Imported:
    """Lay the settings of a CSV (a column `number`, and one for each setting) over the service's. A row that cannot be
    read is named and left out; the others are taken. An empty cell leaves the setting as it is."""
    draft = await drafts.get(desk, author, id_)
    service = drafts.service_of(draft, key)
    known = {setting.name: setting for setting in (await product(desk, draft, service.service_type)).settings}
    rows, bad = read_csv(content, service, known)

    def laid(service: DraftService) -> DraftService:
        there = {n.e164 for n in service.numbers}
        own = service.settings_by_number
        return _laid_over(service, {n: own.get(n, {}) | given for n, given in rows.items() if n in there})

    return Imported(await _changed(desk, author, id_, version, key, laid), len(rows), bad)


def read_csv(
    content: bytes, service: DraftService, known: Mapping[str, Setting]
) -> tuple[dict[E164, Settings], tuple[BadRow, ...]]:
    """The settings of each number, and the rows that make no sense. Raises Problem 422 for what is no such CSV."""
    try:
        text = content.decode("utf-8-sig")
        lines = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True)]  # noqa: C416 - read now
    except (UnicodeDecodeError, csv.Error):
        raise _no_csv("it cannot be read", "save it as CSV in UTF-8, with commas") from None
    head = [name.strip() for name in lines[0]] if lines else []
    if "number" not in head or len(set(head)) < len(head):
        raise _no_csv("its first line lacks the column 'number', or has one twice", "begin with: number,<settings>")
    if unknown := sorted(set(head) - {"number", *known}):
        remedy = f"use these: {', '.join(known)}"
        raise _no_csv(f"there are no settings {', '.join(unknown)[:200]}", remedy)
    if len(lines) > MOST_ROWS + 1:
        raise _no_csv(f"it has more than {MOST_ROWS} rows", "split it")
    rows, bad, there = dict[E164, Settings](), list[BadRow](), {n.e164 for n in service.numbers}
    for line, row in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        shown = cells.get("number", "")[:40]
        try:
            number = parse_e164("".join(cells.get("number", "").lstrip("'").split()))
        except ValueError as error:
            bad.append(BadRow(line, shown, str(error), "correct the number"))
            continue
        if len(row) != len(head):
            bad.append(BadRow(line, shown, f"it has {len(row)} cells, the first line {len(head)}", "check its commas"))
        elif number not in there:
            bad.append(BadRow(line, shown, "the service does not have this number", "add it, or remove the row"))
        elif number in rows:
            bad.append(BadRow(line, shown, "this number stands in a row before", "name each number once"))
        elif too_long := next((name for name, cell in cells.items() if len(cell) > MOST_SETTING), ""):
            bad.append(BadRow(line, shown, f"{too_long} has more than {MOST_SETTING} characters", "shorten it"))
        else:
            given = {name: cell for name, cell in cells.items() if name != "number" and cell}
            rows[number] = {name: value_of(known[name], unguarded(cell)) for name, cell in given.items()}
    return rows, tuple(bad)


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
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith("'") else cell


def _shown(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return TypeAdapter[Any](JsonValue).dump_json(value).decode()


def _laid_over(service: DraftService, given: Mapping[E164, Settings]) -> DraftService:
    return service.model_copy(update={"settings_by_number": {**service.settings_by_number, **given}})


async def _changed(desk: Desk, author: Author, id_: UUID, version: int, key: str, to: Any) -> Draft:
    def changed(was: Draft) -> Document:
        return was.document.with_service(to(drafts.service_of(was, key)))

    return await drafts.change(desk, author, id_, version, changed)


def _no_csv(message: str, remedy: str) -> Problem:
    return Problem(422, "No CSV of settings", errors=[{"pointer": "", "message": message, "remedy": remedy}])
