"""/livez, /readyz and /metrics beside a service's own HTTP API, as one small ASGI app."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Checks = Callable[[], Awaitable[dict[str, bool]]]


def beside(app: App | None, checks: Checks) -> App:
    """The app with the three paths in front; without an app, everything else is a 404."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path == "/livez":
            await _answer(send, 200, b'{"live":true}', b"application/json")
        elif scope["type"] == "http" and path == "/readyz":
            found = await checks()
            await _answer(send, 200 if all(found.values()) else 503, orjson.dumps(found), b"application/json")
        elif scope["type"] == "http" and path == "/metrics":
            await _answer(send, 200, generate_latest(), CONTENT_TYPE_LATEST.encode())
        elif app is not None:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await _answer(send, 404, b'{"title":"Not found"}', b"application/problem+json")

    return serve


async def _answer(send: Send, status: int, body: bytes, kind: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
