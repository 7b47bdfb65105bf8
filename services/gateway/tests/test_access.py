"""Who may call: a key names its reseller, and nothing is answered without one."""

import hashlib

import httpx
import pytest

from gateway_service import seed

from .conftest import ACME, KEYS, REVOKED, Gateway
from .posted import ndjson, order


def caller(gateway: Gateway, **headers: str | bytes) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(gateway.app, raise_app_exceptions=False)
    raw = [(name.encode(), given if isinstance(given, bytes) else given.encode()) for name, given in headers.items()]
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=raw)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": ACME},
        {"Authorization": f"Bearer {ACME}"},
        {"Authorization": f"bearer  {ACME} "},
        {"X-API-Key": "", "Authorization": f"Bearer {ACME}"},
    ],
)
async def test_a_key_is_taken_in_its_own_header_or_as_bearer_token(gateway: Gateway, headers: dict[str, str]) -> None:
    answer = await caller(gateway, **headers).post("/v1/orders", json=order())
    assert answer.status_code == 202
    assert [row.reseller for row in await gateway.rows("SELECT reseller FROM orders")] == ["acme"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "unknown"},
        {"X-API-Key": REVOKED},
        {"X-API-Key": ACME + " x"},
        {"X-API-Key": "schlüssel".encode()},
        {"X-API-Key": b"\xff\xfe\x01"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {ACME}"},
        {"Authorization": ACME},
        {"Authorization": b"Bearer \xf0\x9f\x94\x91"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/orders"), ("POST", "/v1/orders/bulk"), ("GET", "/v1/orders")]
)
async def test_without_a_key_that_is_known_nothing_is_done(
    gateway: Gateway, headers: dict[str, str | bytes], method: str, path: str
) -> None:
    kind = {"Content-Type": "application/x-ndjson" if path.endswith("bulk") else "application/json"}
    answer = await caller(gateway, **headers).request(method, path, content=ndjson(order()), headers=kind)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "X-API-Key" in answer.json()["detail"] or "not known" in answer.json()["detail"]
    assert await gateway.count() == 0


async def test_a_key_is_looked_up_once_and_not_for_each_order(gateway: Gateway) -> None:
    await gateway.client.post("/v1/orders", json=order())
    await gateway.do("DELETE FROM reseller_key")
    assert (await gateway.client.post("/v1/orders", json=order())).status_code == 202


async def test_keys_are_stored_as_hashes_only(gateway: Gateway) -> None:
    stored = [row.hash for row in await gateway.rows("SELECT hash FROM reseller_key")]
    assert sorted(stored) == sorted(hashlib.sha256(key.encode()).digest() for key in KEYS)


async def test_documentation_needs_no_key(gateway: Gateway) -> None:
    for path in ("/", "/docs", "/openapi.json"):
        assert (await caller(gateway).get(path)).status_code == 200


async def test_the_keys_of_the_environment_are_let_in_however_often_that_is_done(
    environment: pytest.MonkeyPatch, fragile: Gateway, database_url: str
) -> None:
    environment.setenv("PATCHBAY_DATABASE", database_url)
    environment.setenv("PATCHBAY_API_KEY", "first")
    environment.setenv("PATCHBAY_API_KEY_2", "second")
    for _ in range(2):
        await seed.main()
    for key in ("first", "second"):
        assert (await fragile.client.post("/v1/orders", json=order(), headers={"X-API-Key": key})).status_code == 202
    assert [row.reseller for row in await fragile.rows("SELECT reseller FROM orders ORDER BY 1")] == [
        "acme",
        "borealis",
    ]
