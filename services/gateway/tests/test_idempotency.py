"""Idempotency-Key: the same request sent again makes no second order."""

import asyncio
import json

import httpx
import pytest

from .conftest import BOREALIS, Gateway
from .posted import new, order

KEY = {"Idempotency-Key": "PO-1/try"}


async def test_the_same_order_under_the_same_key_is_answered_as_before_and_made_once(gateway: Gateway) -> None:
    first, again = [await gateway.client.post("/v1/orders", json=order(customer=new()), headers=KEY) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await gateway.count() == len(gateway.kafka.said) == 1


async def test_another_order_under_the_same_key_is_refused(gateway: Gateway) -> None:
    await gateway.client.post("/v1/orders", json=order(), headers=KEY)
    answer = await gateway.client.post("/v1/orders", json=order(reference="PO-2"), headers=KEY)
    assert answer.status_code == 422
    assert "new key" in answer.json()["detail"]
    assert await gateway.count() == 1


async def test_an_order_that_was_refused_does_not_use_up_its_key(gateway: Gateway) -> None:
    assert (await gateway.client.post("/v1/orders", json=order(reference=""), headers=KEY)).status_code == 422
    assert (await gateway.client.post("/v1/orders", json=order(), headers=KEY)).status_code == 202


async def test_calls_with_one_key_at_the_same_time_make_one_order(gateway: Gateway) -> None:
    calls = (gateway.client.post("/v1/orders", json=order(), headers=KEY) for _ in range(8))
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await gateway.count() == 1


async def test_two_resellers_may_use_the_same_key(gateway: Gateway) -> None:
    await gateway.client.post("/v1/orders", json=order(), headers=KEY)
    answer = await gateway.client.post("/v1/orders", json=order(), headers=KEY | {"X-API-Key": BOREALIS})
    assert answer.status_code == 202
    assert [row.reseller for row in await gateway.rows("SELECT reseller FROM orders ORDER BY 1")] == [
        "acme",
        "borealis",
    ]


async def test_without_a_key_the_same_order_twice_is_two_orders(gateway: Gateway) -> None:
    for _ in range(2):
        await gateway.client.post("/v1/orders", json=order())
    assert await gateway.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 201])
async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/v1/orders", json=order(), headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "idempotency-key"


@pytest.mark.parametrize("key", ["schlüssel".encode(), b"\xff\xfe", b"\x01", b"a\x00b", b'"quoted"'])
async def test_a_key_is_taken_as_it_is_or_refused_but_breaks_nothing(gateway: Gateway, key: bytes) -> None:
    headers = {b"Idempotency-Key": key, b"Content-Type": b"application/json"}
    answers = [await gateway.client.post("/v1/orders", content=json.dumps(order()), headers=headers) for _ in range(2)]
    assert {answer.status_code for answer in answers} in ({202}, {422})
    assert await gateway.count() <= 1
