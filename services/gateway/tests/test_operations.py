"""Whoever runs Patchbay sees the stuck orders of all resellers, and decides about them, by the API and on a page."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiohttp import web

from gateway_service import key_queries
from gateway_service.key_form import hashed

from .behind import Behind, refuses, says
from .conftest import Gateway
from .operators import ANNA, Visitor, add_operator

ORDER = "0198a1de-5c20-7a52-b1c6-2f6f0b2f9a11"
WHY = {"reason": "billing is back"}
MENDED = {
    "id": str(uuid4()), "order_id": ORDER, "reseller": "borealis", "way": "retry", "steps": ["billing"],
    "by": "key:ops", "at": "2030-06-01T08:10:00Z", **WHY,
}  # fmt: skip
STUCK = {
    "order_id": ORDER, "reseller": "borealis", "kind": "order", "begun_at": "2030-06-01T08:00:00Z",
    "moved_at": "2030-06-01T08:05:00Z", "waits_for": [{"step": "billing", "tries": 4}], "failed_step": "billing",
    "reason": "timed_out", "detail": "no answer within 30 s", "mended": [MENDED],
}  # fmt: skip


@pytest.fixture
async def operations(behind: Behind, gateway: Gateway) -> httpx.AsyncClient:
    """A key with the scope, of acme; the stuck order is borealis's."""
    async with gateway.database.transaction() as db:
        await key_queries.seed(db, hashed("key-of-operations"), "acme", "ops", ["operations"])
    gateway.client.headers["X-API-Key"] = "key-of-operations"

    async def answer(request: web.Request) -> web.StreamResponse:
        return await says({"orders": [STUCK], "next": None} if request.path == "/sagas/stuck" else MENDED)(request)

    behind.provisioning.answers = answer
    return gateway.client


async def test_stuck_orders_of_all_resellers_are_listed(behind: Behind, operations: httpx.AsyncClient) -> None:
    answer = await operations.get("/v1/operations/stuck", params={"limit": 2})
    assert answer.json()["orders"] == [STUCK]
    assert behind.provisioning.asked[-1].document == {"after": None, "most": 2}


@pytest.mark.parametrize("way", ["retry", "skip", "compensate"])
async def test_a_decision_names_who_and_why_and_is_the_same_when_it_is_sent_again(
    behind: Behind, operations: httpx.AsyncClient, gateway: Gateway, way: str
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    path = f"/v1/operations/orders/{ORDER}/{way}"
    first = await operations.post(path, json=WHY, headers=headers)
    assert (first.status_code, first.json()) == (200, MENDED)
    asked = behind.provisioning.asked[-1]
    assert asked.path == f"/sagas/{ORDER}/{way}"
    assert {k: v for k, v in asked.document.items() if k != "id"} == {"by": "key:ops", **WHY}
    again = await operations.post(path, json=WHY, headers=headers)
    assert (again.headers["Idempotency-Replayed"], again.json()) == ("true", MENDED)
    await gateway.app.state.trail.written()
    rows = await gateway.rows("SELECT by, subjects FROM audit")
    assert ("key:ops", [ORDER]) in [tuple(row) for row in rows]


async def test_only_keys_for_operations_may_and_a_reason_is_needed(
    behind: Behind, operations: httpx.AsyncClient
) -> None:
    path = f"/v1/operations/orders/{ORDER}/skip"
    without = await operations.post(path, json={"reason": " "})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")
    operations.headers["X-API-Key"] = "key-of-acme"
    assert (await operations.post(path, json=WHY)).status_code == 403
    assert (await operations.get("/v1/operations/stuck")).status_code == 403
    assert behind.provisioning.asked == []


async def test_what_is_not_stuck_is_told_as_it_is(behind: Behind, operations: httpx.AsyncClient) -> None:
    behind.provisioning.answers = refuses(status=409)
    assert (await operations.post(f"/v1/operations/orders/{ORDER}/retry", json=WHY)).status_code == 409


async def signed_in(gateway: Gateway, *resellers: str, roles: tuple[str, ...] = ("administrator",)) -> Visitor:
    await add_operator(gateway, roles=roles, resellers=resellers)
    visitor = Visitor(gateway)
    await visitor.sign_in()
    return visitor


@pytest.mark.usefixtures("operations")
async def test_an_administrator_of_all_resellers_decides_on_the_page(behind: Behind, gateway: Gateway) -> None:
    anna = await signed_in(gateway, "*", roles=("administrator", "operator"))
    seen = (await anna.get(f"/operations?order={ORDER}")).text
    assert (ORDER in seen, 'href="/manual-orders"' in seen) == (True, True)
    form: dict[str, Any] = {"order": ORDER, "way": "compensate", "reason": "numbers are needed", "id": str(uuid4())}
    answer = await anna.post("/operations", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/operations?done=compensate")
    asked = behind.provisioning.asked[-1]
    assert asked.path == f"/sagas/{ORDER}/compensate"
    assert asked.document == {"id": form["id"], "by": f"operator:{ANNA}", "reason": "numbers are needed"}
    for field in ("order", "way", "reason"):
        page = await anna.post("/operations", form | {field: ""})
        assert (page.status_code, f'href="#{field}"' in page.text) == (422, True)


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    ("resellers", "roles"), [(("acme", "borealis"), ("administrator",)), (("*",), ("operator", "billing"))]
)
async def test_nobody_else_sees_the_page_or_decides(
    behind: Behind, gateway: Gateway, resellers: tuple[str, ...], roles: tuple[str, ...]
) -> None:
    visitor = await signed_in(gateway, *resellers, roles=roles)
    assert (await visitor.get("/operations")).status_code == 403
    assert 'href="/operations"' not in (await visitor.get("/")).text
    form = {"order": ORDER, "way": "skip", "reason": "because"}
    assert (await visitor.post("/operations", form, on="/account")).status_code == 403
    assert behind.provisioning.asked == []


@pytest.mark.parametrize("scope", ["operations", "house"])
async def test_an_administrator_of_some_resellers_cannot_give_a_key_for_all_of_them(
    behind: Behind, gateway: Gateway, scope: str
) -> None:
    acme = {"id": "acme", "name": "Acme", "email": "orders@acme.example", "state": "active"}
    behind.customer.answers = says({"resellers": [acme]})
    anna = await signed_in(gateway, "acme")
    wanted = {"reseller": "acme", "name": "ops", "scopes": [scope], "expires": "", "limits": ""}
    assert (await anna.post("/api-keys/new", wanted)).status_code == 403
