"""Signing in with a password, and signing out."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import passwords, people_queries, site
from gateway_service.pages.attempts import Attempts
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import LONGEST, normal
from gateway_service.settings import Settings
from patchbay_chassis.database import Database
from patchbay_chassis.log import log


def router(database: Database, settings: Settings) -> APIRouter:
    """The way in and out."""
    routes = site.routes()
    attempts = Attempts(settings)

    @routes.get("/sign-in")
    async def show(request: Request, next: str = "/") -> Response:  # noqa: A002 - as it stands in the address
        if await site.of(request).sessions.find(request) is not None:
            return site.go(site.local(next))
        return _page(request, next)

    @routes.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await site.form(request)
        email, password, target = normal(form.text("email")), form.exact("password"), form.text("next")
        if errors := _missing(email, password):
            return _page(request, target, email, errors, 422)
        if not await attempts.may_try(site.address(request), email[:254]):
            log.warning("sign_in.limited")
            message = _("You tried too often. Wait a quarter of an hour, then try again.")
            return _page(request, target, email, {"": message}, 429)
        found = await _let_in(database, email, password)
        response = site.elsewhere(request, site.local(target))
        if found is None or not await site.of(request).sessions.begin(request, found.id, response):
            log.warning("sign_in.refused")
            message = _("This e-mail address and password do not let anybody in. Check both, or ask an administrator.")
            return _page(request, target, email, {"email": message}, 422)
        await attempts.succeeded(email)
        log.info("sign_in.done", operator=str(found.id))
        return response

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        response = site.elsewhere(request, "/sign-in")
        if (session := await site.of(request).sessions.find(request)) is not None:
            await site.of(request).sessions.end(session, response)
        return response

    return routes


async def _let_in(database: Database, email: str, password: str) -> Any | None:
    """The operator whose password this is, blocked or not. It takes as long when there is none."""
    async with database.connection() as db:
        found = await people_queries.by_email(db, email)
    if not await passwords.fits(password[:LONGEST], found and found.password_hash) or found is None:
        return None
    if passwords.is_outdated(found.password_hash):
        renewed = await passwords.hashed(password)
        async with database.transaction() as db:
            await people_queries.rehash(db, found.id, found.password_hash, renewed)
    return found


def _missing(email: str, password: str) -> dict[str, str]:
    wanted = {"email": (email, _("Enter your e-mail address")), "password": (password, _("Enter your password"))}
    return {field: message for field, (given, message) in wanted.items() if not given}


def _page(
    request: Request, target: str, email: str = "", errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    open_id = bool(site.of(request).settings.open_id_issuer)
    return site.render(
        request, "sign-in.html", status, errors=errors, email=email, next=site.local(target), open_id=open_id
    )
