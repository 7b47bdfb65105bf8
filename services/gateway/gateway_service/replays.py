"""Idempotency-Key: what a write answered is kept, and said again when the same request comes again.

Every write of the API may carry a key, and those in `REQUIRED` have to. A route does nothing for it; one that makes
something calls `made(request)` for its id, which is the same each time that the call is done again.
"""

import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway_service import replay_queries, sealing
from gateway_service.accepting import Key
from gateway_service.keys import Caller
from patchbay_chassis.database import Database, is_outage
from patchbay_chassis.envelope import mint
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem, invalid_parameter

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REQUIRED = ("/v1/orders", "/v1/services/{id}/changes", "/v1/keys", "/v1/keys/{id}/rotate")
"""POST there needs a key: it makes something that costs or opens something, and nothing else tells a second one from
the first sent again."""
OWN_WAY = ("/v1/orders", "/v1/services/{id}/changes")
"""There the key is tied to the order in the transaction that accepts it, and the answer is made anew (ADR 7)."""
STREAMED = ("/v1/orders/bulk", "/v1/orders/dry-run", "/v1/inventory/loads")
"""What is read while it is answered is not kept: such a call says itself how it is resumed."""
LEASE = timedelta(seconds=90)
"""A call without an answer for so long was left behind by a process that died."""
_VALID = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_LATER = {"Retry-After": "1"}
_NOT_KEPT = ("ratelimit", "ratelimit-policy", "date", "server", "content-length")


def _paths(templates: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path in templates))


_REQUIRED, _OWN_WAY = _paths(REQUIRED), _paths(OWN_WAY)


def needs_key(method: str, path: str) -> bool:
    """Whether such a call is refused without an Idempotency-Key."""
    return method == "POST" and _REQUIRED.fullmatch(path) is not None


def checked(scope: Scope) -> str | None:
    """The request's Idempotency-Key, if it has one. Raises Problem 400 where it is missing, and 422 for none at all."""
    name: str | None = next(
        (value.decode("latin-1") for key, value in scope["headers"] if key == b"idempotency-key"), None
    )
    if name is None:
        if needs_key(scope["method"], scope["path"]):
            fault = {
                "parameter": "Idempotency-Key",
                "message": "This header is missing",
                "remedy": "choose a text of your own for each new request, such as a UUID or your order number, and"
                " send the same one when you send the same request again",
            }
            raise Problem(
                400, "An Idempotency-Key is needed", "Nothing was done.", [fault], code="idempotency_key_missing"
            )
        return None
    if not _VALID.fullmatch(name):
        message = "It has 1 to 200 characters, and no control characters"
        raise invalid_parameter("idempotency-key", message, "take a UUID, or your order number")
    return name


def is_kept(scope: Scope) -> bool:
    """Whether the answer of this call is kept here."""
    path = scope["path"]
    if scope["method"] not in WRITES or path.startswith(STREAMED):
        return False
    return not (scope["method"] == "POST" and _OWN_WAY.fullmatch(path))


def made(request: Request) -> UUID:
    """An id for what this call makes: the same one when the call is done again under its Idempotency-Key."""
    found: UUID | None = request.scope.get("state", {}).get("made")
    return found or mint()


def order_key(caller: Caller, name: str, *parts: bytes) -> Key:
    """An Idempotency-Key of that client, tied to the request that it came with."""
    written = b"".join(parts)
    return Key(f"{caller.id}\x1f{name}", sealing.hash_of(written), name, written)


class Flights:
    """Keys whose first call is under way in this process."""

    def __init__(self) -> None:
        self._under_way: set[tuple[str, str]] = set()

    @contextmanager
    def alone(self, reseller: str, key: Key | None) -> Iterator[None]:
        """Nobody else does the same meanwhile. Raises Problem 409 if somebody does."""
        if key is None:
            yield
            return
        this = reseller, key.name
        if this in self._under_way:
            raise under_way()
        self._under_way.add(this)
        try:
            yield
        finally:
            self._under_way.discard(this)


class Replays:
    """Keeps answers, and says them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def through(
        self, app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send, *, caller: Caller, name: str
    ) -> None:
        """Let the call through to the app once. Raises Problem 409, 422, and 503 where the answer was cut off."""
        client, headers = caller.id, Headers(scope=scope)
        asked = "\0".join(
            (caller.reseller, scope["method"], scope["path"], scope["query_string"].decode("latin-1"),
             headers.get("if-match", ""), headers.get("content-type", "").partition(";")[0])
        ).encode()  # fmt: skip
        found = await self._begin(client, name, asked, body)
        if isinstance(found, Answer):
            await found.say(send, replayed=True)
            return
        scope["state"]["made"] = found
        answer = Answer()
        try:
            await app(scope, _again(body, receive), answer.hear)
        except BaseException:
            await self._settle(replay_queries.leave, client, name)
            raise
        if answer.status >= 500 or not answer.is_whole:
            await self._settle(replay_queries.leave, client, name)
        elif answer.status >= 400:
            await self._settle(replay_queries.free, client, name)
        else:
            kept = sealing.sealed(answer.written(), f"{client}\0{name}".encode())
            await self._settle(replay_queries.answered, client, name, kept)
        if not answer.is_whole:
            detail = "What was answered was cut off. It may have been done: it is safe to send it again."
            raise Problem(503, "Try again soon", detail, headers=_LATER)
        await answer.say(send)

    async def _begin(self, client: str, name: str, *request: bytes) -> "UUID | Answer":
        """The id of what is made, for a call that is to be done; or the answer of the one that was."""
        id_ = mint()
        async with self._database.connection() as db:
            if await replay_queries.begin(db, client, name, sealing.hash_of(*request), id_):
                return id_
            known = await replay_queries.known(db, client, name, LEASE)
            if known is None:  # its first call was just refused, and the key is free again
                raise under_way()
            if known.request not in sealing.hashes_of(*request):
                raise used_for_something_else()
            if known.answer is None:
                if not known.left_behind or not await replay_queries.take_over(db, client, name, known.started_at):
                    raise under_way()
                return known.made  # type: ignore[no-any-return]
        kept = sealing.unsealed(known.answer, f"{client}\0{name}".encode())
        if kept is None:
            detail = "It was done. Look at what is there now."
            raise Problem(409, "The answer cannot be read any more", detail, code="idempotency_answer_lost")
        return Answer.read(kept)

    async def _settle(self, how: Any, client: str, name: str, *more: Any) -> None:
        """Note how the call ended. If that cannot be noted, it is as if the process had died just now."""
        try:
            async with self._database.connection() as db:
                await how(db, client, name, *more)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("replay.unsettled", error=repr(error))


class Answer:
    """An answer, and whether it is whole: one that goes through may be cut off."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.is_whole = False

    async def hear(self, message: MutableMapping[str, Any]) -> None:
        """In the app's place for `send`."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            self.is_whole = not message.get("more_body", False)

    async def say(self, send: Send, *, replayed: bool = False) -> None:
        """Answer."""
        more = [(b"idempotency-replayed", b"true")] if replayed else []
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers + more})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})

    def written(self) -> bytes:
        """As it is kept, before it is sealed."""
        shown = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers]
        kept = [pair for pair in shown if pair[0].lower() not in _NOT_KEPT]
        return orjson.dumps([self.status, kept]) + b"\n" + self.body

    @classmethod
    def read(cls, kept: bytes) -> "Answer":
        """From how it was written."""
        head, _, body = kept.partition(b"\n")
        answer = cls()
        answer.status, headers = orjson.loads(head)
        answer.headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        answer.headers.append((b"content-length", str(len(body)).encode()))
        answer.body = body
        return answer


def _again(body: bytes, receive: Receive) -> Receive:
    """The body as the app receives it, though it was read already; then whatever comes after it."""
    sent = False

    async def again() -> MutableMapping[str, Any]:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def under_way() -> Problem:
    """The first call with the key has no answer yet."""
    detail = "The first call with this Idempotency-Key is still under way. Send the same again in a moment."
    return Problem(409, "Still under way", detail, headers=_LATER, code="idempotency_key_under_way")


def used_for_something_else() -> Problem:
    """Another request came with that key."""
    detail = "This Idempotency-Key came with another request before. Use a new key for a new request."
    return Problem(422, "The key was used for something else", detail, code="idempotency_key_reused")
