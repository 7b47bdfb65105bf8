"""The heads of HTTP requests: how large they may be, and how long they may take to come. Neither uvicorn nor its parser
has bounds for that, and whoever sends one needs no key."""

import asyncio
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64 * 1024
"""Bytes of the request line and all headers."""
SLOWEST_HEAD = 20.0
"""Seconds from the connection, or from a request's first byte, until its head is there."""
_KIND = b"application/problem+json"
_REASONS = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}
_SAID: dict[int, dict[str, str]] = {
    400: {"type": "bad_request", "title": "Not understood", "detail": "What came is no HTTP request."},
    408: {
        "type": "too_slow",
        "title": "Too slow",
        "detail": f"Its head was not there in {SLOWEST_HEAD:g} seconds.",
    },
    431: {
        "type": "headers_too_large",
        "title": "The headers are too large",
        "detail": f"The request line and all headers have {MOST_HEAD:,} bytes at the most.",
    },
}


class _TooLarge(Exception):
    """Of a head."""


class Protocol(HttpToolsProtocol):
    """uvicorn's, which refuses heads that are too large (431) or too slow (408)."""

    _begins: bool
    _came: int

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The first head has its time from now on."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._begin_head()
        self._is_any = self._begins = False
        self._slow: asyncio.TimerHandle | None = self.loop.call_later(SLOWEST_HEAD, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """One that is not whole yet is waited for, up to its bounds."""
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        if self._begins:  # perhaps behind the body of the request before it
            self._begins = False
        else:
            self._came += len(data)
        if self._came > MOST_HEAD:
            self._refuse(431)
        elif self._slow is None:
            self._slow = self.loop.call_later(SLOWEST_HEAD, self._too_slow)

    def on_message_begin(self) -> None:
        """Another request on this connection."""
        super().on_message_begin()
        self._begin_head()
        self._begins, self._is_any = self._is_any, True

    def on_url(self, url: bytes) -> None:
        """A part of it."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._head_is_there()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """What the parser could not go on with; it tells the same of an exception that it met on its way."""
        self._refuse(431 if self._read > MOST_HEAD else 400)

    def _begin_head(self) -> None:
        self._in_head, self._came, self._read = True, 0, 0

    def _head_is_there(self) -> None:
        self._in_head = False
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _count(self, many: int) -> None:
        self._read += many
        if self._read > MOST_HEAD:
            raise _TooLarge

    def _too_slow(self) -> None:
        self._slow = None
        if self._is_any:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        body = orjson.dumps(_problem(status))
        head = b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, _REASONS[status], _KIND, len(body)) + body)
        self.transport.close()


def _problem(status: int) -> dict[str, Any]:
    said = _SAID[status]
    return said | {"type": f"/problems/{said['type']}", "status": status}
