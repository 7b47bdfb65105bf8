"""The attachment `settings.csv`: a row for each number or service without numbers, a column for each setting.

A spreadsheet carries out a cell that begins like a formula, and some of what stands here was typed by strangers. So
such a cell gets an apostrophe in front. Numbers do not: `+` and digits alone are at worst read as a number, and with an
apostrophe no program would know them again.
"""

import csv
import io
import re
from collections.abc import Iterator

import orjson
from pydantic import JsonValue

from patchbay_chassis.spreadsheets import is_formula
from patchbay_contracts.mails import MailFacts, MailNumber, MailService
from patchbay_contracts.setting_forms import plan_text

COLUMNS = ("service", "service_type", "service_id", "number", "grade", "price_list")
_HARMLESS = re.compile(r"^\+[0-9]{7,15}$|^-?[0-9]{1,15}(\.[0-9]{1,6})?$")


def safe(text: str) -> str:
    """The cell, so that no spreadsheet calculates it."""
    return "'" + text if is_formula(text) and not _HARMLESS.match(text) else text


def written(facts: MailFacts, prices: bool) -> bytes:
    """The file, in UTF-8 with the mark by which spreadsheets know it. Nothing is ever cut off. Without `prices` nobody
    learns by which list the customer buys."""
    settings = list(dict.fromkeys(name for service in facts.services for name in _names(service)))
    sheet = io.StringIO()
    rows = csv.writer(sheet, quoting=csv.QUOTE_ALL)
    rows.writerow([*COLUMNS, *(safe(f"setting: {name}") for name in settings)])
    for service in facts.services:
        for number in service.numbers or (None,):
            given = service.settings | (number.settings if number else {})
            values = (_cell(given.get(name)) for name in settings)
            by = (service.price_list or "") if prices else ""
            rows.writerow([safe(cell) for cell in (*_first(service, number), by, *values)])
    return sheet.getvalue().encode("utf-8-sig")


def _names(service: MailService) -> Iterator[str]:
    yield from service.settings
    for number in service.numbers:
        yield from number.settings


def _first(service: MailService, number: MailNumber | None) -> tuple[str, ...]:
    of = (service.name, service.service_type, str(service.id or ""))
    shown = (f"+{number.e164}", number.grade or "") if number else ("", "")
    return (*of, *shown)


def _cell(value: JsonValue) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else plan_text(value) or orjson.dumps(value).decode()
