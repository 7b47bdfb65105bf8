"""Idempotency-Key: the same request sent again makes no second order."""

import asyncio
import hashlib
import json

import httpx
import pytest

from .conftest import ACME, BOREALIS, ORDERS_ONLY, Gateway
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


async def test_a_hundred_calls_with_one_key_at_the_same_time_make_one_order(gateway: Gateway) -> None:
    calls = (gateway.client.post("/v1/orders", json=order(), headers=KEY) for _ in range(100))
    answers = await asyncio.gather(*calls)
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 409} <= {"1"}
    again = await gateway.client.post("/v1/orders", json=order(), headers=KEY)
    assert {answer.json()["id"] for answer in accepted} == {again.json()["id"]}
    assert sum("idempotency-replayed" not in answer.headers for answer in accepted) == 1
    assert await gateway.count() == 1


async def test_two_resellers_may_use_the_same_key(gateway: Gateway) -> None:
    await gateway.client.post("/v1/orders", json=order(), headers=KEY)
    answer = await gateway.client.post("/v1/orders", json=order(), headers=KEY | {"X-API-Key": BOREALIS})
    assert answer.status_code == 202
    assert [row.reseller for row in await gateway.rows("SELECT reseller FROM orders ORDER BY 1")] == [
        "acme",
        "borealis",
    ]


async def test_two_clients_of_a_reseller_may_use_the_same_key(gateway: Gateway) -> None:
    for key in (ACME, ORDERS_ONLY):
        answer = await gateway.client.post("/v1/orders", json=order(), headers=KEY | {"X-API-Key": key})
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (202, False)
    assert await gateway.count() == 2


async def test_an_order_without_a_key_is_refused_before_anything_is_done(gateway: Gateway) -> None:
    gateway.client.event_hooks = {}
    answer = await gateway.client.post("/v1/orders", json=order())
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"
    assert await gateway.count() == 0


async def test_a_key_that_the_version_before_kept_is_known(gateway: Gateway) -> None:
    body = json.dumps(order()).encode()
    id_ = "00000000-0000-7000-8000-0000000000aa"
    hash_ = hashlib.sha256(body).digest()
    await gateway.do(
        "INSERT INTO idempotency (reseller, key, request, order_id) VALUES ('acme', 'PO-1/try', $1, $2)", hash_, id_
    )
    headers = KEY | {"Content-Type": "application/json"}
    again = await gateway.client.post("/v1/orders", content=body, headers=headers)
    other = await gateway.client.post("/v1/orders", json=order(reference="PO-2"), headers=KEY)
    assert (again.json()["id"], other.status_code) == (id_, 422)
    assert await gateway.count() == 0


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
