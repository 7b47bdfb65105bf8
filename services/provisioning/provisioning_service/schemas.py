"""Settings schemas without IO: compiled, described setting by setting, and refused where no page could show them.

A schema may come from anybody who may change the catalogue, so what it costs is bounded: its size, its depth, its
regular expressions (matched in linear time), and nothing is ever fetched for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from patchbay_contracts.catalogue import Choice, Setting, SettingKind, When

ALL_DESTINATIONS = ("number", "sip", "voicemail")
_PATTERNS = jsonschema_rs.RegexOptions(size_limit=100_000, dfa_size_limit=1_000_000)

Schema = Mapping[str, Any]


def compiled(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """The schema, ready to check settings. Raises ValueError if it is none (as a ValidationError of jsonschema_rs)."""
    return jsonschema_rs.Draft202012Validator(dict(schema), offline=True, pattern_options=_PATTERNS)


def kind_of(schema: Schema) -> SettingKind | None:
    """What a page has to show for a property; None if it does not say."""
    match schema.get("format"), schema.get("type"):
        case "destination", _:
            return "destination"
        case "time-plan", _:
            return "time_plan"
    if "enum" in schema or "oneOf" in schema:
        return "choice"
    kinds: dict[object, SettingKind] = {
        "boolean": "yes_no", "integer": "number", "number": "number", "string": "text",
    }  # fmt: skip
    type_ = schema.get("type")
    return kinds.get(type_) if isinstance(type_, str) else None


def described(schema: Schema) -> tuple[Setting, ...]:
    """The settings of a schema as pages show them, each with the conditions under which it is there."""
    return tuple(_described(schema, (), {}))


def _described(schema: Schema, when: tuple[When, ...], above: dict[str, Setting]) -> Iterator[Setting]:
    required = set(schema.get("required", ()))
    for name, inner in schema.get("properties", {}).items():
        found = _setting(name, inner, name in required, when, above.get(name))
        above.setdefault(name, found)
        yield found
    for name in sorted(required - schema.get("properties", {}).keys()):
        if name in above:
            yield above[name].model_copy(update={"required": True, "when": when})
    for branch, condition in branches(schema):
        yield from _described(branch, (*when, *condition), dict(above))


def branches(schema: Schema) -> Iterator[tuple[Schema, tuple[When, ...]]]:
    """The parts of a schema that hold under conditions, with these."""
    for part in schema.get("allOf", ()):
        yield part, ()
    if "if" in schema:
        held = conditions(schema["if"])
        if "then" in schema:
            yield schema["then"], held
        if "else" in schema:
            yield schema["else"], tuple(one.model_copy(update={"is_": "not_one_of"}) for one in held)
    for name, part in schema.get("dependentSchemas", {}).items():
        yield part, (When(setting=name, is_="given"),)
    for name, needed in schema.get("dependentRequired", {}).items():
        yield {"required": needed}, (When(setting=name, is_="given"),)


def conditions(condition: Schema) -> tuple[When, ...]:
    """What an `if` asks: each setting that it names has one of some values."""
    return tuple(
        When(setting=name, is_="one_of", values=tuple(inner["enum"]) if "enum" in inner else (inner.get("const"),))
        for name, inner in condition.get("properties", {}).items()
    )


def _setting(name: str, schema: Schema, required: bool, when: tuple[When, ...], above: Setting | None) -> Setting:
    kind = kind_of(schema)
    if above is not None and kind is None:
        return above.model_copy(update={"required": required or above.required, "when": when})
    text = kind in ("text", "destination")
    return Setting(
        name=name,
        kind=kind or "text",
        title=str(schema.get("title") or (above.title if above else name.replace("_", " ").capitalize())),
        description=str(schema.get("description") or (above.description if above else "")),
        required=required,
        default=schema.get("default"),
        choices=_choices(schema) if kind == "choice" else (),
        least=schema.get("minLength" if text else "minimum"),
        most=schema.get("maxLength" if text else "maximum"),
        whole=schema.get("type") == "integer",
        pattern=str(schema.get("pattern", "")),
        destinations=tuple(schema.get("destinations", ALL_DESTINATIONS)) if kind == "destination" else (),
        when=when,
    )


def _choices(schema: Schema) -> tuple[Choice, ...]:
    if "oneOf" in schema:
        values = [(one.get("const"), one.get("title")) for one in schema["oneOf"]]
    else:
        values = [(value, None) for value in schema["enum"]]
    return tuple(Choice(value=value, title=str(title if title is not None else value)) for value, title in values)
