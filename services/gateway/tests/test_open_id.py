"""Signing in with an organisation's own provider: whom it vouches for gets in, and nobody else."""

import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateway_service.settings import settings

from .conftest import Gateway
from .operators import ANNA, Visitor, add_operator

KEY, OTHER = (RSAKey.generate_key(2048, {"kid": "1"}) for _ in range(2))


class Provider:
    """Says who somebody is, as the test likes."""

    def __init__(self) -> None:
        self.url = ""
        self.claims: dict[str, Any] = {}
        self.key = KEY
        self.asked: dict[str, str] = {}

    async def describe(self, _: web.Request) -> web.Response:
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return web.json_response({"issuer": self.url} | {name: self.url + path for name, path in paths.items()})

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [KEY.as_dict(private=False)]})

    async def token(self, request: web.Request) -> web.Response:
        self.asked = {name: str(value) for name, value in (await request.post()).items()}
        usual = {
            "iss": self.url,
            "aud": "patchbay",
            "exp": int(time.time()) + 60,
            "email": ANNA,
            "email_verified": True,
        }
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return web.json_response({"id_token": jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)})


@pytest_asyncio.fixture
async def provider(environment: pytest.MonkeyPatch) -> AsyncIterator[Provider]:
    """Ask for it before the gateway."""
    provider, app = Provider(), web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.describe)
    app.router.add_get("/keys", provider.keys)
    app.router.add_post("/token", provider.token)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    for name, value in {"ISSUER": provider.url, "CLIENT": "patchbay", "SECRET": "s3cret"}.items():
        environment.setenv(f"PATCHBAY_OPEN_ID_{name}", value)
    environment.setenv("PATCHBAY_PUBLIC_URL", "http://gateway")
    settings.cache_clear()
    yield provider
    await runner.cleanup()


async def leave(visitor: Visitor, provider: Provider) -> dict[str, str]:
    """Go to the provider; what it is asked there."""
    sent = await visitor.get("/sign-in/open-id?next=/account")
    assert sent.headers["location"].startswith(provider.url + "/authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    provider.claims = {"nonce": asked["nonce"]} | provider.claims
    return asked


async def test_whom_the_provider_vouches_for_gets_in(provider: Provider, gateway: Gateway) -> None:
    await add_operator(gateway)
    visitor = Visitor(gateway)
    assert "/sign-in/open-id?next=" in (await visitor.get("/sign-in")).text
    asked = await leave(visitor, provider)
    assert asked["code_challenge_method"] == "S256"
    back = await visitor.get(f"/sign-in/open-id/back?code=abc&state={asked['state']}")
    assert (back.status_code, back.headers["location"]) == (303, "/account")
    assert provider.asked["code_verifier"]
    assert (await visitor.get("/account")).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@acme.example"}, {"email_verified": False}, {"email_verified": None}, {"email": None},
        {"iss": "http://evil.example"}, {"aud": "another"}, {"exp": 1}, {"exp": None}, {"nonce": "another"},
        {"azp": "another"},
    ],
)  # fmt: skip
async def test_nobody_else_does(provider: Provider, gateway: Gateway, claims: dict[str, Any]) -> None:
    await add_operator(gateway)
    visitor = Visitor(gateway)
    provider.claims = claims
    asked = await leave(visitor, provider)
    page = await visitor.get(f"/sign-in/open-id/back?code=abc&state={asked['state']}")
    assert page.status_code == 403
    assert "You could not be signed in" in page.text
    assert await gateway.rows("SELECT 1 FROM session") == []


async def test_a_token_that_another_signed_is_refused(provider: Provider, gateway: Gateway) -> None:
    await add_operator(gateway)
    visitor = Visitor(gateway)
    provider.key = OTHER
    asked = await leave(visitor, provider)
    assert (await visitor.get(f"/sign-in/open-id/back?code=abc&state={asked['state']}")).status_code == 403


async def test_a_way_back_that_was_not_begun_here_is_refused(provider: Provider, gateway: Gateway) -> None:
    await add_operator(gateway)
    asked = await leave(Visitor(gateway), provider)
    assert (await Visitor(gateway).get(f"/sign-in/open-id/back?code=abc&state={asked['state']}")).status_code == 403


async def test_without_a_provider_there_is_no_such_way(gateway: Gateway) -> None:
    assert (await Visitor(gateway).get("/sign-in/open-id")).status_code == 404
    assert "organisation" not in (await Visitor(gateway).get("/sign-in")).text
