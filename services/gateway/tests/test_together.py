"""Orders posted singly at the same time are stored together, and each is answered as if it were alone."""

import asyncio

import httpx

from .conftest import BOREALIS, Gateway, Outage
from .posted import order


async def post(gateway: Gateway, reference: str, key: str | None = None, api_key: str | None = None) -> httpx.Response:
    headers = ({"Idempotency-Key": key} if key else {}) | ({"X-API-Key": api_key} if api_key else {})
    return await gateway.client.post("/v1/orders", json=order(reference=reference), headers=headers)


async def test_orders_that_come_at_the_same_time_share_transactions(gateway: Gateway) -> None:
    answers = await asyncio.gather(*(post(gateway, f"PO-{n}", f"key-{n}") for n in range(60)))
    assert {answer.status_code for answer in answers} == {202}
    rows = {str(row.id): row.reference for row in await gateway.rows("SELECT id, reference FROM orders")}
    assert [rows[answer.json()["id"]] for answer in answers] == [f"PO-{n}" for n in range(60)]
    assert len(gateway.kafka.said) == 60
    assert len(await gateway.rows("SELECT cause FROM journal")) < 30


async def test_in_one_transaction_each_reseller_and_each_key_is_answered_for_itself(gateway: Gateway) -> None:
    first = await post(gateway, "PO-1", "known")
    again, other, new, theirs = await asyncio.gather(
        post(gateway, "PO-1", "known"),
        post(gateway, "PO-2", "new"),
        post(gateway, "PO-3"),
        post(gateway, "PO-1", "known", BOREALIS),
    )
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert (await post(gateway, "PO-9", "known")).status_code == 422
    assert {one.status_code for one in (other, new, theirs)} == {202}
    owners = [row.reseller for row in await gateway.rows("SELECT reseller FROM orders ORDER BY reseller")]
    assert owners == ["acme", "acme", "acme", "borealis"]


async def test_an_order_that_the_database_will_not_have_is_refused_alone(fragile: Gateway) -> None:
    await fragile.do("ALTER TABLE orders ADD CHECK (reference <> 'PO-7')")
    answers = await asyncio.gather(*(post(fragile, f"PO-{n}", f"key-{n}") for n in range(20)))
    assert [n for n, answer in enumerate(answers) if answer.status_code != 202] == [7]
    assert answers[7].status_code == 500
    assert await fragile.count() == len(fragile.kafka.said) == 19


async def test_in_an_outage_all_are_asked_to_come_again(fragile: Gateway, outage: Outage) -> None:
    await fragile.client.get("/v1/orders")  # so that the key is known
    await outage()
    answers = await asyncio.gather(*(post(fragile, f"PO-{n}") for n in range(5)))
    assert {answer.status_code for answer in answers} == {503}
