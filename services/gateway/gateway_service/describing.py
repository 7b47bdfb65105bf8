"""The words in which the API describes itself in OpenAPI."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

Described = dict[str, Any]
"""What FastAPI takes beside a route's path."""
KIND = "application/json"


def object_of(**fields: Any) -> dict[str, Any]:
    """The schema of an object that has all these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


def ref(name: str) -> dict[str, Any]:
    """A schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def content(schema: Mapping[str, Any], example: Any = None, kind: str = KIND) -> dict[str, Any]:
    """A body of that kind."""
    return {kind: {"schema": schema} | ({} if example is None else {"example": example})}


def answers(good: str, shown: Mapping[str, Any], *bad: int, status: int = 200) -> dict[int | str, Any]:
    """The good answer with its content, and those that are problems."""
    problem = {
        "description": "A problem (RFC 9457)",
        "content": content(ref("Problem"), kind="application/problem+json"),
    }
    return {status: {"description": good, "content": shown}, **dict.fromkeys(bad, problem)}


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
