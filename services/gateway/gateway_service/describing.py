"""The words in which the API describes itself in OpenAPI."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from patchbay_chassis import problems
from patchbay_chassis.problems import BY_STATUS
from patchbay_contracts.problem_catalogue import BY_CODE, Kind

Described = dict[str, Any]
_AS_OF = {
    "As-Of": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "All that was said about orders until then is in what is shown. It is missing for as long as the"
        " gateway, just begun, could not ask how far it is.",
    }
}
"""What FastAPI takes beside a route's path."""
KIND = "application/json"
_NULL = "\0null"
"""Stands for null until the document is made."""


def object_of(**fields: Any) -> dict[str, Any]:
    """The schema of an object that has all these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


def ref(name: str) -> dict[str, Any]:
    """A schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def content(schema: Mapping[str, Any], example: Any = None, kind: str = KIND) -> dict[str, Any]:
    """A body of that kind."""
    return {kind: {"schema": schema} | ({} if example is None else {"example": _without_nulls(example)})}


def _without_nulls(example: Any) -> Any:
    """FastAPI leaves out what is null, in examples as well; there it says something."""
    if isinstance(example, Mapping):
        return {name: _without_nulls(value) for name, value in example.items()}
    if isinstance(example, list | tuple):
        return [_without_nulls(value) for value in example]
    return _NULL if example is None else example


def with_nulls(described: Any) -> Any:
    """The document with what was null in its examples."""
    if isinstance(described, dict):
        return {name: with_nulls(value) for name, value in described.items()}
    if isinstance(described, list):
        return [with_nulls(value) for value in described]
    return None if described == _NULL else described


def answers(good: str, shown: Mapping[str, Any], *bad: int | str, status: int = 200) -> dict[int | str, Any]:
    """The good answer with its content, and those that are problems: by their codes, or by the status that has one."""
    kinds = [BY_CODE[one if isinstance(one, str) else BY_STATUS[one]] for one in bad]
    found: dict[int | str, Any] = {status: {"description": good, "content": shown}}
    for of in sorted({kind.status for kind in kinds}):
        found[of] = refused(*(kind.code for kind in kinds if kind.status == of))
    return found


def dated(described: Described) -> Described:
    """The same of what is read in orders and batches: as of when."""
    responses = described["responses"]
    headers = responses[200].get("headers", {}) | _AS_OF
    return described | {"responses": responses | {200: responses[200] | {"headers": headers}}}


def refused(*codes: str) -> dict[str, Any]:
    """An answer that is one of these problems, which have one status."""
    kinds = [BY_CODE[code] for code in codes]
    examples = {kind.code: {"summary": kind.meaning, "value": _problem(kind)} for kind in kinds}
    return {
        "description": "A problem (RFC 9457)",
        "content": {problems.KIND: {"schema": ref("Problem"), "examples": examples}},
    }


def _problem(kind: Kind) -> dict[str, Any]:
    fault = {"pointer": "", "message": "what is wrong", "remedy": kind.remedy}
    errors = {"errors": [fault]} if kind.status == 422 else {}
    return {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.meaning} | errors


def route(
    summary: str,
    description: str,
    responses: Mapping[int | str, Any],
    body: Mapping[str, Any] | None = None,
    parameters: Sequence[Mapping[str, Any]] = (),
) -> Described:
    """A route: what it is for, what it takes and what it answers."""
    extra = {"requestBody": {"required": True, "content": body}} if body else {}
    return {
        "summary": summary,
        "description": description,
        "response_class": Response,
        "responses": responses,
        "openapi_extra": extra | ({"parameters": list(parameters)} if parameters else {}),
    }
