"""What a service type's settings take, in plain words: as its JSON Schema has it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from gateway_service.pages.language import gettext as _
from gateway_service.pages.settings_form import coded
from patchbay_contracts.catalogue import Setting, When
from patchbay_contracts.setting_forms import DestinationKind


class Explained(NamedTuple):
    """A setting, with sentences about what it takes."""

    setting: Setting
    sentences: Sequence[str]


def explained(settings: Sequence[Setting]) -> Sequence[Explained]:
    """Each of them, also those that are there under conditions, with these."""
    named: dict[str, Setting] = {}
    for one in settings:
        named.setdefault(one.name, one)
    return [Explained(one, tuple(_sentences(one, named))) for one in settings]


def _sentences(setting: Setting, named: Mapping[str, Setting]) -> Iterator[str]:
    yield _taken(setting)
    if setting.kind in {"text", "destination"} and (length := _length(setting)):
        yield length
    if setting.pattern:
        yield _("It has to match the pattern %(pattern)s.") % {"pattern": setting.pattern}
    if setting.default is not None and setting.kind != "time_plan":
        yield _("To begin with: %(value)s.") % {"value": called(setting, setting.default)}
    for when in setting.when:
        yield _condition(when, named.get(when.setting))


def _taken(setting: Setting) -> str:
    if setting.kind == "yes_no":
        return _("Yes or no.")
    if setting.kind == "choice":
        return _("One of: %(choices)s.") % {"choices": ", ".join(one.title for one in setting.choices)}
    if setting.kind == "number":
        return _number(setting)
    if setting.kind == "time_plan":
        return _("Times for each day of the week, and for single days.")
    if setting.kind == "destination":
        return _("One of these: %(kinds)s.") % {"kinds": ", ".join(map(_destination, setting.destinations))}
    return _("Text.")


def _number(setting: Setting) -> str:
    bounds = {"least": setting.least, "most": setting.most}
    if setting.least is None and setting.most is None:
        return _("A whole number.") if setting.whole else _("A number.")
    if setting.most is None:
        return (
            _("A whole number, %(least)s or more.") if setting.whole else _("A number, %(least)s or more.")
        ) % bounds
    if setting.least is None:
        return (
            _("A whole number, %(most)s at the most.") if setting.whole else _("A number, %(most)s at the most.")
        ) % bounds
    said = (
        _("A whole number from %(least)s to %(most)s.") if setting.whole else _("A number from %(least)s to %(most)s.")
    )
    return said % bounds


def _length(setting: Setting) -> str:
    bounds = {"least": setting.least, "most": setting.most}
    if setting.most is None:
        return _("At least %(least)s characters.") % bounds if setting.least else ""
    if not setting.least:
        return _("At most %(most)s characters.") % bounds
    return _("%(least)s to %(most)s characters.") % bounds


def _destination(kind: DestinationKind) -> str:
    return {
        "number": _("a number"),
        "sip": _("a SIP address"),
        "email": _("an e-mail address"),
        "voicemail": _("voicemail"),
    }[kind]


def _condition(when: When, on: Setting | None) -> str:
    said = {
        "given": _("Only there once %(title)s is entered."),
        "one_of": _("Only there if %(title)s is: %(values)s."),
        "not_one_of": _("Only there unless %(title)s is: %(values)s."),
    }[when.is_]
    values = ", ".join(called(on, value) for value in when.values)
    return said % {"title": on.title if on else when.setting, "values": values}


def called(setting: Setting | None, value: JsonValue) -> str:
    """A value as the form shows it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    titles = [one.title for one in setting.choices if one.value == value] if setting is not None else []
    return titles[0] if titles else value if isinstance(value, str) else coded(value)
