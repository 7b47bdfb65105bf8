"""If-Match where a change may be made without: who says what he saw does not overwrite what he did not see."""

from uuid import uuid4

import httpx
import pytest

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .receiving import webhook
from .registry import SERVICE
from .serving import a_service
from .shelves import Shelves
from .test_api_keys import keeper, made
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
