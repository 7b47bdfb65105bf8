"""HEAD is answered as GET would be, but for the body (RFC 9110, 9.3.2): wherever GET is, also on pages."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class Heads:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let everything through, and HEAD as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        head = _Head(send)
        try:
            await self._app({**scope, "method": "GET"}, head.receive, head.hear)
        except Exception:
            if not head.sent.is_set():
                raise


class _Enough(Exception):
    """The headers are sent, and what is streamed behind them is not needed."""


class _Head:
    """An answer of which the beginning is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._asked = False
        self.sent = asyncio.Event()

    async def receive(self) -> MutableMapping[str, Any]:
        """A request without a body, whose caller is gone when it has its answer."""
        if self._asked:
            await self.sent.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def hear(self, message: MutableMapping[str, Any]) -> None:
        """In the place of `send`."""
        if message["type"] == "http.response.start":
            await self._send(message)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self.sent.set()
        elif message.get("more_body", False):
            raise _Enough
