"""A bulk over a real connection: results come while orders are still being sent, and half a line is no order."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from gateway_service.settings import settings

from .conftest import ACME, Gateway
from .posted import ndjson, order

HEAD = (
    "POST /v1/orders/bulk HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/x-ndjson\r\n"
    f"X-API-Key: {ACME}\r\nTransfer-Encoding: chunked\r\n\r\n"
)
LIMIT = 20.0


class Connection:
    """A caller who sends piece by piece, and reads when it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._body = b""

    async def send(self, piece: bytes) -> None:
        self._writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await self._writer.drain()

    async def finish(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def abort(self) -> None:
        self._writer.transport.abort()

    async def head(self) -> bytes:
        async with asyncio.timeout(LIMIT):
            return await self._reader.readuntil(b"\r\n\r\n")

    async def result(self) -> dict[str, Any]:
        """The next result line."""
        async with asyncio.timeout(LIMIT):
            while b"\n" not in self._body:
                size = int(await self._reader.readuntil(b"\r\n"), 16)
                self._body += (await self._reader.readexactly(size + 2))[:-2]
        first, self._body = self._body.split(b"\n", 1)
        found: dict[str, Any] = json.loads(first)
        return found

    async def ended(self) -> bool:
        """Whether the answer ends here."""
        async with asyncio.timeout(LIMIT):
            return not self._body and await self._reader.readuntil(b"\r\n") == b"0\r\n"


class _Server(uvicorn.Server):
    """Leaves the signals to the tests."""

    def install_signal_handlers(self) -> None: ...


@pytest_asyncio.fixture
async def connection(gateway: Gateway) -> AsyncIterator[Connection]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(gateway.app, lifespan="off", log_config=None, timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(HEAD.encode())
    yield Connection(reader, writer)
    writer.close()
    server.should_exit = True
    await serving


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
