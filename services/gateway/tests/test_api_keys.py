"""API keys are looked after over the API, by keys with the scope `keys`, which give no more than they have."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway_service import key_form, key_queries

from .conftest import ACME, BOREALIS, Gateway
from .posted import order

KEEPER = "key-of-a-keeper-of-keys"
NEW = {"name": "Nightly import", "scopes": ["orders"]}


@pytest.fixture
async def keeper(gateway: Gateway) -> httpx.AsyncClient:
    """Somebody of acme who looks after keys."""
    async with gateway.database.transaction() as db:
        await key_queries.seed(db, key_form.hashed(KEEPER), "acme", "keeper", ["orders", "numbers", "keys"])
    gateway.client.headers["X-API-Key"] = KEEPER
    return gateway.client


async def works(gateway: Gateway, key: str) -> bool:
    answer = await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": key})
    assert answer.status_code in {202, 401}
    return answer.status_code == 202


async def made(keeper: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await keeper.post("/v1/keys", json=NEW | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_made_key_works_and_is_shown_once(gateway: Gateway, keeper: httpx.AsyncClient) -> None:
    key = await made(keeper)
    assert key_form.id_in(key["key"]) == key["id"]
    assert await works(gateway, key["key"])
    shown = await keeper.get(key["links"]["self"])
    listed = (await keeper.get("/v1/keys", params={"limit": 200})).json()
    assert key["key"] not in shown.text
    assert [one["id"] for one in listed["keys"] if one["name"] == NEW["name"]] == [key["id"]]
    assert [(one["by"], one["what"]) for one in shown.json()["changes"]] == [("key:keeper", "made")]
    assert key_form.hashed(key["key"]) in [
        bytes(row.hash) for row in await gateway.rows("SELECT hash FROM reseller_key")
    ]


async def test_the_call_that_made_a_key_gets_the_same_one_when_it_comes_again(
    gateway: Gateway, keeper: httpx.AsyncClient
) -> None:
    headers = {"Idempotency-Key": "the import's key"}
    first, again = [await keeper.post("/v1/keys", json=NEW, headers=headers) for _ in range(2)]
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    (kept,) = await gateway.rows("SELECT answer FROM replay")
    assert first.json()["key"].encode() not in bytes(kept.answer)


async def test_a_call_that_broke_off_makes_its_key_with_another_secret_under_the_same_id(
    gateway: Gateway, keeper: httpx.AsyncClient
) -> None:
    headers = {"Idempotency-Key": "the import's key"}
    first = (await keeper.post("/v1/keys", json=NEW, headers=headers)).json()
    await gateway.do("UPDATE replay SET answer = NULL, started_at = '-infinity'")
    again = (await keeper.post("/v1/keys", json=NEW, headers=headers)).json()
    assert (again["id"], again["key"] == first["key"]) == (first["id"], False)
    assert await works(gateway, again["key"])


@pytest.mark.parametrize(
    "body",
    [{"scopes": ["inventory"]}, {"scopes": ["orders", "audit"]}],
)
async def test_a_key_gives_no_scope_that_it_lacks(keeper: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await keeper.post("/v1/keys", json=NEW | body)
    assert answer.status_code == 403
    assert body["scopes"][-1] in answer.json()["detail"]


async def test_who_may_order_lets_others_read_what_orders_read(gateway: Gateway, keeper: httpx.AsyncClient) -> None:
    key = (await made(keeper, scopes=["read"]))["key"]
    assert (await gateway.client.get("/v1/orders", headers={"X-API-Key": key})).status_code == 200
    assert (await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": key})).status_code == 403


@pytest.mark.parametrize("verb", ["rotate", "end-former"])
async def test_a_wider_key_cannot_be_taken_over(gateway: Gateway, keeper: httpx.AsyncClient, verb: str) -> None:
    (row,) = await gateway.rows("SELECT id FROM reseller_key WHERE name = 'Ines & Co'")
    assert (await keeper.post(f"/v1/keys/{row.id}/{verb}", json={})).status_code == 403
    assert (await keeper.patch(f"/v1/keys/{row.id}", json={"scopes": ["orders"]})).status_code == 403


async def test_a_key_that_ends_makes_none_that_lasts_longer(gateway: Gateway, keeper: httpx.AsyncClient) -> None:
    end = datetime.now(UTC) + timedelta(days=1)
    await gateway.do("UPDATE reseller_key SET expires_at = $1 WHERE name = 'keeper'", end)
    assert (await keeper.post("/v1/keys", json=NEW)).status_code == 403
    sooner = (end - timedelta(hours=1)).isoformat()
    assert (await keeper.post("/v1/keys", json=NEW | {"expires_at": sooner})).status_code == 201


async def test_both_secrets_work_during_the_overlap_and_only_the_new_one_after(
    gateway: Gateway, keeper: httpx.AsyncClient
) -> None:
    key = await made(keeper)
    rotated = (await keeper.post(f"/v1/keys/{key['id']}/rotate", json={"overlap": 3600})).json()
    assert rotated["id"] == key["id"]
    assert [await works(gateway, one["key"]) for one in (key, rotated)] == [True, True]
    assert (await keeper.post(f"/v1/keys/{key['id']}/rotate", json={})).status_code == 409
    ended = await keeper.post(f"/v1/keys/{key['id']}/end-former")
    assert ended.json()["former_works_until"] is None
    assert [await works(gateway, one["key"]) for one in (key, rotated)] == [False, True]


async def test_a_revoked_key_stays_revoked(gateway: Gateway, keeper: httpx.AsyncClient) -> None:
    key = await made(keeper)
    assert await works(gateway, key["key"])
    for _ in range(2):
        revoked = await keeper.post(f"/v1/keys/{key['id']}/revoke")
        assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert not await works(gateway, key["key"])
    assert (await keeper.post(f"/v1/keys/{key['id']}/rotate", json={})).status_code == 409
    log = (await keeper.get(f"/v1/keys/{key['id']}")).json()["changes"]
    assert [one["what"] for one in log] == ["revoked", "made"]


async def test_what_changes_about_a_key_changes_what_it_may(gateway: Gateway, keeper: httpx.AsyncClient) -> None:
    key = await made(keeper, expires_at="2035-01-01T00:00:00Z")
    changed = await keeper.patch(f"/v1/keys/{key['id']}", json={"scopes": ["numbers"], "expires_at": None})
    assert (changed.json()["scopes"], changed.json()["expires_at"]) == (["numbers"], None)
    assert changed.json()["name"] == NEW["name"]
    answer = await gateway.client.post("/v1/orders", json=order(), headers={"X-API-Key": key["key"]})
    assert answer.status_code == 403


async def test_a_key_cannot_have_ended_before_it_is_made_or_changed(keeper: httpx.AsyncClient) -> None:
    key, over = await made(keeper), {"expires_at": "2020-01-01T00:00:00Z"}
    for answer in (
        await keeper.post("/v1/keys", json=NEW | over),
        await keeper.patch(f"/v1/keys/{key['id']}", json=over),
    ):
        assert answer.status_code == 422, answer.text
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["remedy"]) == (
            "/expires_at",
            "give a time to come, or null for a key that lasts",
        )
    assert (await keeper.get(f"/v1/keys/{key['id']}")).json()["expires_at"] is None


async def test_a_key_that_has_ended_says_so_until_it_is_given_longer(
    gateway: Gateway, keeper: httpx.AsyncClient
) -> None:
    key = await made(keeper, expires_at="2035-01-01T00:00:00Z")
    await gateway.do("UPDATE reseller_key SET expires_at = now() WHERE id = $1", key["id"])
    listed = (await keeper.get("/v1/keys", params={"limit": 200})).json()["keys"]
    shown = (await keeper.get(f"/v1/keys/{key['id']}")).json()
    renamed = (await keeper.patch(f"/v1/keys/{key['id']}", json={"name": "day desk"})).json()
    assert [one["state"] for one in (*listed, shown, renamed) if one["id"] == key["id"]] == ["expired"] * 3
    longer = await keeper.patch(f"/v1/keys/{key['id']}", json={"expires_at": "2035-01-01T00:00:00Z"})
    assert longer.json()["state"] == "active"
    assert await works(gateway, key["key"])
    await gateway.do("UPDATE reseller_key SET expires_at = now() WHERE id = $1", key["id"])
    assert (await keeper.post(f"/v1/keys/{key['id']}/revoke")).json()["state"] == "revoked"


async def test_another_resellers_keys_are_not_there(gateway: Gateway, keeper: httpx.AsyncClient) -> None:
    (row,) = await gateway.rows("SELECT id FROM reseller_key WHERE reseller = 'borealis'")
    foreign = [await keeper.get(f"/v1/keys/{row.id}")]
    foreign += [await keeper.post(f"/v1/keys/{row.id}/{verb}", json={}) for verb in ("rotate", "end-former", "revoke")]
    foreign += [await keeper.patch(f"/v1/keys/{row.id}", json={"name": "mine"})]
    missing = await keeper.get("/v1/keys/000000000000")
    assert [answer.status_code for answer in (*foreign, missing)] == [404] * 6
    assert missing.json()["title"] == foreign[0].json()["title"]
    assert await works(gateway, BOREALIS)


async def test_without_the_scope_nobody_looks_after_keys(gateway: Gateway) -> None:
    for method, path in (("GET", "/v1/keys"), ("POST", "/v1/keys"), ("GET", "/v1/keys/000000000000")):
        answer = await gateway.client.request(method, path, json=NEW)
        assert (answer.status_code, 'scope="keys"' in answer.headers["www-authenticate"]) == (403, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("scopes", []), ("scopes", ["everything"]), ("expires_at", "tomorrow"), ("secret", "mine")],
)
async def test_what_is_wrong_with_a_key_is_said_at_its_field(keeper: httpx.AsyncClient, field: str, value: Any) -> None:
    answer = await keeper.post("/v1/keys", json=NEW | {field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")


async def test_a_use_is_written_down_to_the_minute(gateway: Gateway, keeper: httpx.AsyncClient) -> None:
    await works(gateway, ACME)
    await gateway.app.state.keys.close()
    (first,) = await gateway.rows(
        "SELECT last_used_at FROM reseller_key WHERE name = 'test' AND reseller = 'acme' AND last_used_at IS NOT NULL"
    )
    gateway.app.state.keys.forget()
    await works(gateway, ACME)
    await gateway.app.state.keys.close()
    (again,) = await gateway.rows(
        "SELECT last_used_at FROM reseller_key WHERE name = 'test' AND reseller = 'acme' AND last_used_at IS NOT NULL"
    )
    assert first == again
