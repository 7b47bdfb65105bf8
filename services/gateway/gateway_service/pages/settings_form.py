"""A service type's settings as fields of a form, and what was typed into them as settings again.

What cannot be read stays as it was typed, in its place: the validity report says what is wrong with it, and the form
shows it again.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, get_args

import orjson
from pydantic import JsonValue

from gateway_service.draft_settings import with_defaults
from gateway_service.pages.language import gettext as _
from gateway_service.pages.language import spoken
from patchbay_contracts.catalogue import Setting, shown
from patchbay_contracts.setting_forms import DestinationKind, Weekday, plan_text
from patchbay_contracts.words import Settings

WEEKDAYS: tuple[str, ...] = get_args(Weekday)
YES, NO = "yes", "no"
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
_HOURS = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(?:-|–|to)\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?", re.IGNORECASE)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ :]*(.*)")
_CLOSED = "closed"
_EXAMPLES: Mapping[DestinationKind, str] = {
    "number": "+441214960000",
    "sip": "sip:desk@pbx.example",
    "email": "office@example.com",
    "voicemail": "voicemail",
}


class Typed(Protocol):
    """A form that was sent."""

    def text(self, name: str) -> str:
        """What stands in that field; nothing if there is none."""
        ...


def fields(settings: Iterable[Setting], prefix: str) -> tuple[str, ...]:
    """The names of all fields, which are their ids as well."""
    return tuple(
        name
        for one in settings
        for name in (
            [*(f"{prefix}{one.name}-weekdays-{day}" for day in WEEKDAYS), f"{prefix}{one.name}-exceptions"]
            if one.kind == "time_plan"
            else [prefix + one.name]
        )
    )


def at_fields(errors: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Errors by the field that shows them: what is wrong inside of a setting is said at its field, and what is wrong
    with a whole time plan at its first one. What has no field stays as it is."""
    known, found = tuple(names), dict[str, str]()
    for id_, message in errors.items():
        inside = [name for name in known if id_ == name or id_.startswith(f"{name}-")]
        whole = [name for name in known if name.startswith(f"{id_}-")]
        found.setdefault(max(inside, key=len) if inside else whole[0] if whole else id_, message)
    return found


def typed(form: Typed, settings: Iterable[Setting], prefix: str) -> Settings:
    """All that was typed. Fields are named by `prefix` and their setting's name. One that is empty is not given."""
    return {one.name: value for one in settings if (value := _read(form, one, prefix + one.name)) is not None}


def read(
    form: Typed,
    settings: Iterable[Setting],
    prefix: str,
    *,
    before: Settings | None = None,
    aside: Mapping[str, JsonValue] = {},
) -> Settings:
    """What was typed, as far as its fields are there while these settings are given; with what lies `aside`, and the
    defaults, of those whose fields were not there while those of `before` were given."""
    everything = tuple(settings)
    given = typed(form, everything, prefix)
    given = {one.name: given[one.name] for one in shown(everything, given) if one.name in given}
    if before is None:
        return given
    return with_defaults(everything, given, but=_names(everything, before), aside=aside)


def left(settings: Iterable[Setting], given: Settings, *others: Mapping[str, JsonValue]) -> Settings:
    """What these others have of settings that are not there while those are given."""
    there = _names(tuple(settings), given)
    return {name: value for other in others for name, value in other.items() if name not in there}


def own(
    form: Typed,
    settings: Iterable[Setting],
    prefix: str,
    *,
    was: Settings,
    before: Settings,
    after: Settings,
    aside: Mapping[str, JsonValue] = {},
) -> Settings:
    """A number's own settings, whose form showed what `was` its own over those of all numbers `before`: what is its own
    still, and what was typed otherwise than it was shown, as far as all numbers do not have the same `after` it; with
    what lies `aside`, and the defaults, of those whose fields come with it."""
    everything, both = tuple(settings), before | was
    given, showed = read(form, everything, prefix), read(_showing(everything, both, prefix), everything, prefix)
    of_it = {
        name: value
        for name, value in given.items()
        if (name in was or showed.get(name) != value) and after.get(name) != value
    }
    had, there = _names(everything, both), _names(everything, after | of_it)
    back = {name: value for name, value in aside.items() if name in there - had and after.get(name) != value}
    of_it = {name: value for name, value in of_it.items() if name in there} | back
    whole = with_defaults(everything, after | of_it, but=had, aside=aside)
    return of_it | {name: value for name, value in whole.items() if name not in after}


def _names(settings: tuple[Setting, ...], given: Settings) -> set[str]:
    return {one.name for one in shown(settings, given)}


class _Sent(dict[str, str]):
    """Texts by the names of their fields."""

    def text(self, name: str) -> str:
        return self.get(name, "")


def _showing(settings: tuple[Setting, ...], given: Settings, prefix: str) -> Typed:
    """A form that is sent as it is shown."""
    sent = _Sent()
    for one in shown(settings, given):
        name = prefix + one.name
        if one.kind == "time_plan":
            sent |= {f"{name}-weekdays-{day}": day_text(one, given, day) for day in WEEKDAYS}
            sent[f"{name}-exceptions"] = exceptions_text(one, given)
        else:
            sent[name] = text(one, given)
    return sent


def text(setting: Setting, given: Settings) -> str:
    """What stands in the field of a setting that is one field."""
    value = given.get(setting.name)
    if value is None:
        return ""
    if isinstance(value, bool) and setting.kind == "yes_no":
        return YES if value else NO
    if setting.kind == "choice":
        return coded(value)
    return value if isinstance(value, str) else coded(value)


def examples(setting: Setting) -> str:
    """Of where calls may go, for each kind that the setting of a destination takes."""
    return ", ".join(_EXAMPLES[kind] for kind in setting.destinations or _EXAMPLES)


def coded(value: Any) -> str:
    """A choice as the form sends it: JSON, for `1` and `"1"` are two."""
    return orjson.dumps(value).decode()


def plain(value: JsonValue) -> str:
    """A setting's value on one line, whatever its kind is."""
    if isinstance(value, str):
        return value
    called = {day: spoken().locale.days["format"]["wide"][at] for at, day in enumerate(WEEKDAYS)}
    return plan_text(value, called | {_CLOSED: _("closed")}) or coded(value)


def day_text(setting: Setting, given: Settings, weekday: str) -> str:
    """What stands in the field of a weekday of a time plan, such as `09:00-12:30, 13:30-17:00`."""
    return _hours_text(_part(given.get(setting.name), "weekdays").get(weekday, ()))


def exceptions_text(setting: Setting, given: Settings) -> str:
    """What stands in the field of a time plan's exceptions: a date a line."""
    plan: Any = given.get(setting.name)
    days = plan.get("exceptions", ()) if isinstance(plan, dict) else ()
    return "\n".join(
        f"{day.get('date', '')} {_hours_text(day.get('hours', ())) or _CLOSED}"
        if isinstance(day, Mapping)
        else str(day)
        for day in days
    )


def _part(plan: Any, name: str) -> Mapping[str, Any]:
    found = plan.get(name) if isinstance(plan, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _hours_text(hours: Any) -> str:
    if isinstance(hours, str):
        return hours
    return ", ".join(
        f"{one['from']}-{one['to']}" for one in hours if isinstance(one, Mapping) and {"from", "to"} <= set(one)
    )


def _read(form: Typed, setting: Setting, name: str) -> Any:
    if setting.kind == "time_plan":
        return _plan(form, name)
    typed = form.text(name)
    if not typed:
        return None
    if setting.kind == "yes_no":
        return {YES: True, NO: False}.get(typed, typed)
    if setting.kind == "number" and _NUMBER.fullmatch(typed):
        return float(typed) if "." in typed else int(typed)
    if setting.kind == "choice":
        return next((choice.value for choice in setting.choices if coded(choice.value) == typed), typed)
    return typed


def _plan(form: Typed, name: str) -> Any:
    weekdays = {day: _hours(typed) for day in WEEKDAYS if (typed := form.text(f"{name}-weekdays-{day}"))}
    lines = [line.strip() for line in form.text(f"{name}-exceptions").splitlines() if line.strip()]
    if not weekdays and not lines:
        return None
    return {"weekdays": weekdays} | ({"exceptions": [_exception(line) for line in lines]} if lines else {})


def _exception(line: str) -> Any:
    found = _DAY.fullmatch(line)
    return {"date": found[1], "hours": _hours(found[2])} if found else line


def _hours(typed: str) -> Any:
    """Times of a day, or the text if it is none that can be read."""
    if typed.strip().lower() in {"", _CLOSED}:
        return []
    found = [_HOURS.fullmatch(part.strip()) for part in typed.split(",")]
    if None in found:
        return typed
    return [{"from": _clock(one[1], one[2]), "to": _clock(one[3], one[4])} for one in found if one]


def _clock(hour: str, minute: str | None) -> str:
    return f"{int(hour):02}:{minute or '00'}"
