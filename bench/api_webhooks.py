"""How many deliveries a second webhooks take with dead ones beside them, and how soon the first event is there.

Orders are placed in a suite of the bench's own while dead targets hang and refuse beside a healthy one: that is the
latency, from when an event was told (its `at`) until it has arrived. Then all of it is delivered again to many healthy
targets at once: that is the rate, and what it would be by the gateway's processor time.
"""

import argparse
import asyncio
import json
import multiprocessing
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any, cast

import aiohttp
import asyncpg
import uvloop

from bench import load
from bench.api_bulk import Clock
from bench.world import World, load_blocks, say, world

LIMIT = 300.0
WANTED = {"deliveries_per_s": 1_000, "first_event_p95_ms": 300}
_AT = re.compile(rb'"at":"([^"]+)"')
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_PATH = re.compile(rb"^POST (\S+) ")
_ID = re.compile(rb"webhook-id: (\S+)", re.IGNORECASE)


class Receiver(asyncio.Protocol):
    """The least that takes a delivery; what hangs takes it and says nothing."""

    arrived: list[tuple[float, float, str, str]]
    """When it was told, when it arrived, where, and its id."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._buffer = cast(asyncio.Transport, transport), b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length, path, id_ = (found[1] for found in (p.search(head) for p in (_LENGTH, _PATH, _ID)) if found)
            whole = end + 4 + int(length)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            if path.startswith(b"/hangs"):
                return
            if found := _AT.search(body):
                told = datetime.fromisoformat(found[1].decode()).timestamp()
                self.arrived.append((told, time.time(), path.decode(), id_.decode()))
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def receive(pipe: Connection) -> None:
    """A process: says its port, and at each question what arrived since the last one."""

    async def main() -> None:
        Receiver.arrived = []
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Receiver, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while await loop.run_in_executor(None, pipe.recv):
            arrived, Receiver.arrived = Receiver.arrived, []
            pipe.send(arrived)

    uvloop.run(main())


class Targets:
    """The receiving process, asked from here."""

    def __init__(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=receive, args=(theirs,), daemon=True)
        self._process.start()
        self.port: int = self._pipe.recv()

    def arrived(self) -> list[tuple[float, float, str, str]]:
        """Since the last time."""
        self._pipe.send(True)
        found: list[tuple[float, float, str, str]] = self._pipe.recv()
        return found

    def stop(self) -> None:
        """End it."""
        self._pipe.send(False)
        self._process.join()


@asynccontextmanager
async def gateway(made: World) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller with the demo's key."""
    async with aiohttp.ClientSession(made.url, headers={"X-API-Key": made.api_key}, raise_for_status=True) as session:
        yield session


async def make(session: aiohttp.ClientSession, url: str) -> str:
    """A webhook to that URL; its path."""
    async with session.post("/v1/webhooks", json={"url": url, "types": ["order.completed", "order.failed"]}) as answer:
        made: dict[str, Any] = await answer.json()
    return str(made["links"]["self"])


async def until(targets: Targets, many: int) -> list[tuple[float, float, str, str]]:
    """What arrived, when so many different deliveries are there."""
    found: list[tuple[float, float, str, str]] = []
    async with asyncio.timeout(LIMIT):
        while len({(path, id_) for _, _, path, id_ in found}) < many:
            await asyncio.sleep(0.05)
            found += targets.arrived()
    return found


def share(values: Sequence[float], part: float) -> float:
    """That percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


async def measure(made: World, given: argparse.Namespace, targets: Targets) -> dict[str, float]:
    """Both figures, in one suite."""
    here = f"http://127.0.0.1:{targets.port}"
    orders = round(given.rate * given.offered_for)
    async with gateway(made) as session:
        for at in range(given.dead):  # every fourth refuses: nothing listens on port 9
            await make(session, f"http://127.0.0.1:9/{at}" if at % 4 == 3 else f"{here}/hangs/{at}")
        await make(session, f"{here}/first")
        since = datetime.now(UTC).isoformat()
        say(f"{orders} orders at {given.rate:g}/s, {given.dead} dead targets beside one that is not ...")
        await load.offer(made.url, made.api_key, 0, orders, given.rate)
        waits = [(there - told) * 1000 for told, there, _, _ in await until(targets, orders)]
        say(f"all of it again to {given.healthy} targets ...")
        paths = [await make(session, f"{here}/many/{at}") for at in range(given.healthy)]
        clock, began = Clock(made), time.time()
        for path in paths:
            async with session.post(f"{path}/redeliver", json={"since": since}):
                pass
        found = await until(targets, orders * given.healthy)
        per_core = clock.rates(orders * given.healthy)["per_core"]
        seconds = max(there for _, there, _, _ in found) - began
    return {
        "dead": given.dead,
        "healthy": given.healthy,
        "deliveries": orders * given.healthy,
        "seconds": round(seconds, 2),
        "deliveries_per_s": round(orders * given.healthy / seconds),
        "deliveries_per_core": per_core,
        "doubled": len(found) - orders * given.healthy,
        "first_event_p50_ms": round(share(waits, 0.5), 1),
        "first_event_p95_ms": round(share(waits, 0.95), 1),
        "first_event_max_ms": round(max(waits), 1),
    }


async def run(given: argparse.Namespace) -> dict[str, float]:
    """A suite, a process of targets, a run."""
    targets = Targets()
    try:
        with world(".runtime-bench-webhooks") as made:
            await load_blocks(made, 2)
            say("warming up ...")
            await load.offer(made.url, made.api_key, 10_000, 500, 100)
            db = await asyncpg.connect(made.database("gateway"))
            async with asyncio.timeout(LIMIT):
                while await db.fetchval("SELECT EXISTS (SELECT FROM orders WHERE ended_at IS NULL)"):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            await db.close()
            result = await measure(made, given, targets)
    finally:
        targets.stop()
    rates = f"{result['deliveries_per_s']:,} deliveries/s here, {result['deliveries_per_core']:,}/s by one core's time"
    print(f"{rates}, to {given.healthy} targets with {given.dead} dead beside them")
    print(f"an event is there after p50 {result['first_event_p50_ms']} ms, p95 {result['first_event_p95_ms']} ms")
    print(json.dumps(result | {"wanted": WANTED}))
    return result


def arguments() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--dead", type=int, default=100, help="targets that hang or refuse")
    parser.add_argument("--healthy", type=int, default=20, help="targets that answer")
    parser.add_argument("--rate", type=float, default=50, help="orders offered a second, whose ends are told")
    parser.add_argument("--offered-for", type=float, default=20, help="so many seconds")
    return parser


if __name__ == "__main__":
    uvloop.run(run(argparse.ArgumentParser(description=__doc__, parents=[arguments()]).parse_args()))
