"""Placing one order: accepted means stored and journaled in one transaction, and sent."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from gateway_service.settings import settings
from patchbay_chassis.database import Database
from patchbay_chassis.envelope import unpack
from patchbay_chassis.testing import message_of
from patchbay_contracts.v1.provisioning import PlaceOrder

from .conftest import Gateway, Outage
from .posted import CUSTOMER, line, new, order

JSON = {"Content-Type": "application/json"}


async def test_an_accepted_order_can_be_followed_where_the_answer_says(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/orders", json=order())
    assert answer.status_code == 202
    id_ = UUID(answer.json()["id"])
    assert answer.json() == {"id": str(id_), "state": "accepted", "links": {"self": f"/v1/orders/{id_}"}}
    assert answer.headers["location"] == f"/v1/orders/{id_}"
    assert (await client.get(answer.headers["location"])).json()["id"] == str(id_)


async def test_an_accepted_order_is_placed_under_its_reseller_with_the_callers_trace(gateway: Gateway) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    answer = await gateway.client.post("/v1/orders", json=order(), headers={"traceparent": trace})
    (envelope,) = gateway.kafka.said
    placed = message_of(envelope)
    assert isinstance(placed, PlaceOrder)
    assert (str(placed.order_id), placed.reseller, placed.reference) == (answer.json()["id"], "acme", "PO-1")
    assert [one.service_type for one in placed.lines] == ["voice-line"]
    assert envelope.trace[:36] == trace[:36]


async def test_an_order_is_placed_with_the_basket_whose_numbers_it_may_take_over(gateway: Gateway) -> None:
    basket = UUID("00000000-0000-7000-8000-00000000ba5c")
    await gateway.client.post("/v1/orders", json=order(held_by=str(basket)))
    placed = message_of(gateway.kafka.said[0])
    assert isinstance(placed, PlaceOrder)
    assert placed.held_by == basket


async def test_an_order_is_placed_with_the_quote_that_it_is_charged_by(gateway: Gateway) -> None:
    quote = UUID("00000000-0000-7000-8000-00000000c07e")
    await gateway.client.post("/v1/orders", json=order(quote=str(quote)))
    placed = message_of(gateway.kafka.said[0])
    assert isinstance(placed, PlaceOrder)
    assert placed.quote == quote


@pytest.mark.parametrize("nonsense", [b"", b"x" * 55, "ä".encode() * 55])
async def test_a_trace_that_is_none_is_replaced(gateway: Gateway, nonsense: bytes) -> None:
    await gateway.client.post("/v1/orders", json=order(), headers={b"traceparent": nonsense})
    assert gateway.kafka.said[0].trace.startswith("00-")


async def test_an_order_without_lines_for_a_new_customer_is_an_order(gateway: Gateway) -> None:
    answer = await gateway.client.post("/v1/orders", json={"customer": new()})
    assert answer.status_code == 202
    assert await gateway.count() == 1


async def test_an_order_and_its_journal_row_are_stored_together_and_marked_when_acked(gateway: Gateway) -> None:
    gateway.kafka.down = True
    answer = await gateway.client.post("/v1/orders", json=order())
    assert answer.status_code == 202
    ((said, sent),) = await gateway.rows("SELECT said, sent FROM journal")
    assert not sent
    assert [envelope.key for envelope in unpack(said)] == [answer.json()["id"]]
    gateway.kafka.down = False
    await gateway.sweep()
    assert [envelope.id for envelope in gateway.kafka.said] == [envelope.id for envelope in unpack(said)]
    assert [row.sent for row in await gateway.rows("SELECT sent FROM journal")] == [True]


async def test_what_was_acked_is_not_sent_again(gateway: Gateway) -> None:
    await gateway.client.post("/v1/orders", json=order())
    await gateway.sweep()
    assert len(gateway.kafka.said) == 1
    assert [row.sent for row in await gateway.rows("SELECT sent FROM journal")] == [True]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/vnd.acme+json"])
async def test_json_is_taken_under_any_of_its_names(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/v1/orders", content=json.dumps(order()), headers={"Content-Type": kind})
    assert answer.status_code == 202


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-ndjson"}])
async def test_another_kind_of_content_is_refused(gateway: Gateway, headers: dict[str, str]) -> None:
    answer = await gateway.client.post("/v1/orders", content=json.dumps(order()), headers=headers)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]
    assert await gateway.count() == 0


def _large(setting: Any) -> bytes:
    return json.dumps(order(lines=[line(settings={"a": setting})])).encode()


@pytest.mark.parametrize(
    "body",
    [
        _large("x" * 530_000),
        _large("@").replace(b'"@"', b"[" + b",".join([b"1e15"] * 100_000) + b"]"),
    ],
    ids=["as posted", "as written"],
)
async def test_an_order_that_is_too_large_as_posted_or_as_written_is_refused(gateway: Gateway, body: bytes) -> None:
    answer = await gateway.client.post("/v1/orders", content=body, headers=JSON)
    assert answer.status_code == 413
    assert "split it" in answer.json()["detail"]
    assert await gateway.count() == 0
    assert gateway.kafka.said == []


async def test_with_too_many_orders_under_way_a_new_one_is_asked_to_wait(
    environment: pytest.MonkeyPatch, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_MOST_OPEN", "2")
    settings.cache_clear()
    crowded = Gateway(gateway.database)
    assert [(await crowded.client.post("/v1/orders", json=order())).status_code for _ in range(2)] == [202, 202]
    answer = await crowded.client.post("/v1/orders", json=order())
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert await gateway.count() == 2


async def test_with_the_database_away_an_order_is_asked_to_come_again(fragile: Gateway, outage: Outage) -> None:
    await outage()
    answer = await fragile.client.post("/v1/orders", json=order())
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"


async def test_with_no_server_where_the_database_should_be_an_order_is_asked_to_come_again(
    environment: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    nowhere = Database(f"postgresql+asyncpg://127.0.0.1:{unused_tcp_port}/gone", "tests")
    assert (await Gateway(nowhere).client.post("/v1/orders", json=order())).status_code == 503
    await nowhere.close()


async def test_after_the_server_ended_its_connections_the_next_call_but_one_is_answered(
    fragile: Gateway, database_url: str
) -> None:
    pooled = Database(database_url, "gateway-under-test")
    client = Gateway(pooled).client
    assert (await client.get("/v1/orders")).status_code == 200
    await fragile.do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'gateway-u%'")
    assert (await client.get("/v1/orders")).status_code in {200, 503}
    assert (await client.get("/v1/orders")).status_code == 200
    await pooled.close()


async def test_a_fault_of_ours_is_a_problem_too_and_is_safe_to_try_again(fragile: Gateway) -> None:
    await fragile.do("DROP TABLE orders")
    answer = await fragile.client.post("/v1/orders", json=order(), headers={"Idempotency-Key": "k"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert CUSTOMER not in answer.text
    assert await fragile.rows("SELECT key FROM idempotency") == []
