"""Requests that come too slowly, or are nested too deep, are refused and keep nobody waiting."""

import pytest

from .conftest import ACME, BOREALIS, Gateway
from .connecting import posting
from .posted import line, order
from .tmf import ORDERS


@pytest.fixture
def impatient(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHBAY_BODY_LIMIT", "PT0.2S")
    environment.setenv("PATCHBAY_SILENCE_LIMIT", "PT0.2S")


async def test_a_body_that_is_not_whole_in_time_is_refused_and_the_connection_ended(
    impatient: None, gateway: Gateway
) -> None:
    async with posting(gateway.app, "/v1/quotes", "application/json", ACME) as connection:
        await connection.send(b'{"lines":')
        head = await connection.head()
    assert head.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in head.lower()


@pytest.mark.parametrize("key", ["", "Idempotency-Key: once\r\n"])
async def test_a_service_order_that_is_not_whole_in_time_is_refused_in_the_tm_forums_shape(
    impatient: None, gateway: Gateway, key: str
) -> None:
    async with posting(gateway.app, ORDERS, f"application/json\r\n{key}".rstrip(), ACME) as connection:
        await connection.send(b'{"externalId":')
        head = await connection.head()
    assert head.startswith(b"HTTP/1.1 408")
    assert b"content-type: application/json" in head.lower()


async def test_a_bulk_that_stands_still_is_ended_after_what_came(impatient: None, gateway: Gateway) -> None:
    async with posting(gateway.app, "/v1/orders/bulk", "application/x-ndjson", BOREALIS) as connection:
        await connection.send(b'{"reference":"')
        assert (await connection.head()).startswith(b"HTTP/1.1 200")
        assert await connection.ended()
    assert await gateway.count() == 0


async def test_an_order_that_is_nested_deeper_than_anybody_means_is_refused(gateway: Gateway) -> None:
    deep: list[object] = []
    for _ in range(40):
        deep = [deep]
    answer = await gateway.client.post("/v1/orders", json=order(lines=[line(settings={"a": deep})]))
    assert answer.status_code == 422
    assert "deeper than 32" in answer.json()["errors"][0]["message"]


async def test_brackets_in_texts_and_beside_each_other_are_no_depth(gateway: Gateway) -> None:
    lines = [line(settings={"a": '[[["' * 40, "b": [[]] * 40})] * 20
    answer = await gateway.client.post("/v1/orders", json=order(lines=lines))
    assert answer.status_code == 202
