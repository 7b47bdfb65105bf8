"""The way into the API, in front of all its routes: who is calling, how slowly, and whether for the first time."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway_service import replays
from gateway_service.keys import Keys
from gateway_service.replays import Replays
from gateway_service.settings import Settings
from patchbay_chassis import bodies
from patchbay_chassis.problems import Problem

API = ("/v1/", "/tmf-api/")
_GONE = {"type": "http.disconnect"}


class Door:
    """ASGI middleware. What it refuses is a Problem, as everywhere."""

    def __init__(self, app: ASGIApp, keys: Keys, replaying: Replays, settings: Settings) -> None:
        self._app = app
        self._keys = keys
        self._replays = replaying
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        receive = self._in_time(scope, receive)
        if not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        try:
            await self._let_in(scope, receive, send)
        except Problem as problem:
            await problem.response()(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            caller = await self._keys.caller(request)
        except Exception:  # the route asks again, and what it raises is answered as ever
            await self._app(scope, receive, send)
            return
        name = replays.checked(scope, request.headers) if scope["method"] in replays.WRITES else None
        if name is None or not replays.is_kept(scope):
            await self._app(scope, receive, send)
            return
        body = await bodies.whole(request, self._settings.most_body_bytes)
        await self._replays.through(self._app, scope, body, receive, send, caller=caller, name=name)

    def _in_time(self, scope: Scope, receive: Receive) -> Receive:
        """The request's body, which has to be there in time; a stream may take long, but may not stand still."""
        streamed = scope["path"].startswith(replays.STREAMED)
        limit = (self._settings.silence_limit if streamed else self._settings.body_limit).total_seconds()
        loop = asyncio.get_running_loop()
        until = loop.time() + limit
        whole = False

        async def in_time() -> MutableMapping[str, Any]:
            nonlocal whole
            if whole:  # what is waited for now is the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(loop.time() + limit if streamed else until):
                    message = await receive()
            except TimeoutError:
                if streamed:
                    return _GONE
                raise too_slow(limit) from None
            whole = not message.get("more_body", False)
            return message

        return in_time


def too_slow(limit: float) -> Problem:
    """The body did not come in time."""
    detail = f"The whole request has to be here within {limit:.0f} s. Nothing was done: send it again, or in parts."
    return Problem(408, "The request came too slowly", detail, headers={"Connection": "close"})
