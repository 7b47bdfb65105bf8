"""A key may act for a reseller below its own, if its scopes say so, and for no other."""

from typing import Any

import pytest

from .behind import Behind, says
from .conftest import Gateway
from .posted import order

SUB = {"id": "cedar", "name": "Cedar", "email": "orders@cedar.example", "state": "active", "parent": "acme"}
FOR_CEDAR = {"Patchbay-Reseller": "cedar"}


async def test_a_key_with_the_scope_acts_for_a_reseller_below_its_own(behind: Behind, gateway: Gateway) -> None:
    behind.customer.answers = says({"resellers": [SUB]})
    await gateway.do("UPDATE reseller_key SET scopes = scopes || '{resellers,audit}'::text[] WHERE name = 'test'")
    placed = await gateway.client.post("/v1/orders", json=order(), headers=FOR_CEDAR)
    assert placed.status_code == 202
    assert [row.reseller for row in await gateway.rows("SELECT reseller FROM orders")] == ["cedar"]
    assert (await gateway.client.get(placed.headers["location"])).status_code == 404
    assert (await gateway.client.get(placed.headers["location"], headers=FOR_CEDAR)).status_code == 200
    await gateway.app.state.trail.written()
    (entry,) = (await gateway.client.get("/v1/audit", headers=FOR_CEDAR)).json()["entries"]
    assert entry["by"] == "key:acme/test"
    assert len(behind.customer.asked) == 1


@pytest.mark.parametrize("change", [{"parent": None}, {"parent": "borealis"}, {"state": "blocked"}, {"id": "other"}])
async def test_no_key_acts_for_a_reseller_that_is_not_below_its_own(
    behind: Behind, gateway: Gateway, change: dict[str, Any]
) -> None:
    behind.customer.answers = says({"resellers": [SUB | change]})
    await gateway.do("UPDATE reseller_key SET scopes = scopes || '{resellers}'::text[] WHERE name = 'test'")
    answer = await gateway.client.post("/v1/orders", json=order(), headers=FOR_CEDAR)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/reseller_not_yours")
    assert await gateway.count() == 0


async def test_without_the_scope_a_key_acts_for_its_own_reseller_alone(behind: Behind, gateway: Gateway) -> None:
    answer = await gateway.client.get("/v1/orders", headers=FOR_CEDAR)
    assert (answer.status_code, behind.customer.asked) == (403, [])
    assert (await gateway.client.get("/v1/orders", headers={"Patchbay-Reseller": "acme"})).status_code == 200
