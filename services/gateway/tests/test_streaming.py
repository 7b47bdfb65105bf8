"""A bulk over a real connection: results come while orders are still being sent, and half a line is no order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from gateway_service.settings import settings

from .conftest import ACME, Gateway
from .connecting import Connection, posting
from .posted import ndjson, order


@pytest_asyncio.fixture
async def connection(gateway: Gateway) -> AsyncIterator[Connection]:
    async with posting(gateway.app, "/v1/orders/bulk", "application/x-ndjson", ACME) as connection:
        yield connection


async def test_results_come_while_the_orders_are_still_being_sent(connection: Connection, gateway: Gateway) -> None:
    await connection.send(ndjson(order(), order()))
    assert (await connection.head()).startswith(b"HTTP/1.1 200 OK")
    assert [(await connection.result())["line"] for _ in range(2)] == [1, 2]
    assert await gateway.count() == 2
    await connection.send(ndjson(order()))
    assert (await connection.result())["line"] == 3
    await connection.finish()
    assert await connection.ended()


async def test_half_a_last_line_of_a_stream_that_was_cut_off_is_not_accepted(gateway: Gateway) -> None:
    # The second is whole as JSON, but nobody said that it ends there.
    pieces = [ndjson(order(reference="whole")), ndjson(order(reference="half"))[:-1]]
    received = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages = iter([*received, {"type": "http.disconnect"}])
    sent = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/x-ndjson"), (b"x-api-key", ACME.encode())]
    scope = {"type": "http", "method": "POST", "path": "/v1/orders/bulk", "headers": headers, "query_string": b""}
    await gateway.app(scope, receive, send)
    assert [row.reference for row in await gateway.rows("SELECT reference FROM orders")] == ["whole"]
    assert b"".join(message.get("body", b"") for message in sent).count(b"accepted") == 1


async def test_a_caller_who_leaves_does_not_disturb_the_next(connection: Connection, gateway: Gateway) -> None:
    await connection.send(ndjson(order()) + b'{"reference":')
    await connection.head()
    assert (await connection.result())["state"] == "accepted"
    connection.abort()
    assert (await gateway.client.post("/v1/orders", json=order())).status_code == 202
    assert await gateway.count() == 2


async def test_a_stream_waits_while_too_many_orders_are_under_way(
    environment: pytest.MonkeyPatch, gateway: Gateway
) -> None:
    environment.setenv("PATCHBAY_MOST_OPEN", "1")
    settings.cache_clear()
    crowded = Gateway(gateway.database)
    assert (await crowded.client.post("/v1/orders", json=order())).status_code == 202
    headers = {"Content-Type": "application/x-ndjson"}
    waiting = asyncio.create_task(crowded.client.post("/v1/orders/bulk", content=ndjson(order()), headers=headers))
    assert await asyncio.wait([waiting], timeout=0.5) == (set(), {waiting})
    await gateway.do("UPDATE orders SET ended_at = now()")
    assert (await waiting).json()["state"] == "accepted"
