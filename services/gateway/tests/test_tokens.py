"""Access tokens: those that a key is given, and those of an identity provider; nothing else is believed."""

import hmac
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway_service import sealing
from gateway_service.settings import settings

from .conftest import ACME, NUMBERS_ONLY, REVOKED, Gateway
from .posted import order

KEY, NEXT = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("1", "2"))
STRANGER = RSAKey.generate_key(2048, {"kid": "1"})
CURVE = ECKey.generate_key("P-256", {"kid": "1"})
SCOPE = {"grant_type": "client_credentials"}


async def client_of(gateway: Gateway, name: str = "test") -> str:
    (row,) = await gateway.rows(
        "SELECT id FROM reseller_key WHERE name = $1 AND reseller = 'acme' AND revoked_at IS NULL", name
    )
    return str(row.id)


async def token(gateway: Gateway, secret: str = ACME, name: str = "test", **more: str) -> httpx.Response:
    form = SCOPE | {"client_id": await client_of(gateway, name), "client_secret": secret} | more
    return await gateway.client.post("/oauth/token", data=form)


async def orders_with(gateway: Gateway, given: str) -> httpx.Response:
    gateway.client.headers.pop("X-API-Key", None)
    return await gateway.client.get("/v1/orders", headers={"Authorization": f"Bearer {given}"})


async def test_a_token_for_a_key_does_what_it_was_asked_for(gateway: Gateway) -> None:
    answer = await token(gateway, scope="orders")
    given = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (given["token_type"], given["scope"], given["expires_in"]) == ("Bearer", "orders", 600)
    assert (await orders_with(gateway, given["access_token"])).status_code == 200
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    placed = await gateway.client.post("/v1/orders", json=order(), headers=headers)
    assert placed.status_code == 202
    assert (await gateway.client.post("/v1/numbers/search", json={}, headers=headers)).status_code == 403


async def test_the_secret_may_come_as_basic_credentials(gateway: Gateway) -> None:
    basic = b64encode(f"{await client_of(gateway)}:{ACME}".encode()).decode()
    answer = await gateway.client.post(
        "/oauth/token", data=SCOPE | {"scope": "orders"}, headers={"Authorization": f"Basic {basic}"}
    )
    assert (answer.status_code, answer.json()["scope"]) == (200, "orders")


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": REVOKED}, 401, "invalid_client"),
        ({"client_secret": NUMBERS_ONLY}, 401, "invalid_client"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"scope": "orders inventory"}, 400, "invalid_scope"),
    ],
)
async def test_what_is_wrong_is_said_in_the_words_of_rfc_6749(
    gateway: Gateway, more: dict[str, str], status: int, error: str
) -> None:
    answer = await token(gateway, **more)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_a_token_ends_with_its_key(gateway: Gateway) -> None:
    given = (await token(gateway)).json()["access_token"]
    await gateway.do("UPDATE reseller_key SET revoked_at = now()")
    gateway.app.state.keys.forget()
    assert (await orders_with(gateway, given)).status_code == 401


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {
        "iss": "http://127.0.0.1:8000",
        "aud": "http://127.0.0.1:8000",
        "iat": now,
        "exp": now + 60,
        "scope": "orders",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        ({}, {"exp": int(time.time()) - 3600}),
        ({}, {"exp": None}),
        ({}, {"aud": "somebody else"}),
        ({}, {"nbf": int(time.time()) + 3600}),
        ({"typ": "JWT"}, {}),
        ({"alg": "HS512"}, {}),
    ],
)
async def test_our_own_signature_alone_is_not_enough(
    gateway: Gateway, header: dict[str, str], changes: dict[str, Any]
) -> None:
    id_ = await client_of(gateway)
    secret = OctKey.import_key(sealing.secrets_for("tokens")[0])

    def made(header: dict[str, str], **changes: Any) -> str:
        given = claims(client_id=id_, **changes)
        return jwt.encode({"alg": "HS256", "typ": "at+jwt"} | header, given, secret, algorithms=["HS256", "HS512"])

    assert (await orders_with(gateway, made({}))).status_code == 200
    answer = await orders_with(gateway, made(header, **changes))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


class Provider:
    """An identity provider with its published keys."""

    def __init__(self) -> None:
        self.url = ""
        self.published: list[Any] = [KEY]
        self.read = 0
        self.away = False

    async def keys(self, _: web.Request) -> web.Response:
        self.read += 1
        if self.away:
            return web.Response(status=503)
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.published]})

    def token(self, key: Any = KEY, alg: str = "RS256", kid: str | None = "1", **changes: Any) -> str:
        now = int(time.time())
        usual = {
            "iss": self.url, "aud": "patchbay", "iat": now, "exp": now + 60, "sub": "robot 7", "reseller": "tenant-1",
            "scope": "patchbay.order profile",
        }  # fmt: skip
        given = {name: value for name, value in (usual | changes).items() if value is not None}
        header = {"alg": alg} | ({"kid": kid} if kid is not None else {})
        return jwt.encode(header, given, key, algorithms=[alg])


@pytest_asyncio.fixture
async def provider(environment: pytest.MonkeyPatch) -> AsyncIterator[Provider]:
    """Ask for it before the gateway."""
    provider, app = Provider(), web.Application()
    app.router.add_get("/keys", provider.keys)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = "http://{}:{}".format(*runner.addresses[0])
    issuer = {
        "issuer": provider.url, "audience": "patchbay", "jwks_url": f"{provider.url}/keys",
        "resellers": {"tenant-1": "acme"},
        "scopes": {"patchbay.order": ["orders"], "patchbay.all": ["orders", "keys"]},
    }  # fmt: skip
    environment.setenv("PATCHBAY_TOKEN_ISSUERS", json.dumps([issuer]))
    settings.cache_clear()
    yield provider
    await runner.cleanup()


async def test_a_providers_token_speaks_for_its_reseller(provider: Provider, gateway: Gateway) -> None:
    assert (await orders_with(gateway, provider.token())).status_code == 200
    headers = {"Authorization": f"Bearer {provider.token()}"}
    assert (await gateway.client.post("/v1/orders", json=order(), headers=headers)).status_code == 202
    assert [row.reseller for row in await gateway.rows("SELECT reseller FROM orders")] == ["acme"]
    assert provider.read == 1


def written(header: dict[str, Any], provider: Provider) -> str:
    given = claims(iss=provider.url, aud="patchbay", sub="x", reseller="tenant-1")
    parts = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, given))
    return ".".join(parts)


def forged(provider: Provider) -> str:
    """The public key taken for a secret: what a checker accepts that believes the token's own algorithm."""
    text = written({"alg": "HS256", "kid": "1"}, provider)
    signature = hmac.digest(KEY.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def unsigned(provider: Provider) -> str:
    return written({"alg": "none", "kid": "1"}, provider) + "."


@pytest.mark.parametrize(
    "made",
    [
        lambda p: p.token(STRANGER),
        lambda p: p.token(CURVE, "ES256"),
        lambda p: p.token(alg="RS384"),
        lambda p: p.token(kid="unknown"),
        lambda p: p.token(iss="https://elsewhere.example"),
        lambda p: p.token(aud="another service"),
        lambda p: p.token(aud=["another service"]),
        lambda p: p.token(aud=None),
        lambda p: p.token(exp=int(time.time()) - 3600),
        lambda p: p.token(exp=None),
        lambda p: p.token(exp="soon"),
        lambda p: p.token(nbf=int(time.time()) + 3600),
        lambda p: p.token(iat=int(time.time()) + 3600),
        lambda p: p.token(iat=None),
        lambda p: p.token(sub=None),
        lambda p: p.token(sub=["a", "b"]),
        lambda p: p.token(reseller=None),
        lambda p: p.token(reseller="acme"),
        lambda p: p.token(scope=7),
        forged,
        unsigned,
        lambda p: p.token()[:-4] + "AAAA",
        lambda _: "eyJ.eyJ.x",
        lambda p: p.token() + "x" * 9_000,
    ],
)
async def test_what_is_wrong_with_a_providers_token_is_not_believed(
    provider: Provider, gateway: Gateway, made: Any
) -> None:
    answer = await orders_with(gateway, made(provider))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_token_gives_no_more_than_the_provider_may(provider: Provider, gateway: Gateway) -> None:
    assert (await orders_with(gateway, provider.token(scope="profile"))).status_code == 403
    headers = {"Authorization": f"Bearer {provider.token(scope=['patchbay.all'])}"}
    assert (await gateway.client.get("/v1/orders", headers=headers)).status_code == 200
    assert (await gateway.client.get("/v1/keys", headers=headers)).status_code == 403


async def test_a_new_key_is_read_when_it_is_first_named_and_one_taken_back_is_not_believed(
    provider: Provider, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway_service.jwks.PAUSE", 0.0)
    assert (await orders_with(gateway, provider.token())).status_code == 200
    provider.published = [NEXT]
    assert (await orders_with(gateway, provider.token(NEXT, kid="2"))).status_code == 200
    assert (await orders_with(gateway, provider.token(jti="another"))).status_code == 401


async def test_unknown_keys_do_not_make_us_ask_the_provider_each_time(provider: Provider, gateway: Gateway) -> None:
    for kid in ("a", "b", "c"):
        assert (await orders_with(gateway, provider.token(kid=kid))).status_code == 401
    assert provider.read == 1


async def test_a_provider_that_is_away_is_waited_for(provider: Provider, gateway: Gateway) -> None:
    provider.away = True
    answer = await orders_with(gateway, provider.token())
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
