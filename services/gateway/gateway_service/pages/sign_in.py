"""Signing in with a password, and signing out."""

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import passwords, people_queries, site, typed_before
from gateway_service.pages.attempts import Attempts
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import LONGEST, normal
from gateway_service.pages.typed_before import Typed
from gateway_service.settings import Settings
from patchbay_chassis.database import Database
from patchbay_chassis.log import log


def router(database: Database, settings: Settings) -> APIRouter:
    """The way in and out."""
    routes = site.routes()
    attempts = Attempts(settings)

    @routes.get("/sign-in")
    async def show(request: Request, next: str = "/", ended: str = "") -> Response:  # noqa: A002 - as in the address
        if await site.of(request).sessions.find(request) is not None:
            return site.go(site.local(next))
        return _page(request, next, ended=ended)

    @routes.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await site.form(request)
        email, password, target = normal(form.text("email")), form.exact("password"), form.text("next")
        page = partial(_page, request, target, email, ended=form.text("ended"), typed=typed_before.from_form(form))
        if errors := _missing(email, password):
            return page(errors, 422)
        if not await attempts.may_try(site.address(request), email[:254]):
            log.warning("sign_in.limited")
            message = _("You tried too often. Wait a quarter of an hour, then try again.")
            return page({"": message}, 429)
        found = await _let_in(database, email, password)
        response = site.elsewhere(request, site.local(target))
        if found is None or not await site.of(request).sessions.begin(request, found.id, response):
            log.warning("sign_in.refused")
            message = _("This e-mail address and password do not let anybody in. Check both, or ask an administrator.")
            return page({"email": message}, 422)
        await attempts.succeeded(email)
        log.info("sign_in.done", operator=str(found.id))
        typed = typed_before.from_form(form)
        return _send_on(request, response, target, typed) if typed and typed.by == str(found.id) else response

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


async def instead(request: Request, url: str) -> Response:
    """What whoever is not signed in gets for a page: to sign in, with what was typed, or the way there."""
    typed = await typed_before.of(request)
    if typed is None:
        return site.elsewhere(request, url)
    return _page(request, site.here(request), status=403, ended="yes", typed=typed)


def _page(
    request: Request,
    target: str,
    email: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    ended: str = "",
    typed: Typed | None = None,
) -> Response:
    open_id, to = bool(site.of(request).settings.open_id_issuer), site.local(target)
    shown: dict[str, Any] = {"email": email, "next": to, "open_id": open_id, "ended": ended, "typed": typed}
    return site.render(request, "sign-in.html", status, errors=errors, send_on=False, **shown)


def _send_on(request: Request, signed_in: Response, target: str, typed: Typed) -> Response:
    """What was typed before, to be sent on by whoever has signed in now."""
    response = site.render(request, "sign-in.html", next=site.local(target), typed=typed, send_on=True)
    response.headers.append("set-cookie", signed_in.headers["set-cookie"])
    return response
