"""Signing in over OpenID Connect: authorisation code with PKCE; whom the provider vouches for is found by e-mail."""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, unquote, urlencode

import aiohttp
from fastapi import APIRouter
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import people_queries, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import normal
from gateway_service.settings import Settings
from patchbay_chassis.database import Database
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
COOKIE, LASTS = "patchbay-open-id", 600
LIMIT = aiohttp.ClientTimeout(total=10)


class Refused(Exception):
    """The provider vouches for nobody. The message is for the log."""


def router(database: Database, settings: Settings) -> APIRouter:
    """The way to the provider and back, where one is configured."""
    routes = site.routes("/sign-in/open-id")
    if not settings.open_id_issuer:
        return routes
    back = settings.public_url.rstrip("/") + "/sign-in/open-id/back"

    @routes.get("")
    async def leave(next: str = "/") -> Response:  # noqa: A002 - as it stands in the address
        secret = token_urlsafe(32)
        challenge = urlsafe_b64encode(hashlib.sha256(_from(secret, "verifier").encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": settings.open_id_client, "redirect_uri": back,
            "scope": "openid email", "state": _from(secret, "state"), "nonce": _from(secret, "nonce"),
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        async with aiohttp.ClientSession(timeout=LIMIT) as http:
            provider = await _provider(http, settings)
        address = provider["authorization_endpoint"]
        response = site.go(address + ("&" if "?" in address else "?") + urlencode(asked))
        value = f"{secret}.{quote(site.local(next), safe='')}"
        # Lax and not Strict: the provider sends the browser back from another site.
        secure = settings.secure_cookies
        response.set_cookie(COOKIE, value, LASTS, path="/sign-in", secure=secure, httponly=True, samesite="lax")
        return response

    @routes.get("/back")
    async def come_back(request: Request, code: str = "", state: str = "") -> Response:
        secret, _dot, target = request.cookies.get(COOKIE, "").partition(".")
        try:
            email = await _vouched_for(settings, code, secret if state == _from(secret, "state") else "", back)
        except (Refused, JoseError, KeyError) as error:
            log.warning("open_id.refused", why=str(error)[:200])
            raise _nobody() from None
        async with database.connection() as db:
            found = await people_queries.by_email(db, email)
        response = site.go(site.local(unquote(target)))
        response.delete_cookie(COOKIE, path="/sign-in")
        if found is None or not await site.of(request).sessions.begin(request, found.id, response):
            log.warning("open_id.refused", why="no such operator, or blocked")
            raise _nobody()
        log.info("sign_in.done", operator=str(found.id))
        return response

    return routes


async def _vouched_for(settings: Settings, code: str, secret: str, back: str) -> str:
    """The verified e-mail address. Raises Refused or JoseError."""
    if not secret or not code:
        raise Refused("another state, or no code")
    asked = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": settings.open_id_client,
        "code_verifier": _from(secret, "verifier"),
    }  # fmt: skip
    password = settings.open_id_secret.get_secret_value()
    # Both parts are form-encoded before they become basic credentials (RFC 6749, 2.3.1).
    credentials = f"{quote(settings.open_id_client, safe='')}:{quote(password, safe='')}".encode()
    headers = {"Authorization": f"Basic {b64encode(credentials).decode()}"} if password else {}
    async with aiohttp.ClientSession(timeout=LIMIT) as http:
        provider = await _provider(http, settings)
        given = await _ask(http, "POST", provider["token_endpoint"], data=asked, headers=headers)
        keys = await _ask(http, "GET", provider["jwks_uri"])
    claims = jwt.decode(given["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]
    jwt.JWTClaimsRegistry(
        leeway=30,
        iss={"essential": True, "value": settings.open_id_issuer},
        aud={"essential": True, "value": settings.open_id_client},
        nonce={"essential": True, "value": _from(secret, "nonce")},
        exp={"essential": True},
    ).validate(claims)
    if claims.get("azp", settings.open_id_client) != settings.open_id_client:
        raise Refused("made for another client")
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise Refused("no verified e-mail address")
    return normal(claims["email"])


async def _provider(http: aiohttp.ClientSession, settings: Settings) -> Mapping[str, Any]:
    """What the provider says of itself, read anew each time: signing in is rare, and keys change."""
    found = await _ask(http, "GET", settings.open_id_issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != settings.open_id_issuer:
        raise _away("it calls itself by another name")
    return found


async def _ask(http: aiohttp.ClientSession, method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        async with http.request(method, url, **more) as answer:
            document = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise _away(repr(error)) from None
    if answer.status >= 500 or not isinstance(document, dict):
        raise _away(f"{url} says {answer.status}")
    if answer.status >= 400:
        raise Refused(f"{url} says {answer.status}")
    return document


def _from(secret: str, what: str) -> str:
    """State, nonce and verifier come from one secret, and none tells of another."""
    return urlsafe_b64encode(hashlib.sha256(f"{what}:{secret}".encode()).digest()).rstrip(b"=").decode()


def _nobody() -> Problem:
    detail = _("Your organisation does not vouch for anybody whom Patchbay knows. Try again, or ask an administrator.")
    return Problem(403, _("You could not be signed in"), detail)


def _away(why: str) -> Problem:
    log.warning("open_id.away", why=why[:200])
    detail = _("Your organisation's sign-in cannot be reached. Try again soon, or sign in with your password.")
    return Problem(503, _("Try again soon"), detail, headers={"Retry-After": "10"})
