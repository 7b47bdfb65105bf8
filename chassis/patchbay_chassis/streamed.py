"""Bodies that are made while they are sent, and lines that are read while they come."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

NDJSON = "application/x-ndjson"
BEGINNING = 200
"""So many bytes are kept of a line that is too long."""


class Streamed(Response):
    """A body made while it is sent. It leaves the request's stream alone, which goes on being read meanwhile."""

    def __init__(self, body: AsyncGenerator[bytes], media_type: str = NDJSON, status: int = 200) -> None:
        super().__init__(status_code=status, media_type=media_type)
        del self.headers["content-length"]
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's form
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._body) as body:
            async for piece in body:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Line(NamedTuple):
    """A line of a stream: its number from 1, its bytes, or None if it was too long to keep, and its beginning then; and
    whether a line break ended it, which only the last one may lack."""

    number: int
    content: bytes | None
    ended: bool = True
    beginning: bytes = b""


async def lines(request: Request, most_bytes: int, first: int = 1) -> AsyncIterator[list[Line]]:
    """The lines of the request's body as its pieces complete them, numbered from `first`. Raises ClientDisconnect if it
    is not whole."""
    number, rest = first - 1, b""
    beginning: bytes | None = None
    async for piece in request.stream():
        *whole, rest = (rest + piece).split(b"\n")
        found = []
        for content in whole:
            number += 1
            if beginning is None and len(content) > most_bytes:
                beginning = content[:BEGINNING]
            found.append(Line(number, content if beginning is None else None, beginning=beginning or b""))
            beginning = None
        if len(rest) > most_bytes:
            rest, beginning = b"", rest[:BEGINNING] if beginning is None else beginning
        if found:
            yield found
    if rest.strip() or beginning is not None:
        last = rest if beginning is None else None
        yield [Line(number + 1, last, ended=False, beginning=beginning or b"")]
