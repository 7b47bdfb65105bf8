"""Billing accounts of customers over the API: whoever looks after prices limits and blocks them, each time with why."""

from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from gateway_service import key_queries
from gateway_service.key_form import hashed

from .behind import Behind
from .conftest import Gateway
from .registry import ADA, DETAILS
from .shelves import Shelves
from .test_service_types import keeper

ACCOUNT = f"/v1/customers/{ADA}/account"
WHY = {"why": "ticket 4711"}
HUNDRED = {"limit": {"amount": "100", "currency": "GBP"}} | WHY


@pytest.fixture
def shelves(behind: Behind) -> Shelves:
    return Shelves(behind)


async def put(gateway: Gateway, body: Any) -> Response:
    return await gateway.client.put(f"{ACCOUNT}/limit", json=body)


async def post(gateway: Gateway, way: str, body: Any, **headers: str) -> Response:
    return await gateway.client.post(f"{ACCOUNT}/{way}", json=body, headers=headers)


async def test_an_account_is_limited_blocked_and_unblocked_and_says_by_whom_and_why(
    shelves: Shelves, gateway: Gateway
) -> None:
    await keeper(gateway)
    before = await gateway.client.get(ACCOUNT)
    assert {name: before.json()[name] for name in ("state", "limit", "used", "changes")} == {
        "state": "active", "limit": None, "used": None, "changes": [],
    }  # fmt: skip
    limited = (await put(gateway, HUNDRED)).json()
    assert (limited["limit"], limited["used"]["currency"]) == ({"amount": "100", "currency": "GBP"}, "GBP")
    assert (await post(gateway, "block", WHY)).json()["state"] == "blocked"
    assert (await post(gateway, "unblock", WHY)).json()["state"] == "active"
    lifted = await put(gateway, {"limit": None} | WHY)
    after = await gateway.client.get(ACCOUNT, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()) == (200, lifted.json())
    assert (after.json()["limit"], after.json()["used"]) == (None, None)
    assert [(one["action"], one["by"], one["why"]) for one in after.json()["changes"]] == [
        (action, "key:keeper", "ticket 4711") for action in ("limit lifted", "unblocked", "blocked", "limited")
    ]
    assert "reseller" not in after.json()


async def test_a_change_that_cannot_be_meant_is_refused_where_it_stands(shelves: Shelves, gateway: Gateway) -> None:
    await keeper(gateway)
    limits = (({"why": "x"}, "/limit"), ({"limit": None}, "/why"), (HUNDRED | {"colour": "red"}, "/colour"))
    amounts = ("-1", "NaN", "1e30", "1.00001", "much", None, True)
    for body, pointer in (
        *limits,
        *((WHY | {"limit": {"amount": amount, "currency": "GBP"}}, "/limit/amount") for amount in amounts),
        (WHY | {"limit": {"amount": "1", "currency": "pounds"}}, "/limit/currency"),
        (WHY | {"limit": {"amount": "1"}}, "/limit/currency"),
    ):
        answer = await put(gateway, body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), body
    for why in ("", " ", "x" * 201, "a\nb", None):
        answer = await post(gateway, "block", {"why": why})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/why"), why
    assert not {"/accounts/limit", "/accounts/block"} & shelves.asked.keys()


async def test_another_resellers_account_is_like_one_that_is_not_there(shelves: Shelves, gateway: Gateway) -> None:
    borealis = await keeper(gateway, "borealis", "house")
    for answer in (
        await borealis.get(ACCOUNT),
        await put(gateway, HUNDRED),
        await post(gateway, "block", WHY),
        await post(gateway, "unblock", WHY),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no_such_customer")
    assert not [path for path in shelves.asked if path.startswith("/accounts")]


async def test_a_customer_without_an_account_is_told_from_one_that_is_not_there(
    shelves: Shelves, gateway: Gateway
) -> None:
    new = UUID(int=7)
    shelves.customers[new] = shelves.record("acme", DETAILS, new)
    answer = await gateway.client.get(f"/v1/customers/{new}/account")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no_such_account")


async def test_who_only_places_orders_sees_an_account_and_cannot_unblock_it(shelves: Shelves, gateway: Gateway) -> None:
    scopes = {"shop": ("orders",), "reader": ("read",), "billing run": ("prices",), "search": ("numbers",)}
    async with gateway.database.transaction() as db:
        for name, scope in scopes.items():
            await key_queries.seed(db, hashed(name), "acme", name, scope)
    seen, done = dict[str, int](), dict[str, int]()
    for name in scopes:
        key = {"X-API-Key": name}
        seen[name] = (await gateway.client.get(ACCOUNT, headers=key)).status_code
        done[name] = (await post(gateway, "unblock", WHY, **key)).status_code
    assert seen == {"shop": 200, "reader": 200, "billing run": 200, "search": 403}
    assert done == {"shop": 403, "reader": 403, "billing run": 200, "search": 403}


async def test_a_block_that_is_sent_again_under_its_key_is_done_once(shelves: Shelves, gateway: Gateway) -> None:
    await keeper(gateway)
    first, again = [await post(gateway, "block", WHY, **{"Idempotency-Key": "b-1"}) for _ in range(2)]
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert len(shelves.asked["/accounts/block"]) == 1
    other = await post(gateway, "block", {"why": "another"}, **{"Idempotency-Key": "b-1"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency_key_reused")
    await gateway.app.state.trail.written()
    noted = await gateway.rows("SELECT route, subjects FROM audit WHERE by = 'key:keeper' AND status = 200")
    assert ("/v1/customers/{id}/account/block", [str(ADA)]) in [(one.route, one.subjects) for one in noted]
