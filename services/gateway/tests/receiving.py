"""Receivers of webhooks as they are out there: good ones, and such as hang, redirect, answer garbage, die."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from standardwebhooks import Webhook

from gateway_service.settings import settings
from gateway_service.webhook_delivering import Deliveries
from patchbay_chassis.testing import eventually

from .conftest import Gateway
from .connecting import LIMIT


@dataclass
class Received:
    """A delivery as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> Any:
        return orjson.loads(self.body)["data"]

    def verified(self, secret: str) -> Any:
        """What it says. Raises if it was not signed with the secret."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Keeps what it gets, and answers as it is told."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    answers: Callable[[Received], web.StreamResponse | None] = lambda _: None
    """None: 204."""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(headers, await request.read())
        answer = self.answers(received)
        self.got.append(received)
        self._came.set()
        return answer or web.Response(status=204)

    async def has(self, many: int) -> list[Received]:
        """The first so many, when they are there."""
        async with asyncio.timeout(LIMIT):
            while len(self.got) < many:
                self._came.clear()
                await self._came.wait()
        return self.got[:many]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = site.name.rstrip("/")
    try:
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def listening(answer: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """Something that takes connections, and does what it likes with them."""
    open_: set[asyncio.StreamWriter] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.add(writer)
        await reader.readuntil(b"\r\n\r\n")
        await answer(writer)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield "http://{}:{}".format(*server.sockets[0].getsockname())
    finally:
        server.close()
        for writer in open_:
            writer.transport.abort()


@asynccontextmanager
async def delivering(gateway: Gateway, holder: str = "1") -> AsyncIterator[Deliveries]:
    """A replica that delivers."""
    deliveries = Deliveries(gateway.database, settings(), holder)
    task = asyncio.create_task(deliveries.run())
    try:
        yield deliveries
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})


async def webhook(gateway: Gateway, url: str, **more: Any) -> dict[str, Any]:
    """A webhook of acme's, as it was answered."""
    answer = await gateway.client.post("/v1/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until(gateway: Gateway, path: str, true: Callable[[Any], bool]) -> Any:
    """What is answered there, as soon as it is as it should be."""

    async def as_it_should_be() -> list[Any]:
        found = (await gateway.client.get(path)).json()
        return [found] if true(found) else []

    (found,) = await eventually(as_it_should_be, LIMIT)
    return found


def reasons(got: list[Received]) -> list[str]:
    """What `told` named them."""
    return [one.data["reason"] for one in got]


async def hang(_: asyncio.StreamWriter) -> None:
    """Takes a delivery, and answers nothing."""
