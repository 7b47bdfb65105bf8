"""If-Match where a change may be made without: who says what he saw does not overwrite what he did not see."""

from uuid import uuid4

import httpx
import pytest

from patchbay_contracts.v1.orders import OrderDelayed

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .receiving import webhook
from .registry import SERVICE
from .serving import a_service
from .shelves import Shelves
from .test_accounts import ACCOUNT, WHY
from .test_api_keys import keeper, made
from .test_reading import place, shown, told
from .test_service_types import keeper as prices_keeper
from .test_webhooks import PUBLIC

__all__ = ["keeper"]  # a fixture
PATH = f"/v1/services/{SERVICE}"
CHANGE = {"version": 3, "why": "not paid", "wanted": {"kind": "suspend"}}


@pytest.fixture(autouse=True)
def shelves(behind: Behind) -> Shelves:
    return Shelves(behind)


def refused(answer: httpx.Response, tag: str) -> None:
    """With the way on, and nothing else."""
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/version_changed")
    assert answer.headers["etag"] == tag


async def change(gateway: Gateway, key: str = "", **headers: str) -> httpx.Response:
    headers |= {"Idempotency-Key": key or str(uuid4())}
    return await gateway.client.post(f"{PATH}/changes", json=CHANGE, headers=headers)


async def test_a_change_of_a_service_that_is_another_one_by_now_is_not_accepted(
    gateway: Gateway, shelves: Shelves
) -> None:
    seen = (await gateway.client.get(PATH)).headers["etag"]
    shelves.services[SERVICE] = a_service(version=4)
    now = (await gateway.client.get(PATH)).headers["etag"]
    refused(await change(gateway, **{"If-Match": seen}), now)
    assert await gateway.count() == 0
    assert (await change(gateway, **{"If-Match": f'"other", {now}'})).status_code == 202
    assert (await change(gateway)).status_code == 202


async def test_a_change_that_was_accepted_is_the_same_one_again_whatever_the_service_is_by_now(
    gateway: Gateway, shelves: Shelves
) -> None:
    seen = {"If-Match": (await gateway.client.get(PATH)).headers["etag"]}
    first = await change(gateway, "a-key", **seen)
    shelves.services[SERVICE] = a_service(version=4)
    again = await change(gateway, "a-key", **seen)
    assert (again.status_code, again.json()) == (202, first.json())
    assert (again.headers["idempotency-replayed"], await gateway.count()) == ("true", 1)


async def test_who_says_what_he_saw_of_another_resellers_service_is_told_that_there_is_none(
    gateway: Gateway, shelves: Shelves
) -> None:
    theirs = await change(gateway, **{"If-Match": "*", "X-API-Key": BOREALIS})
    assert (theirs.status_code, theirs.json()["type"]) == (404, "/problems/no_such_service")


async def test_a_webhook_is_changed_and_deleted_as_it_was_seen(gateway: Gateway) -> None:
    path = (await webhook(gateway, PUBLIC))["links"]["self"]
    seen = (await gateway.client.get(path)).headers["etag"]
    await gateway.do("UPDATE webhook SET failing_since = now(), rests_until = now()")
    assert (await gateway.client.get(path)).headers["etag"] == seen, "it fails, and nobody changed it"
    changed = await gateway.client.patch(path, json={"description": "desk"}, headers={"If-Match": seen})
    now = (await gateway.client.get(path)).headers["etag"]
    assert (changed.status_code, changed.headers["etag"]) == (200, now)
    refused(await gateway.client.patch(path, json={"description": "no"}, headers={"If-Match": seen}), now)
    refused(await gateway.client.delete(path, headers={"If-Match": seen}), now)
    assert (await gateway.client.get(path)).json()["description"] == "desk"
    assert (await gateway.client.delete(path, headers={"If-Match": now})).status_code == 204
    assert (await gateway.client.delete(path, headers={"If-Match": now})).status_code == 404


async def test_a_key_is_changed_rotated_and_revoked_as_it_was_seen(keeper: httpx.AsyncClient) -> None:
    path = (await made(keeper))["links"]["self"]
    seen = {"If-Match": (await keeper.get(path)).headers["etag"]}
    changed = await keeper.patch(path, json={"name": "Daily import"}, headers=seen)
    now = (await keeper.get(path)).headers["etag"]
    assert (changed.status_code, changed.headers["etag"]) == (200, now)
    refused(await keeper.patch(path, json={"name": "Never"}, headers=seen), now)
    for what in ("rotate", "end-former", "revoke"):
        more = {"Idempotency-Key": str(uuid4())}
        refused(await keeper.post(f"{path}/{what}", json={}, headers=seen | more), now)
    assert ((await keeper.get(path)).json()["name"], (await keeper.get(path)).headers["etag"]) == ("Daily import", now)
    rotated = await keeper.post(f"{path}/rotate", json={}, headers={"If-Match": now, "Idempotency-Key": str(uuid4())})
    assert (rotated.status_code, rotated.headers["etag"] == now) == (200, False)
    gone = await keeper.post(f"{path}/revoke", headers={"If-Match": rotated.headers["etag"]})
    assert (gone.status_code, gone.json()["state"]) == (200, "revoked")


async def test_who_saw_nothing_that_he_names_changes_nothing(keeper: httpx.AsyncClient) -> None:
    path = (await made(keeper))["links"]["self"]
    tag = (await keeper.get(path)).headers["etag"]
    for what in ("rotate", "end-former", "revoke"):
        empty = {"If-Match": "", "Idempotency-Key": str(uuid4())}
        refused(await keeper.post(f"{path}/{what}", json={}, headers=empty), tag)


async def test_a_secret_is_rotated_as_the_webhook_was_seen_so_that_of_two_at_once_one_is_refused(
    gateway: Gateway,
) -> None:
    path = (await webhook(gateway, PUBLIC))["links"]["self"]
    seen = {"If-Match": (await gateway.client.get(path)).headers["etag"]}
    rotated = await gateway.client.post(f"{path}/rotate", json={}, headers=seen)
    now = (await gateway.client.get(path)).headers["etag"]
    assert (rotated.status_code, rotated.headers["etag"]) == (200, now)
    refused(await gateway.client.post(f"{path}/rotate", json={}, headers=seen), now)
    assert len(await gateway.rows("SELECT FROM webhook_secret")) == 2
    assert (await gateway.client.post(f"{path}/rotate", json={})).status_code == 200


async def test_an_order_is_cancelled_as_it_was_seen(gateway: Gateway) -> None:
    id_ = await place(gateway)
    path, why = f"/v1/orders/{id_}", {"reason": "not wanted"}
    seen = {"If-Match": (await gateway.client.get(path)).headers["etag"]}
    await told(gateway, OrderDelayed(order_id=id_, reseller="acme", step="billing", detail="no answer"))
    answer = await gateway.client.post(f"{path}/cancel", json=why, headers=seen)
    now = (await gateway.client.get(path)).headers["etag"]
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/order_changed")
    assert (answer.headers["etag"], (await shown(gateway, id_))["cancel"]) == (now, None)
    for again in range(2):
        answer = await gateway.client.post(f"{path}/cancel", json=why, headers={"If-Match": now})
        assert answer.status_code == 202, f"{again} times asked before"


async def test_an_account_is_changed_as_it_was_seen_whatever_is_charged_meanwhile(
    gateway: Gateway, shelves: Shelves
) -> None:
    await prices_keeper(gateway)
    shelves.account |= {"limit": {"amount": "9", "currency": "GBP"}, "used": {"amount": "1", "currency": "GBP"}}
    first = await gateway.client.get(ACCOUNT)
    shelves.account |= {"used": {"amount": "2", "currency": "GBP"}}
    charged = await gateway.client.get(ACCOUNT, headers={"If-None-Match": first.headers["etag"]})
    assert charged.status_code == 200, "it is shown anew"
    seen = {"If-Match": first.headers["etag"]}
    blocked = await gateway.client.post(f"{ACCOUNT}/block", json=WHY, headers=seen)
    assert blocked.status_code == 200, "what is charged is no change of it"
    assert shelves.asked["/accounts/block"][-1]["changed_at"] == charged.json()["opened_at"]
    now = (await gateway.client.get(ACCOUNT)).headers["etag"]
    assert blocked.headers["etag"] == now
    for way in ("block", "unblock"):
        refused(await gateway.client.post(f"{ACCOUNT}/{way}", json=WHY, headers=seen), now)
    refused(await gateway.client.put(f"{ACCOUNT}/limit", json={"limit": None} | WHY, headers=seen), now)
    assert (await gateway.client.get(ACCOUNT)).json()["state"] == "blocked"
