"""Bodies of requests, read whole as what they should be; and answers in JSON."""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem, faults, invalid_fields

MOST_BYTES = 1024 * 1024
"""Enough for the largest of what services ask each other in one piece."""

DEEPEST = 32
"""Levels of JSON within each other: more than any document of ours has, and few enough for every reader."""
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ALIKE = bytes.maketrans(b"{}", b"[]")

M = TypeVar("M", bound=BaseModel)
Connecting = AbstractAsyncContextManager[Connection]
Ask = Callable[[Connection, M], Awaitable[BaseModel]]


async def whole(request: Request, most: int, what: str = "request") -> bytes:
    """The body. Raises Problem 413 for one that has more bytes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise too_large(most, what)
    return bytes(body)


async def read(request: Request, kind: type[M], most: int = MOST_BYTES) -> M:
    """What stands in the body. Raises Problem 413, and 422 with each fault and its place in the body."""
    body = await whole(request, most)
    check_depth(body)
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise invalid_fields(faults(error, kind=kind)) from None


def check_depth(body: bytes, what: str = "request") -> None:
    """Raises Problem 422 for JSON that is nested deeper than anybody means."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    brackets = _TEXT.sub(b"", body).translate(_ALIKE, _ALL_BUT_BRACKETS)
    for _ in range(DEEPEST):
        inner = brackets.replace(b"[]", b"")  # one level each time
        if len(inner) == len(brackets):  # whole, or no JSON, which its reader says better
            return
        brackets = inner
    if brackets:
        fault = {
            "pointer": "",
            "message": f"nested deeper than {DEEPEST} levels",
            "remedy": "send one JSON object in UTF-8, flatter",
        }
        raise Problem(422, f"The {what} is not valid", "Nothing was accepted.", [fault])


def said(answer: BaseModel) -> Response:
    """The answer in JSON."""
    return Response(answer.model_dump_json(), media_type="application/json")


def answers(api: APIRouter, path: str, kind: type[M], ask: Ask[M], at: Callable[[], Connecting]) -> None:
    """A route: `POST path` with what `kind` says, answered by `ask`, on a connection or in a transaction of `at`."""

    @api.post(path)
    async def route(request: Request) -> Response:
        asked = await read(request, kind)
        async with at() as db:
            return said(await ask(db, asked))


def too_large(most: int, what: str) -> Problem:
    """Larger than it may be, as it was sent or as it is written."""
    return Problem(413, f"The {what} is too large", f"It may have {most} bytes at the most: split it.")
