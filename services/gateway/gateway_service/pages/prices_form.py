"""The prices of a price list as they are typed into a table or come as CSV, and the other way round. No IO."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, get_args

from gateway_service.pages.fields import fits
from gateway_service.pages.language import gettext as _
from gateway_service.pages.site import Form
from gateway_service.settings_csv import guarded, unguarded
from patchbay_contracts.price_lists import MOST_PRICES, Amount, ListedPrice
from patchbay_contracts.words import Grade, Slug

ITSELF = "service"
"""In fields' names, where a grade would stand: the service itself."""
KEYS = (ITSELF, *get_args(Grade))
MOST_ROWS = 1_500
"""So many service types the table can have, each with thirteen fields."""
HEAD = ["service_type", "grade", "setup", "monthly"]


@dataclass(frozen=True)
class Row:
    """A service type with set-up and monthly, as typed, of itself and of its numbers by grade."""

    service_type: str
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class BadRow(NamedTuple):
    """A row of a CSV that was not taken: its line in the file, what it says, and why."""

    line: int
    row: str
    message: str


def exact(amount: Decimal) -> str:
    """An amount with two decimals at the least, and never rounded."""
    short = amount.quantize(Decimal("0.01"))
    return str(short if short == amount else amount.normalize())


def grade_names() -> dict[str, str]:
    """What the prices of a service type are for, in the order of the table."""
    names = (_("Service itself"), _("Platinum"), _("Gold"), _("Silver"), _("Bronze"), _("Standard"))
    return dict(zip(KEYS, names, strict=True))


def rows_of(prices: Iterable[ListedPrice]) -> tuple[Row, ...]:
    """Prices as the table shows them."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for price in prices:
        cell = (exact(price.setup), exact(price.monthly))
        found.setdefault(price.service_type, {})[price.grade or ITSELF] = cell
    return tuple(Row(type_, cells) for type_, cells in found.items())


def typed_rows(form: Form) -> tuple[Row, ...]:
    """The table as it was typed; a service type of which all is blank is left out."""
    many = form.text("rows")
    count = min(int(many), MOST_ROWS) if many.isascii() and many.isdecimal() and len(many) < 6 else 0
    found = (_typed(form, n) for n in range(count))
    return tuple(row for row in found if row.service_type)


def _typed(form: Form, n: int) -> Row:
    cells = {key: (form.text(f"p{n}-{key}-setup"), form.text(f"p{n}-{key}-monthly")) for key in KEYS}
    return Row(form.text(f"p{n}-type"), {key: cell for key, cell in cells.items() if any(cell)})


def prices_in(rows: Sequence[Row]) -> tuple[tuple[ListedPrice, ...], dict[str, str]]:
    """The prices, and what is wrong with them by the field's id. Blank fields are no price."""
    prices, errors = list[ListedPrice](), dict[str, str]()
    for n, row in enumerate(rows):
        if not fits(Slug, row.service_type):
            errors[""] = _("%(name)s is no service type: add it again") % {"name": row.service_type[:60]}
            continue
        if row.cells and ITSELF not in row.cells:
            errors[f"p{n}-{ITSELF}-setup"] = _(
                "Enter what %(name)s itself costs: it has prices of numbers alone"
            ) % {"name": row.service_type}  # fmt: skip
        for key, cell in row.cells.items():
            for part, amount in zip(("setup", "monthly"), cell, strict=True):
                if not _is_amount(amount):
                    errors[f"p{n}-{key}-{part}"] = _why_not(row.service_type, grade_names()[key], amount)
            if all(map(_is_amount, cell)):
                prices.append(_price(row.service_type, key, *cell))
    return tuple(prices), errors


def _is_amount(typed: str) -> bool:
    return len(typed) <= 12 and typed.isascii() and typed.replace(".", "", 1).isdecimal() and fits(Amount, typed)


def _why_not(type_: str, key: str, amount: str) -> str:
    where = {"type": type_, "what": key}
    if not amount:
        return _("%(type)s, %(what)s: enter both prices, 0 where nothing is charged") % where
    return _("%(type)s, %(what)s: enter an amount such as 12.50, up to 1,000,000, with 4 decimals at the most") % where


def _price(type_: str, key: str, setup: str, monthly: str) -> ListedPrice:
    grade = None if key == ITSELF else key
    price = {"service_type": type_, "grade": grade, "setup": setup, "monthly": monthly}
    return ListedPrice.model_validate(price)


def written_csv(prices: Iterable[ListedPrice]) -> str:
    """The prices as CSV, as `read_csv` takes it. No cell begins as a spreadsheet's formula does."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(HEAD)
    for price in prices:
        cells = (price.service_type, price.grade or "", exact(price.setup), exact(price.monthly))
        write.writerow([guarded(cell) for cell in cells])
    return out.getvalue()


def decoded(content: bytes) -> str | None:
    """The text of a file; None if it is not in UTF-8."""
    try:
        return content.decode("utf-8-sig").replace("\0", "").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def read_csv(text: str) -> tuple[tuple[ListedPrice, ...], tuple[BadRow, ...]]:
    """The prices, and the rows that cannot be taken. Raises ValueError for what is no such CSV, with what to do."""
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"), newline=""), strict=True))
    except csv.Error:
        raise ValueError(_("It cannot be read: save it as CSV in UTF-8, with commas")) from None
    if not lines or [cell.strip() for cell in lines[0]] != HEAD:
        raise ValueError(_("Begin with the line %(head)s") % {"head": ",".join(HEAD)})
    if len(lines) > MOST_PRICES + 1:
        raise ValueError(_("It has more than %(most)s rows: leave some out") % {"most": MOST_PRICES})
    prices, bad = dict[tuple[str, str], ListedPrice](), list[BadRow]()
    rows = [(n, [unguarded(cell.strip()) for cell in row]) for n, row in enumerate(lines[1:], 2) if any(row)]
    own = {row[0] for n, row in rows if len(row) == len(HEAD) and not row[1]}
    for n, row in rows:
        if why := _fault(row, own, prices):
            bad.append(BadRow(n, ",".join(row)[:100], why))
            continue
        type_, grade, setup, monthly = row
        prices[type_, grade] = _price(type_, grade or ITSELF, setup, monthly)
    if len({type_ for type_, grade in prices}) > MOST_ROWS:
        raise ValueError(_("It has more than %(most)s service types: leave some out") % {"most": MOST_ROWS})
    return tuple(prices.values()), tuple(bad)


def _fault(row: Sequence[str], own: set[str], before: Mapping[tuple[str, str], ListedPrice]) -> str:
    """Why a row cannot be taken, and what to do; nothing if it can."""
    if len(row) != len(HEAD):
        return _("It has %(n)s cells and not 4: check its commas") % {"n": len(row)}
    type_, grade, setup, monthly = row
    faults = (
        (not fits(Slug, type_), _("The service type is none: write its id, such as voice-line")),
        (
            grade not in ("", *get_args(Grade)),
            _("There is no such grade: leave it empty, or write platinum, gold, silver, bronze or standard"),
        ),
        (
            not (_is_amount(setup) and _is_amount(monthly)),
            _("A price is none: write an amount such as 12.50, up to 1,000,000, with 4 decimals at the most"),
        ),
        ((type_, grade) in before, _("A row before has this service type and grade: leave one of them out")),
        (type_ not in own, _("The service type has no price of its own: add a row for it without grade")),
    )
    return next((message for wrong, message in faults if wrong), "")
