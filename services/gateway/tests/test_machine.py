"""Whoever runs Patchbay sees how far it is behind, who runs, and how long steps take."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway_service import key_queries, machine
from gateway_service.key_form import hashed
from patchbay_chassis.lag import Behind, Look, Member
from patchbay_chassis.testing import eventually
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed

from .behind import Behind as Owners
from .behind import refuses
from .conftest import Gateway
from .registry import ADA
from .test_reading import place, told

NOW = datetime(2030, 6, 1, 8, tzinfo=UTC)
LOOK = Look(
    NOW,
    (
        Behind("gateway", "orders.events.v1", 3, NOW - timedelta(seconds=2)),
        Behind("numbers", "numbers.commands.v1", 0, None),
        Behind("gateway.dead", "billing.dead.v1", 1, None),
        Behind("gateway.dead", "numbers.dead.v1", 1, NOW),
    ),
    (Member("gateway.dead", "1", "10.1.0.7", 24), Member("numbers", "1-1", "10.1.0.7", 8)),
)


@pytest.fixture
async def operations(behind: Owners, gateway: Gateway) -> httpx.AsyncClient:
    async with gateway.database.transaction() as db:
        await key_queries.seed(db, hashed("key-of-operations"), "acme", "ops", ["operations"])
    gateway.client.headers["X-API-Key"] = "key-of-operations"
    return gateway.client


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Kafka was asked."""
    asked = list[Any]()

    async def look(*question: Any) -> Look:
        asked.append(question)
        return LOOK

    monkeypatch.setattr(machine, "look", look)
    return asked


async def test_lag_is_told_by_service_and_of_the_read_models(operations: httpx.AsyncClient, asked: list[Any]) -> None:
    found = (await operations.get("/v1/operations/lag")).json()
    assert found["groups"][:2] == [
        {"group": "gateway", "topic": "orders.events.v1", "records": 3, "behind_ms": 2000},
        {"group": "numbers", "topic": "numbers.commands.v1", "records": 0, "behind_ms": 0},
    ]
    assert found["read_models"] == [
        {"name": "orders", "records": 3, "behind_ms": 2000}, {"name": "dead_letters", "records": 2, "behind_ms": None}
    ]  # fmt: skip
    await operations.get("/v1/operations/replicas")
    assert len(asked) == 1, "a moment later Kafka is not asked again"
    assert asked[0][2]["provisioning"] == ["provisioning.commands.v1", "provisioning.replies.v1"]


@pytest.mark.usefixtures("asked")
async def test_orders_and_batches_are_shown_with_the_time_as_of_when(gateway: Gateway) -> None:
    async def known() -> bool:
        return "As-Of" in (await gateway.client.get("/v1/orders")).headers

    await eventually(known)
    for path in ("/v1/orders", "/v1/orders?format=csv", "/v1/batches"):
        assert (await gateway.client.get(path)).headers["As-Of"] == "2030-06-01T07:59:58.000Z"


async def test_replicas_are_told_with_the_age_of_what_they_know(
    behind: Owners, operations: httpx.AsyncClient, asked: list[Any]
) -> None:
    behind.replicas[1].answers = refuses(status=503)
    found = (await operations.get("/v1/operations/replicas")).json()
    assert found["services"] == [{"service": "numbers", "replica": "1-1", "host": "10.1.0.7", "partitions": 8}]
    first, second = behind.replicas
    assert found["search"] == [
        {"url": first.url, "state": "answers", "age_ms": 12, "changes": 7},
        {"url": second.url, "state": "behind", "age_ms": None, "changes": None},
    ]


async def test_a_replica_that_is_gone_is_told(behind: Owners, operations: httpx.AsyncClient, asked: list[Any]) -> None:
    await behind.replicas[0].go()
    found = (await operations.get("/v1/operations/replicas")).json()
    assert [one["state"] for one in found["search"]] == ["gone", "answers"]


async def test_without_kafka_the_rest_is_told(operations: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def look(*_: Any) -> Look:
        raise ConnectionError

    monkeypatch.setattr(machine, "look", look)
    gone = await operations.get("/v1/operations/lag")
    assert (gone.status_code, gone.headers["Retry-After"]) == (503, "1")
    assert (await operations.get("/v1/operations/steps")).status_code == 200


async def test_steps_are_added_up_from_the_timelines_of_orders_that_ended(
    gateway: Gateway, operations: httpx.AsyncClient
) -> None:
    (begun,) = await gateway.rows("SELECT date_trunc('second', now()) AS at")

    def at(ms: int, message: str, note: str = "") -> str:
        return f"{(begun.at + timedelta(hours=1, milliseconds=ms)).isoformat()} {message} {note}".strip()

    orders = []
    operations.headers["X-API-Key"] = "key-of-acme"
    for took in (10, 20, 400):
        moments = (
            at(0, "provisioning.PlaceOrder.v1"), at(0, "customer.PrepareCustomer.v1"),
            at(5, "customer.PrepareCustomer.v1", "asked again, try 2"), at(took, "customer.CustomerReady.v1"),
            at(took, "billing.OpenBilling.v1"), at(took + 7, "billing.BillingOpened.v1"),
        )  # fmt: skip
        orders.append(id_ := await place(gateway))
        await told(gateway, OrderCompleted(order_id=id_, reseller="acme", customer_id=ADA, timeline=moments))
    odd = (at(0, "provisioning.PlaceOrder.v1"), at(0, "customer.WithdrawCustomer.v1"), at(3, "customer.Odd.v1"))
    failed = await place(gateway)
    await told(
        gateway,
        OrderFailed(order_id=failed, reseller="acme", step="x", reason="x", detail="y", timeline=odd),
    )
    await place(gateway)
    operations.headers["X-API-Key"] = "key-of-operations"
    found = (await operations.get("/v1/operations/steps")).json()
    steps = {one["step"]: one for one in found["steps"]}
    assert (found["orders"], list(steps)) == (4, ["queue", "customer", "billing", "order"])
    assert steps["customer"] == {
        "step": "customer", "count": 3, "p50_ms": 20, "p99_ms": 400, "max_ms": 400, "slowest": str(orders[2])
    }  # fmt: skip
    assert (steps["billing"]["p50_ms"], steps["order"]["count"], steps["queue"]["count"]) == (7, 4, 4)


async def test_only_keys_for_operations_may(operations: httpx.AsyncClient, asked: list[Any]) -> None:
    operations.headers["X-API-Key"] = "key-of-acme"
    for what in ("lag", "steps", "replicas"):
        answer = await operations.get(f"/v1/operations/{what}")
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope_missing")
    assert asked == []
