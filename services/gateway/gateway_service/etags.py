"""ETags: a caller who has seen something is told that it is the same, and says which version a change was made from."""

import re
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.bodies import JSON
from gateway_service.describing import Described
from patchbay_chassis.problems import Problem

MOST_TAG = 400
_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
_HEADER: dict[str, Any] = {"name": "If-Match", "in": "header", "required": True}
SEEN = _HEADER | {
    "schema": {"type": "string", "pattern": f"^{_VERSION.pattern}$"},
    "description": "the version that you saw",
    "example": '"7"',
}
"""How the API describes the header that `seen` reads."""
SEEN_TAG = _HEADER | {
    "schema": {"type": "string", "pattern": r"\S", "maxLength": MOST_TAG},
    "description": "the ETag with which you read it",
    "example": '"9f3c8c4b2f0b6a1d5e7a9c10"',
}
"""The same of `seen_tag`."""
SEEN_IF_GIVEN = SEEN_TAG | {
    "required": False,
    "description": "the ETag with which you read it, whole: 412 if it is another one by now; without it, it is changed"
    " as it is",
}
"""The same of `seen_if_given`. No example: it would be sent, and nothing is like that."""
del SEEN_IF_GIVEN["example"]


_TAG = {"ETag": {"schema": {"type": "string"}, "description": "what it is like, for `If-None-Match`"}}
IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "ETags with which you read it, with commas between them: 304 as long as it is like one of them",
    "example": SEEN_TAG["example"],
}
"""How the API describes the header that `shown` reads."""


def told(described: Described) -> Described:
    """A route whose answer is `shown`, as the API describes it."""
    responses, extra = described["responses"], described["openapi_extra"]
    good = responses[200] | {"headers": responses[200].get("headers", {}) | _TAG}
    same = {"description": "It is as it was when its ETag, sent in `If-None-Match`, was given", "headers": _TAG}
    return described | {
        "description": f"{described['description']} With an ETag: `If-None-Match` is answered 304.",
        "responses": responses | {200: good, 304: same},
        "openapi_extra": extra | {"parameters": [*extra.get("parameters", ()), IF_NONE_MATCH]},
    }


def of_version(version: int) -> str:
    """The ETag of what counts its changes."""
    return f'"{version}"'


def shown(request: Request, body: bytes, version: int | None = None, *, tag: str | None = None) -> Response:
    """A single thing, with its ETag: its version where that counts all that is shown, otherwise made from the body,
    unless it has one of its own. 304 for a caller who reads it and has it."""
    tag = tag or (of_version(version) if version is not None else of_body(body))
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "X-API-Key, Authorization"}
    if request.method == "GET" and is_among(tag, request.headers.get("if-none-match", "")):
        return Response(None, 304, headers)
    return Response(body, 200, headers, JSON)


def of_body(body: bytes) -> str:
    """The ETag of what is as it is shown."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def is_among(tag: str, given: str) -> bool:
    """Whether a condition holds for what has this ETag."""
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in given.split(","))


def seen(if_match: Annotated[str | None, Header(include_in_schema=False)] = None) -> int:
    """The version that the caller saw. Raises Problem 428 without one."""
    given = _VERSION.fullmatch(if_match or "")
    if given is None:
        detail = 'Say which version you saw: If-Match: "7". It is the `version` of what you change, and its ETag.'
        raise Problem(428, "Which version?", detail)
    return int(given[1])


Seen = Annotated[int, Depends(seen)]


def seen_tag(if_match: Annotated[str | None, Header(max_length=MOST_TAG, include_in_schema=False)] = None) -> str:
    """The ETags of which the caller saw one. Raises Problem 428 without any."""
    if not (if_match or "").strip():
        detail = "Say what you saw: If-Match with the ETag that came when you read it."
        raise Problem(428, "Which version?", detail)
    return if_match or ""


SeenTag = Annotated[str, Depends(seen_tag)]


def seen_if_given(
    if_match: Annotated[str | None, Header(max_length=MOST_TAG, include_in_schema=False)] = None,
) -> str | None:
    """The ETags of which the caller saw one, where a change may be made without."""
    return if_match


SeenIfGiven = Annotated[str | None, Depends(seen_if_given)]


def check(tag: str, given: str | None) -> None:
    """Raises Problem 412 with the ETag for a caller who saw another one."""
    if given is not None and not is_among(tag, given):
        raise another(tag)


def another(tag: str) -> Problem:
    """For a caller who saw another one: 412 with the ETag of the one that there is."""
    detail = "It was changed since you read it, and is left as it is. Read it, then try with its ETag."
    return Problem(412, "It is another one now", detail, headers={"ETag": tag})
