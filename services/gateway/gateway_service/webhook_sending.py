"""One delivery: an event posted to a target, and what came back. Nothing that a target does raises anything here."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp

from gateway_service import webhook_secrets, webhook_targets
from gateway_service.webhook_targets import Checked

CONNECT = 3.0
BODY = 1.0
"""Seconds, in which an answer's body has to come after its head."""
KEEP = 15.0
MOST_ANSWER = 4_096
"""Bytes that are read of an answer; of a longer one the rest is not waited for."""
SHOWN = 200
GONE = 410


class Outcome(NamedTuple):
    """What came of an attempt. `status` is the answer's, None if there was none; `beginning` is what it began with."""

    ok: bool
    status: int | None
    error: str
    took_ms: int
    at: datetime
    again_after: timedelta | None = None
    beginning: str = ""


class Sender:
    """The connections to targets."""

    _session: aiohttp.ClientSession

    def __init__(self, limit: timedelta) -> None:
        self._limit = aiohttp.ClientTimeout(total=limit.total_seconds(), sock_connect=CONNECT)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, resolver=Checked(), keepalive_timeout=KEEP),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=self._limit,
            headers={"User-Agent": "Patchbay-Webhooks/1", "Content-Type": "application/json"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(self, url: str, secrets: Sequence[str], id_: str, body: bytes) -> Outcome:
        """Post it once. Redirects are not followed: a target that moved is changed by its owner."""
        at, began = datetime.now(UTC), time.perf_counter()

        def outcome(status: int | None, error: str, beginning: str = "", again: timedelta | None = None) -> Outcome:
            took = round((time.perf_counter() - began) * 1000)
            return Outcome(not error, status, error, took, at, again, beginning)

        if not secrets:
            return outcome(None, "there is no secret to sign it with")
        try:
            webhook_targets.check(url)  # an address in the URL itself is never resolved
            headers = webhook_secrets.signed(secrets, id_, at, body)
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
                beginning = await _beginning(answer)
                return outcome(status, _judged(status), beginning, _again_after(answer))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return outcome(None, _why(error))


_WHY: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "it took too long"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not one to be trusted"),
    (aiohttp.ClientConnectorDNSError, "its host has no address that events may be sent to, or cannot be found"),
    (aiohttp.ClientConnectorError, "no connection could be made"),
    (aiohttp.ServerDisconnectedError, "the connection was closed before an answer came"),
    (ValueError, "it is not a target that events may be sent to"),
)


def _why(error: Exception) -> str:
    """Why there was no answer, as its owner may know it."""
    return next((why for kind, why in _WHY if isinstance(error, kind)), "what came back is no HTTP, or broke off")


def _judged(status: int) -> str:
    """Why it is not taken for delivered; empty if it is."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return "it redirects, which is not followed: change the URL"
    return "it is gone" if status == GONE else f"it answered {status}"


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """What the answer begins with; whatever becomes of the rest, its status counts. All of it is read if it is short
    and comes soon: then its connection can be used again."""
    read = b""
    try:
        async with asyncio.timeout(BODY):
            while len(read) < MOST_ANSWER and (piece := await answer.content.readany()):
                read += piece
    except (TimeoutError, aiohttp.ClientError, OSError):
        answer.close()
    if len(read) >= MOST_ANSWER:
        answer.close()
    return read[:SHOWN].decode(errors="replace").replace("\0", "")


def _again_after(answer: aiohttp.ClientResponse) -> timedelta | None:
    """When the target wants to be asked again, if it says so in seconds."""
    with suppress(ValueError, OverflowError):
        return timedelta(seconds=max(0, int(answer.headers.get("Retry-After", ""))))
    return None
