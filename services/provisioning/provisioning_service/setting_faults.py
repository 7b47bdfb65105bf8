"""What is wrong with the settings of a service, said as an operator reads it: by the titles of its settings. No IO."""

from collections.abc import Container, Iterator
from typing import NamedTuple

import jsonschema_rs
import orjson
from pydantic import JsonValue, ValidationError

from patchbay_contracts.catalogue import Setting, shown
from patchbay_contracts.setting_forms import TimePlan, parse_destination
from patchbay_contracts.words import Settings
from provisioning_service.catalogue import ServiceType
from provisioning_service.schemas import described

MOST_QUOTED = 40
_KINDS = {"number": "a number", "sip": "a SIP address", "email": "an e-mail address", "voicemail": "voicemail"}
_FORMS = {
    "text": ("must be a text", "write it as a text"),
    "number": ("must be a number", "write digits only"),
    "choice": ("must be one of the choices", "choose one of them"),
    "yes_no": ("must be yes or no", "choose yes or no"),
    "time_plan": ("must be a time plan", "give the opening hours of each weekday"),
    "destination": ("must be a destination", "write it as in +441214960000"),
}
_TIME_PLAN = {
    "string_pattern_mismatch": ("is no time of day", "write it as in 09:30, up to 24:00"),
    "literal_error": ("is no weekday", "use monday to sunday"),
    "extra_forbidden": ("is no part of a time plan", "leave it out"),
    "missing": ("is missing", "add it"),
    "too_long": ("has too many entries", "leave some out"),
}
_NO_TIMES = ("has no times that can be read", "give times such as from 09:00 to 12:30")
_NO_DAY = ("has no day that can be read", "give a date such as 2026-12-24 with its times")


class SettingFault(NamedTuple):
    """`path` leads into the settings."""

    path: tuple[str | int, ...]
    code: str
    message: str
    remedy: str


def setting_faults(type_: ServiceType, settings: Settings, own: Container[int]) -> Iterator[SettingFault]:
    """Everything that is wrong with the settings of a service that has `own` numbers."""
    if not type_.settings.is_valid(settings):
        yield from _explained(type_, settings)
    if not type_.forms.keys().isdisjoint(settings):
        for name, setting in type_.forms.items():
            if name in settings:
                yield from form_faults(setting, settings[name], own)


def form_faults(setting: Setting, value: JsonValue, own: Container[int]) -> Iterator[SettingFault]:
    """What is wrong with a destination or a time plan. One of another JSON type is the schema's to refuse."""
    if setting.kind == "destination" and isinstance(value, str):
        try:
            found = parse_destination(value)
        except ValueError as error:
            message, _, remedy = str(error).partition(": ")
            code = "settings.emergency" if message.startswith("an emergency") else "settings.not_a_destination"
            if not remedy:
                message, _, remedy = message.partition("; ")
            yield SettingFault((setting.name,), code, f"{setting.title} is {message}", remedy)
            return
        if found.kind not in setting.destinations:
            kinds = " or ".join(_KINDS[kind] for kind in setting.destinations)
            message = f"{setting.title} cannot be {_KINDS[found.kind]}"
            yield SettingFault((setting.name,), "settings.wrong_destination", message, f"give {kinds}")
        elif found.kind == "number" and int(found.value) in own:
            message = f"{setting.title} is the service's own number: its calls would go round in a circle"
            yield SettingFault((setting.name,), "settings.loop", message, "choose another destination")
    elif setting.kind == "time_plan" and isinstance(value, dict):
        try:
            TimePlan.model_validate_json(orjson.dumps(value), strict=True)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False)[:20]:
                yield _of_time_plan(setting, fault["loc"], fault["type"], fault["msg"])


def _of_time_plan(setting: Setting, loc: tuple[str | int, ...], kind: str, said: str) -> SettingFault:
    path = loc[:-1] if loc and loc[-1] == "[key]" else loc
    where = _within(path)
    if kind == "value_error":
        message, _, remedy = said.removeprefix("Value error, ").partition(": ")
    elif kind.startswith("date"):
        message, remedy = "is no date", "write it as in 2026-12-25"
    else:
        message, remedy = _TIME_PLAN.get(kind, _NO_DAY if path[:1] == ("exceptions",) else _NO_TIMES)
    middle = f", {where}" if where else ""
    parts = "" if kind != "value_error" else ":"
    text = f"{setting.title}{middle}{parts} {message}"
    return SettingFault((setting.name, *path), "settings.bad_time_plan", text, remedy)


def _within(path: tuple[str | int, ...]) -> str:
    """The part of a time plan, as people call it: `Monday`, `other day 2`, `Monday 1 from`."""
    first, rest = path[:1], [str(part + 1) if isinstance(part, int) else part[:MOST_QUOTED] for part in path[1:]]
    if first == ("weekdays",) and rest:
        rest[0] = rest[0].capitalize()
    return " ".join(["other day", *rest] if first == ("exceptions",) else rest or map(str, first))


def _explained(type_: ServiceType, settings: Settings) -> Iterator[SettingFault]:
    there = {one.name: one for one in shown(described(type_.entry.settings_schema), settings)}
    found = dict[tuple[tuple[str | int, ...], str], SettingFault]()
    for error in type_.settings.iter_errors(settings):
        for fault in _of_schema(type_, there, error):
            found.setdefault((fault.path, fault.code), fault)
        if len(found) >= 50:
            break
    # A condition that fails makes its settings look unknown: only what is wrong with them in itself is said.
    certain = {fault.path[:1] for fault in found.values() if fault.code != "settings.not_applicable"}
    for fault in found.values():
        if fault.code != "settings.not_applicable" or (fault.path[:1] not in certain and fault.path[0] not in there):
            yield fault
    if not found:
        yield SettingFault((), "settings.bad_value", f"{type_.entry.name} does not take these settings", "review them")


def _of_schema(
    type_: ServiceType, there: dict[str, Setting], error: jsonschema_rs.ValidationError
) -> Iterator[SettingFault]:
    path = tuple(error.instance_path)
    kind = error.kind
    match kind.name:
        case "required":
            name = str(kind.as_dict()["property"])
            title = there[name].title if name in there else _title(type_, name)
            yield SettingFault((*path, name), "settings.required", f"{title} is missing", "add it")
        case "additionalProperties" | "unevaluatedProperties":
            for name in kind.as_dict()["unexpected"]:
                yield _unexpected(type_, (*path, name), name)
        case _ if path:
            name = str(path[0])
            setting = there.get(name) or type_.described.get(name)
            yield _bad_value(setting or Setting(name=name, kind="text", title=_title(type_, name)), path, error)
        case _:
            message = f"{type_.entry.name} does not take these settings"
            yield SettingFault(path, "settings.bad_value", message, "give an object of settings")


def _unexpected(type_: ServiceType, path: tuple[str | int, ...], name: str) -> SettingFault:
    if name in type_.described:
        message = f"{_title(type_, name)} has no effect while the other settings are as they are"
        return SettingFault(path, "settings.not_applicable", message, "leave it out, or change what it depends on")
    message = f"{type_.entry.name} has no setting '{name[:MOST_QUOTED]}'"
    return SettingFault(path, "settings.unknown", message, "remove it")


def _title(type_: ServiceType, name: str) -> str:
    return type_.described[name].title if name in type_.described else name[:MOST_QUOTED]


def _bad_value(setting: Setting, path: tuple[str | int, ...], error: jsonschema_rs.ValidationError) -> SettingFault:
    limit = error.kind.as_dict().get("limit")
    match error.kind.name:
        case "enum" | "oneOf" | "const" | "anyOf" if setting.choices:
            titles = ", ".join(choice.title for choice in setting.choices[:20])
            said = (f"{setting.title} must be one of: {titles}", "choose one of them")
        case "minimum" | "exclusiveMinimum":
            said = (f"{setting.title} must be {limit} or more", f"give {limit} or more")
        case "maximum" | "exclusiveMaximum":
            said = (f"{setting.title} must be {limit} or less", f"give {limit} or less")
        case "minLength":
            said = (f"{setting.title} must have {limit} characters or more", "lengthen it")
        case "maxLength":
            said = (f"{setting.title} must have {limit} characters or fewer", "shorten it")
        case "multipleOf":
            step = error.kind.as_dict().get("multiple_of")
            said = (f"{setting.title} must be a multiple of {step}", "round it")
        case "pattern":
            said = (f"{setting.title} does not have the right form", setting.description or "see how it is written")
        case "type" if setting.kind == "number" and setting.whole:
            said = (f"{setting.title} must be a whole number", "write digits only")
        case _:
            message, remedy = _FORMS[setting.kind]
            said = (f"{setting.title} {message}", remedy)
    return SettingFault(path, "settings.bad_value", *said)
