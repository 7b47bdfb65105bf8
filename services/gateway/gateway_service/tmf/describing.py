"""The words in which the TM Forum facade describes itself in OpenAPI."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway_service.describing import Described, content, ref, route
from gateway_service.tmf.errors import translated
from gateway_service.tmf.selection import MOST, MOST_OFFSET, NAME, UNKNOWN, USUAL
from patchbay_contracts.problem_catalogue import BY_CODE

ERROR = {
    "type": "object",
    "required": ["code", "reason"],
    "properties": {
        "code": {"type": "string"},
        "reason": {"type": "string"},
        "message": {"type": "string", "description": "with the places in what was sent, and what to do"},
        "status": {"type": "string"},
        "referenceError": {"type": "string"},
        "@type": {"const": "Error"},
    },
}
_SHOWN_ERROR = {
    "code": "invalid",
    "reason": "That cannot be done",
    "message": "/relatedParty: there is no such customer: give the id of one that is there.",
    "status": "422",
    "referenceError": "https://patchbay.example/problems/invalid",
    "@type": "Error",
}
_TEXT = {"type": "string"}
TEXT_OR_NUMBER: dict[str, Any] = {"type": ["string", "integer"]}
"""A text, which older clients write as a number."""
FIELDS: dict[str, Any] = {
    "name": "fields",
    "in": "query",
    "schema": _TEXT,
    "description": "which attributes to show, with commas between them: exactly those",
}
LISTED: list[dict[str, Any]] = [
    FIELDS,
    {
        "name": "offset",
        "in": "query",
        "schema": {"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0},
    },
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": MOST, "default": USUAL}},
    {
        "name": "attributes",
        "in": "query",
        "schema": {
            "type": "object",
            "additionalProperties": True,
            "propertyNames": {"pattern": NAME, "not": {"enum": list(UNKNOWN)}},
        },
        "style": "form",
        "explode": True,
        "description": "any attribute by its path, such as `state=completed`, `relatedParty.id=42`,"
        " `orderDate.gt=2026-01-01`; several values with commas between them, in quotes if they have commas themselves",
    },
]
_COUNTS = {
    "X-Total-Count": {"schema": {"type": "integer"}, "description": "how many match"},
    "X-Result-Count": {"schema": {"type": "integer"}, "description": "how many of them are here"},
}


def errors(*bad: int) -> dict[int | str, Any]:
    """Answers that are errors."""
    error = {"description": "An error in the TM Forum's shape", "content": content(ref("TmfError"), _SHOWN_ERROR)}
    return dict.fromkeys((401, 403, 422, 429, 503, *bad), error)


def error(code: str) -> dict[str, Any]:
    """An answer that is this problem of the catalogue, in the TM Forum's shape."""
    kind = BY_CODE[code]
    of = {"title": kind.title, "status": kind.status, "type": kind.type, "detail": kind.meaning}
    shown = translated(of, "https://patchbay.example")
    return {"description": "An error in the TM Forum's shape", "content": content(ref("TmfError"), shown)}


def created(what: str, example: Mapping[str, Any]) -> dict[int | str, Any]:
    """What is answered when something was made."""
    location = {"Location": {"schema": _TEXT, "description": "where it is"}}
    return {201: {"description": "Created", "headers": location, "content": content(ref(what), example)}}


def shown(what: str, example: Mapping[str, Any]) -> dict[int | str, Any]:
    """One of them."""
    return {200: {"description": "As it is", "content": content(ref(what), example)}}


def listed(what: str, example: Mapping[str, Any]) -> dict[int | str, Any]:
    """Some of them."""
    several = content({"type": "array", "items": ref(what)}, [example])
    return {200: {"description": "Those that match", "headers": _COUNTS, "content": several}}


GONE: dict[int | str, Any] = {204: {"description": "It is there no longer"}}


def described(
    summary: str,
    description: str,
    answers: Mapping[int | str, Any],
    body: Mapping[str, Any] | None = None,
    parameters: Sequence[Mapping[str, Any]] = (),
) -> Described:
    """A route of the facade."""
    return route(summary, description, answers, body, parameters) | {"tags": ["TM Forum"]}


def in_part(name: str, whole: Mapping[str, Any]) -> dict[str, Any]:
    """A kind of thing, and the same as it is shown to who asks with `fields`, for just these."""
    return {name: whole, f"{name}InPart": {key: value for key, value in whole.items() if key != "required"}}


def or_null(properties: Mapping[str, Any], needed: Sequence[str] = ()) -> dict[str, Any]:
    """Attributes as they may be sent: null says nothing, and takes away in a patch; but what is needed is no null."""
    return {name: said if name in needed else _or_null(said) for name, said in properties.items()}


def _or_null(said: Mapping[str, Any]) -> dict[str, Any]:
    kinds = said.get("type", [])
    wider = {"type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]} if kinds else {}
    return {**said} | wider | ({"enum": [*said["enum"], None]} if "enum" in said else {})


CHARACTERISTIC = {"type": "object", "required": ["name"], "properties": {"name": _TEXT, "value": {}}}
REF = {"type": "object", "properties": or_null({"id": TEXT_OR_NUMBER, "name": _TEXT})}
_PARTY = dict.fromkeys(("name", "role", "email", "pin", "phone", "reference"), _TEXT) | {"id": TEXT_OR_NUMBER}
PARTIES = {"type": "array", "items": {"type": "object", "properties": or_null(_PARTY)}}
REFS = {"type": "array", "items": REF}


def schemas(
    name: str, sent: dict[str, Any], needed: Sequence[str], always: Sequence[str], asked: dict[str, Any]
) -> dict[str, Any]:
    """Of a kind of thing: how it is created, patched and shown. `sent`: what clients may send of it, of which they
    have to send what is `needed`; what is `always` shown; `asked`: what is read more closely than it is shown.
    Whatever else they send comes back."""
    given = {"type": "object", "additionalProperties": True}
    create = given | {"required": list(needed), "properties": or_null(sent | asked, needed)}
    patch = given | {"properties": or_null(sent | asked)}
    whole = given | {"required": ["id", "href", *always], "properties": {"id": _TEXT, "href": _TEXT} | sent}
    return {f"{name}Create": create, f"{name}Patch": patch} | in_part(name, whole)
