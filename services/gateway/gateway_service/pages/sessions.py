"""Who is signed in: the cookie, the session behind it, and the secret that the forms of its pages have to know."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import people_queries
from gateway_service.pages.people import Session, operator_of
from gateway_service.settings import Settings
from patchbay_chassis.database import Database

_LENGTH: Final = 32
REMEMBERED = 24 * 60 * 60
"""Seconds for which a browser has the cookie of a session that is over: so whoever signs in is told that it ended."""


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        # With the prefix, browsers take the cookie only over HTTPS and from this host alone.
        before = "__Host-" if settings.secure_cookies else ""
        self.cookie, self.visitor = f"{before}patchbay", f"{before}patchbay-visit"

    async def find(self, request: Request) -> Session | None:
        """The living session of the request. Asked again within a request, it is not looked up again."""
        if not hasattr(request.state, "session"):
            request.state.session = await self._find(request.cookies.get(self.cookie, ""))
        found: Session | None = request.state.session
        return found

    async def find_anew(self, request: Request) -> None:
        """Look the session up again, for a request that goes on for long: it may have ended, or its operator be another
        one. That somebody listens does not keep it alive."""
        request.state.session = await self._find(request.cookies.get(self.cookie, ""), used=False)

    async def _find(self, token: str, *, used: bool = True) -> Session | None:
        if not token:
            return None
        async with self._database.connection() as db:
            row = await people_queries.session(db, digest(token), self._settings.session_idle, used=used)
        return row and Session(row.id, operator_of(row), row.csrf, row.seen_at)

    async def begin(self, request: Request, operator: UUID, response: Response) -> bool:
        """Sign that operator in, for the page that is drawn next as well; False when he is blocked. A session that the
        browser had before is over."""
        before = await self.find(request)
        token = secrets.token_urlsafe(_LENGTH)
        lasts, address = self._settings.session_lasts, request.client.host if request.client else ""
        agent = request.headers.get("user-agent", "")[:200]
        async with self._database.transaction() as db:
            if before is not None:
                await people_queries.end(db, before.id, before.operator.id)
            csrf = secrets.token_bytes(_LENGTH)
            if not await people_queries.begin(db, digest(token), operator, csrf, lasts, address, agent):
                return False
        self._set(response, self.cookie, token, int(lasts.total_seconds()) + REMEMBERED)
        request.state.session = await self._find(token)
        return True

    async def end(self, session: Session, response: Response) -> None:
        """Sign out."""
        async with self._database.transaction() as db:
            await people_queries.end(db, session.id, session.operator.id)
        response.delete_cookie(self.cookie, secure=self._settings.secure_cookies, httponly=True, samesite="lax")

    def secret(self, request: Request) -> bytes:
        """What forms of this browser have to know: the session's, or until there is one a visitor's own."""
        session: Session | None = getattr(request.state, "session", None)
        if session is not None:
            return session.csrf
        if not hasattr(request.state, "visit"):
            known = request.cookies.get(self.visitor, "")
            request.state.visit = known if len(known) == 43 else secrets.token_urlsafe(_LENGTH)
        return digest(request.state.visit)

    def remember_visitor(self, request: Request, response: Response) -> None:
        """Let the browser have the secret that a page was just made with, if it is new."""
        visit = getattr(request.state, "visit", None)
        if visit is not None and visit != request.cookies.get(self.visitor):
            self._set(response, self.visitor, visit, None)

    def _set(self, response: Response, name: str, value: str, age: int | None) -> None:
        secure = self._settings.secure_cookies
        response.set_cookie(name, value, age, path="/", secure=secure, httponly=True, samesite="lax")


def digest(token: str) -> bytes:
    """A token as it is kept. It has 256 bits of its own randomness, so a plain fast hash gives nothing away."""
    return hashlib.sha256(token.encode()).digest()


def masked(secret: bytes) -> str:
    """The secret as it stands in a page: each time different, so that its compressed length tells nothing of it."""
    mask = secrets.token_bytes(len(secret))
    return urlsafe_b64encode(mask + _xor(mask, secret)).decode()


def knows(token: str, secret: bytes) -> bool:
    """Whether somebody who sends this token was given the secret."""
    try:
        raw = urlsafe_b64decode(token)
    except ValueError:
        return False
    half = len(raw) // 2
    return len(raw) == 2 * len(secret) and hmac.compare_digest(_xor(raw[:half], raw[half:]), secret)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
