"""API keys: who is calling. A key belongs to one reseller and is stored as a hash only."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from starlette.requests import Request

from gateway_service import queries
from patchbay_chassis.database import Database
from patchbay_chassis.problems import Problem

FRESH_FOR = 10.0
"""Seconds for which an answer about a key is remembered: a revoked key works so long at the most."""
MOST = 10_000

Scope = Literal["orders", "numbers", "inventory"]
"""What a key may be used for: placing and reading orders; searching and holding numbers; the inventory of the house."""
_ASK = {
    "orders": "your reseller's administrator",
    "numbers": "your reseller's administrator",
    "inventory": "whoever runs Patchbay",
}


class Caller(NamedTuple):
    """Who is calling: everything that is read or written belongs to this reseller. `name` is the key's."""

    reseller: str
    name: str
    scopes: frozenset[str]


def hashed(key: str) -> bytes:
    """What is stored of a key. A key has 256 bits of its own randomness, so a plain fast hash gives nothing away."""
    return hashlib.sha256(key.encode()).digest()


class Keys:
    """Looks keys up, and remembers them for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[float, Caller | None]] = {}

    async def caller(self, request: Request) -> Caller:
        """The caller by its X-API-Key or bearer token. Raises Problem 401."""
        key = request.headers.get("x-api-key") or _bearer(request.headers.get("authorization", ""))
        if not key:
            raise _unknown("Send your API key in the header X-API-Key, or as bearer token in Authorization.")
        found = await self._look_up(hashed(key))
        if found is None:
            raise _unknown("This API key is not known, or was revoked. Ask your reseller's administrator for one.")
        return found

    def having(self, scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
        """A caller whose key has that scope. Raises Problem 401 or 403."""

        async def caller(request: Request) -> Caller:
            found = await self.caller(request)
            if scope not in found.scopes:
                detail = f"This API key lacks the scope '{scope}'. Ask {_ASK[scope]} for a key that has it."
                raise Problem(403, "Not with this key", detail)
            return found

        return caller

    async def _look_up(self, hash_: bytes) -> Caller | None:
        now = time.monotonic()
        looked, caller = self._known.get(hash_, (-FRESH_FOR, None))
        if now - looked < FRESH_FOR:
            return caller
        async with self._database.connection() as db:
            row = await queries.key(db, hash_)
        caller = Caller(row.reseller, row.name, frozenset(row.scopes)) if row is not None else None
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[hash_] = (now, caller)
        return caller


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _unknown(detail: str) -> Problem:
    return Problem(401, "Who are you?", detail, headers={"WWW-Authenticate": 'Bearer realm="Patchbay"'})
