"""What keeps a settings schema out of the catalogue: each fault with its place and its remedy. No IO."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from patchbay_chassis.problems import pointer
from provisioning_service.schemas import compiled, described, kind_of
from provisioning_service.setting_faults import form_faults

MOST_BYTES = 64 * 1024
MOST_DEPTH = 12
MOST_SETTINGS = 100
MOST_TEXT = 4_000
MOST_PATTERN = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

_PARTS = {"title", "description", "properties", "required", "if", "then", "else", "allOf", "dependentSchemas"}
_PARTS |= {"dependentRequired"}
_TOP = _PARTS | {"$schema", "type", "additionalProperties", "unevaluatedProperties"}
_PROPERTY = {"type", "title", "description", "default", "enum", "oneOf", "format", "destinations", "examples"}
_PROPERTY |= {"minLength", "maxLength", "pattern", "minimum", "maximum", "multipleOf"}
_TEXTS = {"title", "description", "pattern", "format"}
Place = tuple[str | int, ...]


class SchemaFault(NamedTuple):
    """`pointer` leads into the schema."""

    pointer: str
    message: str
    remedy: str


def schema_faults(schema: dict[str, Any]) -> list[SchemaFault]:
    """Everything that is wrong; nothing if it may stand in the catalogue. What is too large or too deep is not read
    any further."""
    if _too_deep(schema):
        return [SchemaFault("", f"it is nested more than {MOST_DEPTH} deep", "make it flatter")]
    if len(orjson.dumps(schema)) > MOST_BYTES:
        return [SchemaFault("", f"it has more than {MOST_BYTES} bytes", "split the service type in two")]
    if found := list(_top(schema)):
        return found[:50]
    try:
        compiled(schema)
    except jsonschema_rs.ValidationError as error:
        return [SchemaFault(pointer(error.instance_path), "it is no JSON Schema at this place", _remedy(error))]
    except ValueError:
        return [SchemaFault("", "it is no JSON Schema", "see JSON Schema 2020-12")]
    return [*_meaning(schema)][:50]


def _remedy(error: jsonschema_rs.ValidationError) -> str:
    if error.instance_path and error.instance_path[-1] == "pattern":
        return "write a short regular expression without look-around and back-references"
    return "see this keyword in JSON Schema 2020-12"


def _too_deep(schema: object) -> bool:
    level: Sequence[object] = [schema]
    for _ in range(MOST_DEPTH):
        inner = [list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [value for values in inner for value in values]
    return any(isinstance(one, dict | list) for one in level)


def _top(schema: dict[str, Any]) -> Iterator[SchemaFault]:
    if schema.get("type") != "object":
        yield SchemaFault("/type", "settings are an object", 'write "type": "object"')
    if (schema.get("additionalProperties") is False) == (schema.get("unevaluatedProperties") is False):
        yield SchemaFault(
            "",
            "settings that it does not describe would be let through, or are refused twice",
            "set either additionalProperties to false, or, with conditional settings, unevaluatedProperties",
        )
    yield from _part(schema, (), _TOP)


def _part(schema: Any, at: Place, keywords: set[str]) -> Iterator[SchemaFault]:
    if not isinstance(schema, dict):
        yield SchemaFault(pointer(at), "a schema is an object here", "write one in braces")
        return
    yield from _keywords(schema, at, keywords)
    for name, inner in _object(schema, "properties").items():
        yield from _property(name, inner, (*at, "properties", name))
    for part, inner in enumerate(schema["allOf"] if isinstance(schema.get("allOf"), list) else ()):
        yield from _part(inner, (*at, "allOf", part), _PARTS)
    for name, inner in _object(schema, "dependentSchemas").items():
        yield from _part(inner, (*at, "dependentSchemas", name), _PARTS)
    for branch in ("then", "else"):
        if branch in schema:
            yield from _part(schema[branch], (*at, branch), _PARTS)
    if "if" in schema:
        yield from _condition(schema["if"], (*at, "if"), "else" in schema)


def _object(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    found = schema.get(keyword)
    return found if isinstance(found, dict) else {}


def _keywords(schema: dict[str, Any], at: Place, keywords: set[str]) -> Iterator[SchemaFault]:
    for keyword in sorted(schema.keys() - keywords):
        yield SchemaFault(pointer((*at, keyword)), "no page can show this keyword", "leave it out")
    for keyword in sorted(schema.keys() & _TEXTS):
        if not isinstance(schema[keyword], str):
            yield SchemaFault(pointer((*at, keyword)), "it is a text", "write it in quotes")


def _condition(condition: Any, at: Place, otherwise: bool) -> Iterator[SchemaFault]:
    """An `if` is so plain that every page can tell whether it holds."""
    asked = condition.get("properties") if isinstance(condition, dict) else None
    plain = isinstance(asked, dict) and all(
        isinstance(one, dict)
        and (one.keys() == {"const"} or (one.keys() == {"enum"} and isinstance(one["enum"], list)))
        for one in asked.values()
    )
    if not asked or not plain or condition.keys() != {"properties", "required"}:
        remedy = "name settings under properties, each with const or enum, and name the same under required"
        yield SchemaFault(pointer(at), "a condition is about the values of settings", remedy)
    elif condition["required"] != list(asked) and set(condition["required"]) != set(asked):
        remedy = "name the same settings under required as under properties"
        yield SchemaFault(pointer((*at, "required")), "it would hold where a setting is not given", remedy)
    elif otherwise and len(asked) > 1:
        remedy = "ask for one setting, or write two conditions"
        yield SchemaFault(pointer(at), "a condition that has an else is about one setting", remedy)


def _property(name: str, schema: Any, at: Place) -> Iterator[SchemaFault]:
    if not _NAME.fullmatch(name):
        remedy = "use up to 40 small letters, digits and underscores, beginning with a letter"
        yield SchemaFault(pointer(at), "a setting cannot have this name", remedy)
    if not isinstance(schema, dict):
        yield SchemaFault(pointer(at), "a setting is described by an object", "write one in braces")
        return
    yield from _keywords(schema, at, _PROPERTY)
    if len(str(schema.get("pattern", ""))) > MOST_PATTERN:
        yield SchemaFault(pointer((*at, "pattern")), f"longer than {MOST_PATTERN} characters", "shorten it")
    if schema.get("format") not in (None, "destination", "time-plan"):
        remedy = "use destination or time-plan, or a pattern"
        yield SchemaFault(pointer((*at, "format")), "no page can show this format", remedy)
    kind = kind_of(schema)
    if kind is None and schema.keys() - {"title", "description"}:
        remedy = "give a type (string, integer, number, boolean), enum, oneOf or a format"
        yield SchemaFault(pointer(at), "it does not say what kind of setting it is", remedy)
    most = schema.get("maxLength")
    if kind == "text" and not (isinstance(most, int) and 0 < most <= MOST_TEXT):
        remedy = f"give it a maxLength of up to {MOST_TEXT}"
        yield SchemaFault(pointer(at), "a text without an end", remedy)
    if kind == "choice":
        yield from _choice(schema, at)
    if kind == "destination":
        yield from _destination(schema, at)
    if kind == "time_plan" and schema.get("type") != "object":
        yield SchemaFault(pointer((*at, "type")), "a time plan is an object", 'write "type": "object"')


def _choice(schema: dict[str, Any], at: Place) -> Iterator[SchemaFault]:
    values = schema.get("oneOf", schema.get("enum"))
    titled = "enum" in schema or (
        isinstance(values, list) and all(isinstance(one, dict) and one.keys() == {"const", "title"} for one in values)
    )
    plain = isinstance(values, list) and not any(
        isinstance(one.get("const") if isinstance(one, dict) and "oneOf" in schema else one, dict | list)
        for one in values
    )
    if not values or not titled or not plain or ("enum" in schema and "oneOf" in schema):
        remedy = "give either enum with its values, or oneOf with a const and a title for each"
        yield SchemaFault(pointer(at), "it is not clear what can be chosen", remedy)


def _destination(schema: dict[str, Any], at: Place) -> Iterator[SchemaFault]:
    kinds = schema.get("destinations", ["number"])
    if schema.get("type") != "string":
        yield SchemaFault(pointer((*at, "type")), "a destination is a text", 'write "type": "string"')
    if not isinstance(kinds, list) or not kinds or not all(k in ("number", "sip", "email", "voicemail") for k in kinds):
        remedy = "name some of number, sip, email and voicemail"
        yield SchemaFault(pointer((*at, "destinations")), "it is not clear what calls may go to", remedy)


def _meaning(schema: dict[str, Any]) -> Iterator[SchemaFault]:
    """What is a schema, and still not what a page needs: names without titles, requirements of what is not there."""
    settings = described(schema)
    if len(settings) > MOST_SETTINGS:
        yield SchemaFault("", f"more than {MOST_SETTINGS} settings", "split the service type in two")
    names = {one.name for one in settings}
    for at, part in _parts(schema, ()):
        for name in part.get("required", ()):
            if name not in names:
                listed = pointer((*at, "required"))
                yield SchemaFault(listed, "a setting is required that is nowhere described", "describe it, or drop it")
        for name, inner in part.get("properties", {}).items():
            where = (*at, "properties", name)
            if "title" not in inner and not at:
                yield SchemaFault(pointer(where), "it has no title", "give it one: pages and messages name it so")
            if "default" in inner and not _fits(inner):
                remedy = "give one that the setting itself would take"
                yield SchemaFault(pointer((*where, "default")), "this default would be refused", remedy)


def _parts(schema: dict[str, Any], at: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    yield at, schema
    for number, inner in enumerate(schema.get("allOf", ())):
        yield from _parts(inner, (*at, "allOf", number))
    for branch in ("then", "else"):
        if branch in schema:
            yield from _parts(schema[branch], (*at, branch))
    for name, inner in schema.get("dependentSchemas", {}).items():
        yield from _parts(inner, (*at, "dependentSchemas", name))


def _fits(inner: dict[str, Any]) -> bool:
    if not compiled(inner).is_valid(inner["default"]):
        return False
    (setting,) = described({"properties": {"it": inner}})
    return setting.kind not in ("destination", "time_plan") or not [*form_faults(setting, inner["default"], ())]
