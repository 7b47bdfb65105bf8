"""The way in, in front of all routes: who is calling, how often, how slowly, whether for the first time; and what was
written is noted on the way out."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway_service import replays
from gateway_service.audit import Trail
from gateway_service.keys import Keys
from gateway_service.patience import Patience
from gateway_service.rates import Fields, Rates
from gateway_service.replays import Replays
from gateway_service.settings import Settings
from gateway_service.tmf.errors import TMF, in_shape
from patchbay_chassis import bodies
from patchbay_chassis.problems import Problem

API = ("/v1/", "/tmf-api/")


class Door:
    """ASGI middleware. What it refuses is a Problem, as everywhere. `short`: routes by method and path that are gone to
    straight from here, once it is known who calls."""

    def __init__(  # noqa: PLR0917
        self,
        app: ASGIApp,
        keys: Keys,
        replaying: Replays,
        rates: Rates,
        trail: Trail,
        settings: Settings,
        short: Mapping[tuple[str, str], ASGIApp],
    ) -> None:
        self._app = app
        self._short = short
        self._keys = keys
        self._replays = replaying
        self._rates = rates
        self._trail = trail
        self._most = max(settings.most_body_bytes, bodies.MOST_BYTES)
        self._patience = Patience(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        if scope["method"] in replays.WRITES:
            receive, send = self._patience.with_limit(scope, receive), self._noted(scope, send)
        if not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        try:
            await self._let_in(scope, receive, send)
        except Problem as problem:
            answer = problem.response()
            if scope["path"].startswith(TMF):
                answer = in_shape(answer, Request(scope))
            await answer(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            caller = await self._keys.caller_of(scope)
        except Exception:  # the route asks again, and what it raises is answered as ever
            await self._app(scope, receive, send)
            return
        send = _with(await self._rates.count(caller), send)
        name = replays.checked(scope) if scope["method"] in replays.WRITES else None
        if name is None or not replays.is_kept(scope):
            await self._short.get((scope["method"], scope["path"]), self._app)(scope, receive, send)
            return
        body = await bodies.whole(Request(scope, receive), self._most)
        await self._replays.through(self._app, scope, body, receive, send, caller=caller, name=name)

    def _noted(self, scope: Scope, send: Send) -> Send:
        """The answer, and a line in the audit trail when it begins."""

        async def noted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                location = next((value for name, value in message.get("headers", ()) if name == b"location"), b"")
                self._trail.note(scope, message["status"], location)
            await send(message)

        return noted


def _with(fields: Fields, send: Send) -> Send:
    """The answer with these fields besides."""

    async def with_fields(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *fields]
        await send(message)

    return with_fields
