"""What a service type says, as an administrator types it, and the other way round. No IO."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, get_args

from pydantic import TypeAdapter, ValidationError

from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import Fields, fits, sentence, unknown
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import listed
from patchbay_chassis import problems
from patchbay_contracts.catalogue import Digits, Paragraphs, ServiceTypeEntry
from patchbay_contracts.words import Grade, Reseller, Settings, Slug, Text

GRADES: tuple[str, ...] = get_args(Grade)
MOST_SCHEMA = 64 * 1024
TEXTS = (
    "name", "description", "included", "schema", "least", "most", "prefixes", "countries", "needs", "excludes",
    "most_per_order", "most_per_customer", "terms_version", "terms_text", "resellers",
)  # fmt: skip
PLACES = {
    "/entry/name": "name",
    "/entry/description": "description",
    "/entry/included": "included",
    "/entry/settings_schema": "schema",
    "/entry/numbers/least": "least",
    "/entry/numbers/most": "most",
    "/entry/numbers/grades": "grades",
    "/entry/numbers/prefixes": "prefixes",
    "/entry/numbers/countries": "countries",
    "/entry/customers/needs": "needs",
    "/entry/customers/excludes": "excludes",
    "/entry/customers/most_per_order": "most_per_order",
    "/entry/customers/most_per_customer": "most_per_customer",
    "/entry/terms/version": "terms_version",
    "/entry/terms/text": "terms_text",
    "/entry/resellers": "resellers",
    "/service_type": "service_type",
    "/why": "why",
}
"""Ids of the fields by their place in what provisioning is asked."""
EMPTY_SCHEMA = '{\n  "type": "object",\n  "properties": {},\n  "additionalProperties": false\n}'


@dataclass(frozen=True)
class Typed:
    """A draft as it is typed: texts by field, and the grades that are ticked."""

    texts: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(TEXTS, "") | {"schema": EMPTY_SCHEMA})
    grades: tuple[str, ...] = ()
    service_type: str = ""
    why: str = ""
    revision: int = 0


def typed_of(entry: ServiceTypeEntry) -> dict[str, str]:
    """The texts of an entry as they stand in the form."""
    numbers, customers = entry.numbers, entry.customers
    return {
        "name": entry.name,
        "description": entry.description,
        "included": "\n".join(entry.included),
        "schema": json.dumps(entry.settings_schema, indent=2, ensure_ascii=False),
        "least": str(numbers.least),
        "most": str(numbers.most),
        "prefixes": " ".join(numbers.prefixes),
        "countries": " ".join(numbers.countries),
        "needs": " ".join(customers.needs),
        "excludes": " ".join(customers.excludes),
        "most_per_order": str(customers.most_per_order or ""),
        "most_per_customer": str(customers.most_per_customer or ""),
        "terms_version": entry.terms.version,
        "terms_text": entry.terms.text,
        "resellers": " ".join(entry.resellers),
    }


def entry_in(form: Fields, before: ServiceTypeEntry | None) -> ServiceTypeEntry | None:
    """The entry; None if something is wrong with it, and the form has the errors. `before`: what a text keeps the
    blanks of that nobody changed, because terms are known by their hash."""
    text = form.form.text
    entry: dict[str, Any] = {
        "name": form.line("name", _("Enter a name of up to 200 characters, on one line")),
        "description": _kept(_paragraphs(form, "description"), before.description if before else ""),
        "included": [line.strip() for line in text("included").split("\n") if line.strip()],
        "settings_schema": _schema(form),
        "numbers": {
            "least": form.count("least", 1_000),
            "most": form.count("most", 1_000),
            "grades": [grade for grade in GRADES if grade in form.form.all("grades")],
            "prefixes": _words(form, "prefixes", Digits, _("Enter prefixes such as 44121, with blanks between them")),
            "countries": _words(form, "countries", Digits, _("Enter calling codes such as 44, with blanks between")),
        },
        "customers": {
            "needs": _words(form, "needs", Slug, _("Enter ids of service types, with blanks between them")),
            "excludes": _words(form, "excludes", Slug, _("Enter ids of service types, with blanks between them")),
            "most_per_order": form.count("most_per_order", 1_000, least=1, needed=False),
            "most_per_customer": form.count("most_per_customer", 1_000_000, least=1, needed=False),
        },
        "terms": {
            "version": form.line("terms_version", _("Enter a version of up to 200 characters, such as 2026-06")),
            "text": _kept(_paragraphs(form, "terms_text"), before.terms.text if before else ""),
        },
        "resellers": _words(form, "resellers", Reseller, _("Enter ids of resellers, with blanks between them")),
    }  # fmt: skip
    if any(not fits(Text, line) for line in entry["included"]):
        form.errors["included"] = _("Write one thing on each line, of up to 200 characters")
    form.errors |= unknown(form.form, {"grades": GRADES})
    if not entry["terms"]["text"]:
        form.errors["terms_text"] = _("Enter the terms that customers agree to")
    if form.errors:
        return None
    try:
        return ServiceTypeEntry.model_validate(entry)
    except ValidationError as error:
        for fault in problems.faults(error):
            at = f"/entry{fault['pointer']}"
            place = max((one for one in PLACES if at.startswith(one)), key=len, default="")
            form.errors[PLACES.get(place, "")] = sentence(said(fault))
        return None


def _kept(typed: str, before: str) -> str:
    """What stood there before, if only blanks and line ends are different."""
    return before if typed == before.replace("\r\n", "\n").strip() else typed


def _paragraphs(form: Fields, name: str) -> str:
    message = _("Enter a text of up to 60,000 characters, without control characters")
    typed: str = form.of(Paragraphs, name, message)
    return typed


def _words(form: Fields, name: str, kind: Any, message: str) -> list[str]:
    words = list(listed(form.form.text(name)))
    if not all(fits(kind, word) for word in words):
        form.errors[name] = message
    return words


def _schema(form: Fields) -> dict[str, Any]:
    """The settings schema. Provisioning says what is wrong with it as a schema; here it has to be one JSON object."""
    typed = form.form.text("schema")
    if len(typed) > MOST_SCHEMA:
        form.errors["schema"] = _("It is longer than 65,536 characters: shorten it")
        return {}
    try:
        found = json.loads(typed, object_pairs_hook=_each_once, parse_constant=_no_number)
        return TypeAdapter(Settings).validate_python(found)
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno, "what": error.msg}
        form.errors["schema"] = _("Line %(line)s, column %(column)s is no JSON: %(what)s") % where
    except ValidationError:
        form.errors["schema"] = _("Write one JSON object with finite numbers, as JSON Schema 2020-12 has it")
    except RecursionError:
        form.errors["schema"] = _("It is nested too deep: make it flatter")
    except ValueError as error:
        form.errors["schema"] = str(error)
    return {}


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(
            _("The name %(name)s stands twice in one object: leave one of them out") % {"name": twice[:80]}
        )
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(_("%(name)s is no number in JSON: write a finite one") % {"name": name})
