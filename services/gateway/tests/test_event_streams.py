"""Events come as they happen to whoever follows them, and go on where a connection was lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp
import orjson
import pytest

from gateway_service import events_tail
from gateway_service.event_queries import Place, Wanted
from gateway_service.events import Cursor
from gateway_service.events_tail import Tail, tail_of
from patchbay_chassis.testing import eventually

from .conftest import ACME, BOREALIS, Gateway
from .connecting import LIMIT, serving
from .telling import complete, cursor, names, placed, replay, tell

OLD = datetime(2026, 1, 1, tzinfo=UTC)


class Stream:
    """A client that follows events."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def event(self) -> tuple[str, bytes]:
        """The next one: its id and its bytes."""
        fields: dict[str, bytes] = {}
        async with asyncio.timeout(LIMIT):
            while True:
                line = (await self.answer.content.readuntil(b"\n")).rstrip(b"\n")
                name, _, value = line.partition(b": ")
                if line:
                    fields[name.decode()] = value
                elif "data" in fields:
                    return fields["id"].decode(), fields["data"]

    async def order(self) -> str:
        return str(orjson.loads((await self.event())[1])["data"]["order_id"])


@asynccontextmanager
async def following(url: str, key: str = ACME, after: str = "", **query: Any) -> AsyncIterator[Stream]:
    headers = {"X-API-Key": key} | ({"Last-Event-ID": after} if after else {})
    async with (
        aiohttp.ClientSession(url, headers=headers) as session,
        session.get("/v1/events/stream", params=query) as answer,
    ):
        yield Stream(answer)


async def listeners(gateway: Gateway, many: int) -> None:
    """Wait until so many listen, and each is told what comes."""
    tail = tail_of(gateway.database)

    async def listen() -> bool:
        everybody = tail._everybody()
        return len(everybody) >= many and all(one.joined is not None for one in everybody)

    await eventually(listen, LIMIT)


async def test_events_come_as_they_happen_and_go_on_where_the_connection_was_lost(gateway: Gateway) -> None:
    first, second, third = [await placed(gateway) for _ in range(3)]
    async with serving(gateway.app) as url:
        async with following(url) as stream, following(url, BOREALIS) as other:
            await listeners(gateway, 2)
            await complete(gateway, first)
            id_, told = await stream.event()
            await complete(gateway, await placed(gateway, BOREALIS), reseller="borealis")
            assert (await other.event())[1] != told
        assert told in (await gateway.client.get("/v1/events")).content
        await complete(gateway, second)
        async with following(url, after=id_) as stream:
            assert await stream.order() == str(second)
            await complete(gateway, third)
            assert await stream.order() == str(third)
        assert [event["data"]["order_id"] for event in (await replay(gateway, id_))["events"]] == [
            str(second),
            str(third),
        ]


async def test_a_stream_tells_only_what_is_wanted(gateway: Gateway) -> None:
    ids = [await placed(gateway) for _ in range(3)]
    async with (
        serving(gateway.app) as url,
        following(url, order=str(ids[1])) as one,
        following(url, types="order.failed,webhook.disabled") as some,
    ):
        await listeners(gateway, 2)
        await complete(gateway, *ids)
        async with gateway.database.transaction() as db:
            await tell(db, "hello")
        assert await one.order() == str(ids[1])
        assert orjson.loads((await some.event())[1])["data"]["reason"] == "hello"


async def test_who_is_slow_reads_from_the_log_what_was_not_kept_for_him(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_tail, "MOST_WAITING", 3)
    monkeypatch.setattr(events_tail, "PAGE", 2)
    tail = tail_of(gateway.database)
    found: list[bytes] = []
    with tail.listener(Wanted("acme")) as listener:
        told = tail.follow(listener, Cursor(Place(0, 0), OLD), LIMIT)
        for turn in range(4):
            async with gateway.database.transaction() as db:
                await tell(db, *(f"{turn}/{at}" for at in range(5)))
            events_tail.look()
            async with asyncio.timeout(LIMIT):
                while len(found) < 5 * turn + 1:
                    found += [one.body for one in await anext(told)]
        async with asyncio.timeout(LIMIT):
            while len(found) < 20:
                found += [one.body for one in await anext(told)]
        await told.aclose()
    assert [orjson.loads(body)["data"]["reason"] for body in found] == [f"{t}/{a}" for t in range(4) for a in range(5)]


async def test_followers_miss_nothing_while_many_write_and_transactions_stay_open(gateway: Gateway) -> None:
    done = asyncio.Event()

    async def follow(tail: Tail) -> list[str]:
        found: list[str] = []
        with tail.listener(Wanted("acme")) as listener:
            async for told in tail.follow(listener, Cursor(Place(0, 0), OLD), 0.2):
                found += [orjson.loads(one.body)["data"]["reason"] for one in told]
                if not told and done.is_set():
                    break
        return found

    async def write(name: int) -> None:
        db = await gateway.database.connect()
        for turn in range(8):
            async with db.transaction():
                await tell(db, f"{name}/{turn}")
                for _ in range(name):
                    await db.execute("SELECT 1")
        await db.close()

    following = [asyncio.create_task(follow(tail_of(gateway.database))) for _ in range(3)]
    await asyncio.gather(*map(write, range(6)))
    done.set()
    async with asyncio.timeout(LIMIT):
        found = await asyncio.gather(*following)
    in_the_log, _ = await names(gateway)
    assert len(in_the_log) == 48
    assert found == [in_the_log] * 3


async def test_a_page_can_wait_for_the_next_event(gateway: Gateway) -> None:
    id_, place = await placed(gateway), (await replay(gateway))["next"]
    waiting = asyncio.create_task(replay(gateway, place, wait=30))
    await listeners(gateway, 1)
    await complete(gateway, id_)
    async with asyncio.timeout(LIMIT):
        page = await waiting
    assert [event["data"]["order_id"] for event in page["events"]] == [str(id_)]
    assert (await replay(gateway, page["next"], wait=0.01))["events"] == []


async def test_a_client_has_so_many_streams_and_no_more(environment: pytest.MonkeyPatch, gateway: Gateway) -> None:
    async with serving(gateway.app) as url:
        async with following(url), following(url):
            await listeners(gateway, 2)
            gateway.app.state.streams._most = 2
            async with following(url) as third, following(url, BOREALIS) as other:
                assert (third.answer.status, other.answer.status) == (429, 200)
                assert (await replay(gateway))["events"] == []

        async def all_closed() -> bool:
            return not gateway.app.state.streams._open

        await eventually(all_closed, LIMIT)
        assert (await replay(gateway, wait=0.01))["events"] == []


@pytest.mark.parametrize(("after", "status"), [("nonsense", 422), (cursor(OLD), 410)])
async def test_a_stream_does_not_begin_at_a_place_that_is_none(gateway: Gateway, after: str, status: int) -> None:
    answer = await gateway.client.get("/v1/events/stream", headers={"Last-Event-ID": after})
    assert answer.status_code == status


async def test_streams_end_when_the_process_is_to_end(gateway: Gateway) -> None:
    id_: UUID = await placed(gateway)
    headers = {"X-API-Key": ACME}
    async with (
        serving(gateway.app) as url,
        following(url) as stream,
        aiohttp.ClientSession(url, headers=headers) as session,
        session.get(f"/v1/orders/{id_}/events") as order,
    ):
        waiting = asyncio.create_task(replay(gateway, (await replay(gateway))["next"], wait=30))
        await listeners(gateway, 2)
        gateway.running.stopping.set()
        async with asyncio.timeout(LIMIT):
            assert await stream.answer.content.read() == b"retry: 2000\n\n"
            assert await order.content.read() == b""
            assert (await waiting)["events"] == []
