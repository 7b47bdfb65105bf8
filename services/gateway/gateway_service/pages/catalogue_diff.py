"""What differs between two versions of a service type, in the words of the form that drafts are written with."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway_service.pages.language import gettext as _
from gateway_service.pages.settings_explained import explained
from gateway_service.pages.wording import word
from patchbay_contracts.catalogue_changes import Diff, Difference, Version

SCHEMA = "/settings_schema/"


class Row(NamedTuple):
    """A field by its name, how it differs, and both values."""

    field: str
    what: str
    before: str
    after: str


def rows(found: Diff, before: Version, after: Version) -> Sequence[Row]:
    """Each difference, in its order."""
    return [_row(one, before, after) for one in found.differences]


def _row(one: Difference, before: Version, after: Version) -> Row:
    what = {"added": _("added"), "removed": _("removed"), "changed": _("changed")}[one.what]
    if not one.pointer.startswith(SCHEMA):
        field = _fields().get(one.pointer, one.pointer)
        return Row(field, what, _said(one.pointer, one.before), _said(one.pointer, one.after))
    keyword, _sep, name = one.pointer.removeprefix(SCHEMA).partition("/")
    name = name.replace("~1", "/").replace("~0", "~")
    titles = {setting.name: setting.title for version in (before, after) for setting in version.settings}
    title = {"title": titles.get(name, name)}
    if keyword == "properties":
        field, values = _("Setting %(title)s") % title, (_setting(before, name), _setting(after, name))
        return Row(field, what, values[0] or _said("", one.before), values[1] or _said("", one.after))
    if keyword == "required" and name:
        return Row(_("Setting %(title)s has to be set") % title, what, _yes_no(one.before), _yes_no(one.after))
    field = _("What comes with setting %(title)s") % title if name else _("Settings: %(what)s") % {"what": keyword}
    return Row(field, what, _said("", one.before), _said("", one.after))


def _fields() -> Mapping[str, str]:
    return {
        "/name": _("Name"),
        "/description": _("Description"),
        "/included": _("Included"),
        "/numbers/least": _("Fewest numbers of a service"),
        "/numbers/most": _("Most numbers of a service"),
        "/numbers/grades": _("Grades"),
        "/numbers/prefixes": _("Prefixes"),
        "/numbers/countries": _("Countries"),
        "/customers/needs": _("Needs these services"),
        "/customers/excludes": _("Excludes these services"),
        "/customers/most_per_order": _("Most in one order"),
        "/customers/most_per_customer": _("Most of one customer"),
        "/terms/version": _("Version of the terms"),
        "/terms/language": _("Language of the terms"),
        "/terms/text": _("Text of the terms"),
        "/resellers": _("Sold by"),
    }


def _said(pointer: str, value: Any) -> str:
    """A value, as it is read best. What limits nothing is said so."""
    if value in (None, []) and pointer in _fields():
        return {
            "/numbers/grades": _("all"),
            "/numbers/prefixes": _("all"),
            "/numbers/countries": _("all"),
            "/customers/most_per_order": _("no limit"),
            "/customers/most_per_customer": _("no limit"),
            "/resellers": _("all resellers"),
        }.get(pointer, _("none"))
    if isinstance(value, bool):
        return _yes_no(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        between = "\n" if pointer == "/included" else ", "
        return between.join(word("grade", one) if pointer == "/numbers/grades" else one for one in value)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _yes_no(value: Any) -> str:
    return _("Yes") if value else _("No")


def _setting(version: Version, name: str) -> str:
    """What the setting is called and takes; nothing where it is not there."""
    found = [one for one in explained(version.settings) if one.setting.name == name]
    return "\n".join(
        text for one in found for text in (one.setting.title, one.setting.description, *one.sentences) if text
    )
