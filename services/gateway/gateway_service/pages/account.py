"""One's own account: another password, and where one is signed in."""

import hmac
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import passwords, people_queries, site
from gateway_service.pages.attempts import Attempts
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import LONGEST, Session, weakness
from gateway_service.settings import Settings
from patchbay_chassis.database import Database

Mine = Annotated[Session, Depends(site.session)]


def router(database: Database, settings: Settings) -> APIRouter:
    """What everybody may see and change of himself."""
    routes = site.routes("/account")
    attempts = Attempts(settings)

    async def page(
        request: Request, mine: Session, errors: dict[str, str] | None = None, *, done: str = "", status: int = 200
    ) -> Response:
        async with database.connection() as db:
            rows = await people_queries.sessions(db, mine.operator.id, settings.session_idle)
        sessions = [(_shown(row.id), row, row.id == mine.id) for row in rows]
        return site.render(request, "account.html", status, errors=errors, sessions=sessions, done=done)

    @routes.get("")
    async def show(request: Request, mine: Mine, done: str = "") -> Response:
        return await page(request, mine, done=done)

    @routes.post("/password")
    async def change_password(request: Request, mine: Mine) -> Response:
        form = await site.form(request)
        old, new, again = (form.exact(name) for name in ("old", "new", "again"))
        if not await attempts.may_try(site.address(request), mine.operator.email):
            message = _("You tried too often. Wait a quarter of an hour, then try again.")
            return await page(request, mine, {"old": message}, status=429)
        errors = await _wrong(database, mine, old, new, again)
        if errors:
            return await page(request, mine, errors, status=422)
        hash_ = await passwords.hashed(new)
        async with database.transaction() as db:
            await people_queries.set_password(db, mine.operator.id, hash_)
            await people_queries.end_others(db, mine.operator.id, mine.id)
            await people_queries.note(db, mine.operator.id, mine.operator.by, "password")
        await attempts.succeeded(mine.operator.email)
        return site.go("/account?done=password")

    @routes.post("/sessions")
    async def revoke(request: Request, mine: Mine) -> Response:
        await _revoke(database, mine, (await site.form(request)).text("session"), settings)
        return site.go("/account?done=sessions")

    return routes


async def _wrong(database: Database, mine: Session, old: str, new: str, again: str) -> dict[str, str]:
    async with database.connection() as db:
        found = await people_queries.by_email(db, mine.operator.email)
    errors = {}
    if found is None or not await passwords.fits(old[:LONGEST], found.password_hash):
        errors["old"] = _("This is not your password now")
    if weak := why_not(new, mine.operator.email, mine.operator.name):
        errors["new"] = weak
    elif new != again:
        errors["again"] = _("This is not what you typed above")
    return errors


async def _revoke(database: Database, mine: Session, chosen: str, settings: Settings) -> None:
    async with database.transaction() as db:
        if chosen == "others":
            await people_queries.end_others(db, mine.operator.id, mine.id)
        for row in await people_queries.sessions(db, mine.operator.id, settings.session_idle):
            if hmac.compare_digest(_shown(row.id).encode(), chosen.encode()):
                await people_queries.end(db, row.id, mine.operator.id)


def why_not(password: str, *known: str) -> str:
    """Why a password will not do, in words; nothing if it will."""
    messages = {
        "short": _("Use 12 characters or more"),
        "long": _("Use 200 characters or fewer"),
        "guessable": _("This is easy to guess: use something that has nothing of your name and address"),
    }
    return messages.get(weakness(password, *known), "")


def _shown(id_: bytes) -> str:
    """A session as a page may name it: its id stays where it is."""
    return sha256(b"shown" + id_).hexdigest()[:32]
