"""API keys: who is calling. A key belongs to one reseller and is stored as a hash only."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from starlette.requests import Request
from starlette.types import Scope as ASGIScope

from gateway_service import key_queries, parameters
from gateway_service.aside import Aside
from gateway_service.key_form import hashed, may_be_one
from patchbay_chassis.database import Database
from patchbay_chassis.problems import Problem

FRESH_FOR = 10.0
"""Seconds for which an answer about a key is remembered: a revoked key works so long at the most."""
MOST = 10_000

Scope = Literal[
    "orders", "numbers", "inventory", "read", "events", "webhooks", "tmf", "keys", "audit", "resellers",
    "operations", "catalogue", "prices", "house",
]  # fmt: skip
"""What a key may be used for: placing and reading orders; searching and holding numbers; the inventory of the house;
reading what `orders` reads, and nothing else; following events; webhooks; the TM Forum facade; looking after keys;
reading the audit trail; acting for resellers below one's own; stuck orders of all
resellers, dead letters, and how the machine is; looking after service types; looking after price lists and customers'
accounts; service types and price lists also of the house."""
_RESELLERS_OWN = "your reseller's administrator"
_ASK: dict[Scope, str] = {
    "orders": _RESELLERS_OWN,
    "numbers": _RESELLERS_OWN,
    "inventory": "whoever runs Patchbay",
    "read": _RESELLERS_OWN,
    "events": _RESELLERS_OWN,
    "webhooks": _RESELLERS_OWN,
    "tmf": _RESELLERS_OWN,
    "keys": _RESELLERS_OWN,
    "audit": _RESELLERS_OWN,
    "resellers": "whoever runs Patchbay",
    "operations": "whoever runs Patchbay",
    "catalogue": _RESELLERS_OWN,
    "prices": _RESELLERS_OWN,
    "house": "whoever runs Patchbay",
}
HEADER = b"patchbay-reseller"
READS = frozenset({"orders"})
"""What `read` lets a key look at."""


class Caller(NamedTuple):
    """Who is calling: everything that is read or written belongs to this reseller. `name` is the key's; `id` is the
    client's, public and the same as long as the key lives: for limits, idempotency and audit."""

    reseller: str
    name: str
    scopes: frozenset[str]
    id: str
    limits: str = ""

    @property
    def by(self) -> str:
        """Who did it, as it is written into logs of changes."""
        return f"key:{self.name}"


class Own(NamedTuple):
    """What one of our own tokens says: whose key it was given for, what for, and until when (seconds since 1970)."""

    key_id: str
    scopes: frozenset[str]
    until: float


class Foreign(NamedTuple):
    """Whom an identity provider's token speaks for, and until when."""

    caller: Caller
    until: float


ReadsTokens = Callable[[str], Awaitable[Own | Foreign | None]]
Below = Callable[[str, str], Awaitable[None]]
"""Raises Problem 403 unless the second reseller is below the first."""


class Keys:
    """Looks keys up, and remembers them for a moment. With `reads` tokens are taken too, with `below` a key of a
    reseller may act for one below it."""

    def __init__(self, database: Database, reads: ReadsTokens | None = None, below: Below | None = None) -> None:
        self._database = database
        self._reads = reads
        self._below = below
        self._known: dict[bytes, tuple[float, Caller | None]] = {}
        self._aside = Aside()

    async def caller(self, request: Request) -> Caller:
        """The caller by its X-API-Key or bearer token. Raises Problem 401, and 403 for a reseller that is not his."""
        return await self.caller_of(request.scope)

    async def caller_of(self, scope: ASGIScope) -> Caller:
        """As `caller`, before there is a request."""
        state = scope.setdefault("state", {})
        if (known := state.get("caller")) is None:
            known = state["caller"] = await self._found(scope)
        return known  # type: ignore[no-any-return]

    async def _found(self, scope: ASGIScope) -> Caller:
        key, lower = _sent(scope)
        if not key:
            raise unknown(
                "Send your API key in the header X-API-Key, or as bearer token in Authorization.", given=False
            )
        found = await self.look_up(key)
        if found is None:
            what = "This API key or token is not known, has expired or was revoked."
            raise unknown(f"{what} Ask your reseller's administrator for one.")
        if lower is None or lower == found.reseller or self._below is None:
            return found
        if "resellers" not in found.scopes:
            raise lacks("resellers")
        await self._below(found.reseller, lower)
        return found._replace(reseller=lower, name=f"{found.reseller}/{found.name}")

    def having(self, *scopes: Scope) -> Callable[[Request], Awaitable[Caller]]:
        """A caller whose key has one of the scopes, and who asks for what there is. Raises Problem 401, 403 or 422."""
        enough = frozenset(scopes)
        to_read = enough | {"read"} if enough & READS else enough

        async def caller(request: Request) -> Caller:
            found = await self.caller(request)
            if not (to_read if request.method in {"GET", "HEAD"} else enough) & found.scopes:
                raise lacks(scopes[0])
            parameters.check(request)
            return found

        return caller

    async def look_up(self, key: str) -> Caller | None:
        """Whose key or token it is; None for one that is not known, has expired or was revoked."""
        if not may_be_one(key):
            return None
        hash_, now = hashed(key), time.monotonic()
        until, caller = self._known.get(hash_, (0.0, None))
        if now < until:
            return caller
        if self._reads is not None and key.startswith("eyJ") and (said := await self._reads(key)) is not None:
            return await self._of_token(hash_, said)
        async with self._database.connection() as db:
            row = await key_queries.by_hash(db, hash_)
        until, caller = now + FRESH_FOR, None
        if row is not None:
            caller = Caller(row.reseller, row.name, frozenset(row.scopes), row.id, row.limits)
            if row.unnoted:
                self._aside.do(self._note_use(row.id), "key.used")
            if row.ends_at is not None:  # it ends on time, however fresh the answer is
                until = min(until, now + (row.ends_at - datetime.now(UTC)).total_seconds())
        self._remember(hash_, until, caller)
        return caller

    async def _of_token(self, hash_: bytes, said: Own | Foreign) -> Caller | None:
        """Whom a token speaks for. One of ours ends with its key, and gives what both give."""
        now, caller = time.monotonic(), said.caller if isinstance(said, Foreign) else None
        if isinstance(said, Own):
            async with self._database.connection() as db:
                row = await key_queries.living(db, said.key_id)
            if row is not None:
                caller = Caller(row.reseller, row.name, said.scopes & frozenset(row.scopes), row.id, row.limits)
        self._remember(hash_, min(now + FRESH_FOR, now + said.until - time.time()), caller)
        return caller

    def _remember(self, hash_: bytes, until: float, caller: Caller | None) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[hash_] = (until, caller)

    async def _note_use(self, id_: str) -> None:
        async with self._database.connection() as db:
            await key_queries.used(db, id_)

    async def close(self) -> None:
        """Return when all uses are written down."""
        await self._aside.done()

    def forget(self) -> None:
        """Look every key up anew: one was changed here."""
        self._known.clear()


def _sent(scope: ASGIScope) -> tuple[str, str | None]:
    """The key or token, and the reseller that it shall act for: in one look through the headers, for each request."""
    key, bearer, lower = b"", b"", None
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            key = key or value
        elif name == b"authorization":
            bearer = bearer or value
        elif name == HEADER:
            lower = value.decode("latin-1")
    return (key.decode("latin-1") or _bearer(bearer.decode("latin-1"))), lower


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def unknown(detail: str, *, given: bool = True) -> Problem:
    """Nobody we know. What to send is said in the form of RFC 6750, which names no error when nothing was sent."""
    error = ', error="invalid_token", error_description="unknown, expired or revoked"' if given else ""
    return Problem(401, "Who are you?", detail, headers={"WWW-Authenticate": f'Bearer realm="Patchbay"{error}'})


def lacks(scope: Scope) -> Problem:
    """Known, but not for this."""
    detail = f"This API key lacks the scope '{scope}'. Ask {_ASK[scope]} for a key that has it."
    said = f'Bearer realm="Patchbay", error="insufficient_scope", scope="{scope}"'
    return Problem(403, "Not with this key", detail, headers={"WWW-Authenticate": said}, code="scope_missing")
