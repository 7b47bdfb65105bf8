"""Who may call: a key names its reseller, and nothing is answered without one."""

import hashlib

import httpx
import pytest

from gateway_service import key_form, seed
from gateway_service.keys import Caller, Keys

from .conftest import ACME, KEYS, ORDERS_ONLY, REVOKED, Gateway, with_a_key
from .posted import ndjson, order


def caller(gateway: Gateway, **headers: str | bytes) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(gateway.app, raise_app_exceptions=False)
    raw = [(name.encode(), given if isinstance(given, bytes) else given.encode()) for name, given in headers.items()]
    hooks = {"request": [with_a_key]}
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=raw, event_hooks=hooks)


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


@pytest.mark.parametrize(("expires", "works"), [("1 hour", True), ("-1 second", False)])
async def test_a_key_works_until_it_expires(gateway: Gateway, expires: str, works: bool) -> None:
    await gateway.do("UPDATE reseller_key SET expires_at = now() + $1::text::interval", expires)
    assert (await gateway.client.get("/v1/orders")).status_code == (200 if works else 401)


@pytest.mark.parametrize(("until", "works"), [("1 hour", True), ("-1 second", False)])
async def test_a_former_secret_works_until_its_time_beside_the_new_one(
    gateway: Gateway, until: str, works: bool
) -> None:
    new = key_form.minted(key_form.new_id())
    await gateway.do(
        "UPDATE reseller_key SET former_hash = hash, hash = $2, former_until = now() + $1::text::interval"
        " WHERE name = 'orders only'",
        until,
        new.hash,
    )
    assert (await caller(gateway, **{"X-API-Key": new.written}).get("/v1/orders")).status_code == 200
    former = await caller(gateway, **{"X-API-Key": ORDERS_ONLY}).get("/v1/orders")
    assert former.status_code == (200 if works else 401)


async def test_a_client_has_one_id_whatever_its_secret(gateway: Gateway) -> None:
    keys = Keys(gateway.database)
    before = await keys.look_up(ACME)
    await gateway.do(
        "UPDATE reseller_key SET former_hash = hash, hash = id::bytea, former_until = now() + interval '1 day'"
    )
    keys.forget()
    after = await keys.look_up(ACME)
    assert isinstance(before, Caller)
    assert before == after
    assert before.id


def test_a_key_says_its_id_and_is_recognised_by_its_form() -> None:
    id_ = key_form.new_id()
    key = key_form.minted(id_)
    assert key_form.id_in(key.written) == id_
    assert key.hash == key_form.hashed(key.written)
    wrong = key.written[:-1] + ("0" if key.written[-1] != "0" else "1")
    assert not key_form.may_be_one(wrong)
    assert key_form.may_be_one("key-of-acme")
    assert key_form.may_be_one("pb_demo_q7Xw")


async def test_what_is_missing_is_said_in_the_form_of_rfc_6750(gateway: Gateway) -> None:
    none = await caller(gateway).get("/v1/orders")
    wrong = await caller(gateway, **{"X-API-Key": "unknown"}).get("/v1/orders")
    narrow = await caller(gateway, **{"X-API-Key": ORDERS_ONLY}).post("/v1/numbers/search", json={})
    assert none.headers["www-authenticate"] == 'Bearer realm="Patchbay"'
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
    assert narrow.status_code == 403
    assert 'error="insufficient_scope", scope="numbers"' in narrow.headers["www-authenticate"]


async def test_a_key_to_read_reads_and_orders_nothing(gateway: Gateway) -> None:
    await gateway.do("UPDATE reseller_key SET scopes = '{read}' WHERE name = 'orders only'")
    reader = caller(gateway, **{"X-API-Key": ORDERS_ONLY})
    assert (await reader.get("/v1/orders")).status_code == 200
    assert (await reader.post("/v1/orders", json=order())).status_code == 403


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
