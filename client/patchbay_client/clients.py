"""Who carries calls out: `Client` waits, `AsyncClient` is awaited. Both try again what is safe to repeat."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any, Self, TypeVar

import httpx
import stamina

from patchbay_client import errors
from patchbay_client.calls import JSON, Call, Stream, Tagged
from patchbay_client.errors import Busy, Unavailable

T = TypeVar("T")
TIMEOUT = httpx.Timeout(30, connect=5)
ATTEMPTS = 6
LONGEST = 60.0
"""Seconds for which a call is tried again."""
REFUSED_BY_ALL = frozenset({501, 505})


def _wait(error: Exception) -> bool | float:
    """Whether to try again, or after how many seconds if Patchbay said so."""
    if isinstance(error, Busy) or (isinstance(error, Unavailable) and error.status not in REFUSED_BY_ALL):
        return error.retry_after or True
    return False


def _attempts(attempts: int) -> Any:
    return stamina.retry_context(on=_wait, attempts=attempts, timeout=LONGEST, wait_initial=0.1, wait_max=10)


def _headers(call: Call[Any]) -> dict[str, str]:
    own = {"Content-Type": JSON} if call.body is not None else {}
    return own | ({"Idempotency-Key": call.key} if call.key else {}) | dict(call.headers)


def _content(call: Call[Any]) -> bytes | None:
    return None if call.body is None else json.dumps(call.body).encode()


def _read(call: Call[Any], answer: httpx.Response) -> Any:
    if answer.is_error:
        raise errors.of(answer)
    if not answer.content:
        return None
    body = answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
    return Tagged(body, answer.headers.get("etag", "")) if call.tagged else body


class _Events:
    """Lines of an event stream or of NDJSON, read as what they hold."""

    def __init__(self, answer: httpx.Response) -> None:
        self._of_events = answer.headers.get("content-type", "").startswith("text/event-stream")
        self._data: list[str] = []

    def read(self, line: str) -> Iterator[Any]:
        """What is whole with this line."""
        if not self._of_events:
            if line.strip():
                yield json.loads(line)
        elif line.startswith("data:"):
            self._data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and self._data:
            yield json.loads("\n".join(self._data))
            self._data.clear()


class Client:
    """Calls one after another. `attempts`: how often a call is tried that may be repeated; 1: once."""

    def __init__(self, url: str, key: str, *, attempts: int = ATTEMPTS, http: httpx.Client | None = None) -> None:
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self._http.base_url = httpx.URL(url)
        self._http.headers["Authorization"] = f"Bearer {key}"
        self._attempts = attempts

    def __call__(self, call: Call[T]) -> T:
        """Carry it out. Raises PatchbayError."""
        for attempt in _attempts(self._attempts):
            with attempt:
                return self._once(call)
        raise AssertionError("the last attempt raises")

    def _once(self, call: Call[T]) -> T:
        try:
            answer = self._http.request(
                call.method, call.path, params=dict(call.query), content=_content(call), headers=_headers(call)
            )
        except httpx.TransportError as error:
            raise errors.unreachable(error) from error
        return _read(call, answer)  # type: ignore[no-any-return]

    def stream(self, of: Stream[T]) -> Iterator[T]:
        """Piece by piece, as they come. Raises PatchbayError, also in the midst of them; nothing is tried again."""
        try:
            with self._http.stream(
                of.method,
                of.path,
                params=dict(of.query),
                content=of.content,
                headers=dict(of.headers),
            ) as answer:
                if answer.is_error:
                    answer.read()
                    raise errors.of(answer)
                pieces = _Events(answer)
                for line in answer.iter_lines():
                    yield from pieces.read(line)
        except httpx.TransportError as error:
            raise errors.unreachable(error) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient:
    """As many calls at once as are awaited together."""

    def __init__(self, url: str, key: str, *, attempts: int = ATTEMPTS, http: httpx.AsyncClient | None = None) -> None:
        self._http = http or httpx.AsyncClient(timeout=TIMEOUT)
        self._http.base_url = httpx.URL(url)
        self._http.headers["Authorization"] = f"Bearer {key}"
        self._attempts = attempts

    async def __call__(self, call: Call[T]) -> T:
        """Carry it out. Raises PatchbayError."""
        async for attempt in _attempts(self._attempts):
            with attempt:
                return await self._once(call)
        raise AssertionError("the last attempt raises")

    async def _once(self, call: Call[T]) -> T:
        try:
            answer = await self._http.request(
                call.method, call.path, params=dict(call.query), content=_content(call), headers=_headers(call)
            )
        except httpx.TransportError as error:
            raise errors.unreachable(error) from error
        return _read(call, answer)  # type: ignore[no-any-return]

    async def stream(self, of: Stream[T]) -> AsyncGenerator[T]:
        """Piece by piece, as they come. Raises PatchbayError, also in the midst of them; nothing is tried again."""
        try:
            async with self._http.stream(
                of.method, of.path, params=dict(of.query), content=of.content, headers=dict(of.headers)
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise errors.of(answer)
                pieces = _Events(answer)
                async for line in answer.aiter_lines():
                    for piece in pieces.read(line):
                        yield piece
        except httpx.TransportError as error:
            raise errors.unreachable(error) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
