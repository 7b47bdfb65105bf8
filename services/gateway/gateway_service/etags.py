"""ETags: a caller who has seen something is told that it is the same, and says which version a change was made from."""

from hashlib import blake2b
from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.bodies import JSON
from patchbay_chassis.problems import Problem


def of_version(version: int) -> str:
    """The ETag of what counts its changes."""
    return f'"{version}"'


def shown(request: Request, body: bytes, version: int | None = None) -> Response:
    """A single thing, with its ETag: its version where that counts all that is shown, otherwise made from the body. 304
    for a caller who has it."""
    tag = of_version(version) if version is not None else f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "X-API-Key, Authorization"}
    if _is_among(tag, request.headers.get("if-none-match", "")):
        return Response(None, 304, headers)
    return Response(body, 200, headers, JSON)


def _is_among(tag: str, given: str) -> bool:
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in given.split(","))


def seen(if_match: Annotated[str | None, Header(max_length=40)] = None) -> int:
    """The version that the caller saw. Raises Problem 428 without one."""
    given = (if_match or "").strip().removeprefix("W/").strip('"')
    if not given.isdecimal() or len(given) > 9:
        detail = 'Say which version you saw: If-Match: "7". It is the `version` of what you change, and its ETag.'
        raise Problem(428, "Which version?", detail)
    return int(given)


Seen = Annotated[int, Depends(seen)]
