"""How quickly orders are taken in, singly and in bulk, how long a dry run of a file takes, and an export of all orders.

One gateway process; what carries orders out stands still meanwhile, so acceptance is measured alone. Besides what
passed on the clock each figure has the processor time of the gateway: `per_core` is what one core would do by that.
"""

import argparse
import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import aiohttp
import numpy as np
import psutil
import uvloop

from bench import api_export
from bench.load import order
from bench.world import World, load_blocks, say, world

BLOCKS = 20
CONNECTIONS = 64
PIECE = 200
STANDING = ("customer", "numbers", "billing", "provisioning", "notifier")
WANTED = {
    "single_per_core": 1_500,
    "p99_ms_at_half": 30,
    "bulk_per_core": 10_000,
    "dry_run_s": 5,
    "export": "1,000,000 orders in constant memory",
}


class Clock:
    """Seconds that passed, and seconds that the gateway computed."""

    def __init__(self, world: World) -> None:
        self._process = psutil.Process(world.pids()["gateway"])
        self._began, self._computed = time.perf_counter(), self._cpu()

    def _cpu(self) -> float:
        return float(sum(self._process.cpu_times()[:2]))

    def rates(self, many: int) -> dict[str, int]:
        """So many things a second."""
        passed, computed = time.perf_counter() - self._began, self._cpu() - self._computed
        return {"per_s": round(many / passed), "per_core": round(many / max(computed, 0.01))}


@contextmanager
def standing_still(world: World) -> Iterator[None]:
    """Nobody carries orders out."""
    pids = [pid for name, pid in world.pids().items() if name in STANDING]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def dry_run(session: aiohttp.ClientSession, many: int) -> float:
    """Seconds for a file of so many orders of new customers, each for any number that matches."""
    content = b"".join(order(n, matching=True) for n in range(many))
    began = time.perf_counter()
    headers = {"Content-Type": "application/x-ndjson"}
    async with session.post("/v1/orders/dry-run", data=content, headers=headers) as answer:
        lines = (await answer.read()).splitlines()
    if len(lines) != many + 1:
        raise SystemExit(f"{len(lines)} lines for {many} orders: {lines[:2]!r}")
    return time.perf_counter() - began


async def bulk(session: aiohttp.ClientSession, first: int, many: int, batch: str | None) -> None:
    """Send so many lines."""

    async def body() -> AsyncIterator[bytes]:
        for at in range(first, first + many, PIECE):
            yield b"".join(order(n) for n in range(at, min(at + PIECE, first + many)))

    headers = {"Content-Type": "application/x-ndjson"} | ({"Batch-Id": batch} if batch else {})
    accepted = 0
    async with session.post("/v1/orders/bulk", data=body(), headers=headers) as answer:
        async for line in answer.content:
            accepted += b'"accepted"' in line
    if accepted != many:
        raise SystemExit(f"of {many} lines {accepted} were accepted")


class Single:
    """Posts orders one by one over plain connections, each with a key of its own: a client library would cost more than
    the gateway."""

    def __init__(self, world: World, first: int) -> None:
        host, _, port = world.url.removeprefix("http://").partition(":")
        self._address = host, int(port)
        self._key = world.api_key
        self._next = count(first)
        self.ms: list[float] = []

    async def as_fast_as_it_goes(self, seconds: float) -> None:
        """Each connection has one order under way."""
        until = time.perf_counter() + seconds
        await asyncio.gather(*(self._one_after_the_other(until) for _ in range(CONNECTIONS)))

    async def at_a_rate(self, seconds: float, rate: float) -> None:
        """So many a second, whether those before are answered or not; a time counts from when an order was due."""
        due: asyncio.Queue[float | None] = asyncio.Queue()
        working = [asyncio.create_task(self._when_due(due)) for _ in range(CONNECTIONS)]
        began = time.perf_counter()
        for n in range(int(seconds * rate)):
            at = began + n / rate
            if (early := at - time.perf_counter()) > 0.001:
                await asyncio.sleep(early)
            due.put_nowait(at)
        for _ in working:
            due.put_nowait(None)
        await asyncio.gather(*working)

    async def _one_after_the_other(self, until: float) -> None:
        streams = await asyncio.open_connection(*self._address)
        while (began := time.perf_counter()) < until:
            await self._post(*streams)
            self.ms.append((time.perf_counter() - began) * 1000)
        streams[1].close()

    async def _when_due(self, due: asyncio.Queue[float | None]) -> None:
        streams = await asyncio.open_connection(*self._address)
        while (at := await due.get()) is not None:
            await self._post(*streams)
            self.ms.append((time.perf_counter() - at) * 1000)
        streams[1].close()

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        n = next(self._next)
        body = order(n).strip()
        head = (
            f"POST /v1/orders HTTP/1.1\r\nHost: bench\r\nX-API-Key: {self._key}\r\nIdempotency-Key: bench-{n}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 202 " not in answer[:20]:
            raise SystemExit(f"not accepted: {answer!r} {await reader.read(1000)!r}")
        length = next(one for one in answer.lower().split(b"\r\n") if one.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))


async def measure(made: World, given: argparse.Namespace) -> dict[str, Any]:
    """All figures of one gateway."""
    found: dict[str, Any] = {}
    headers, limits = {"X-API-Key": made.api_key}, aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(made.url, headers=headers, timeout=limits, raise_for_status=True) as session:
        say("dry run ...")
        await dry_run(session, 1_000)
        found["dry_run_s"] = round(min([await dry_run(session, 10_000) for _ in range(3)]), 2)
        with standing_still(made):
            say("single orders ...")
            await Single(made, 1_000_000).as_fast_as_it_goes(2)
            clock, single = Clock(made), Single(made, 2_000_000)
            await single.as_fast_as_it_goes(given.seconds)
            found["single"] = clock.rates(len(single.ms))
            half = Single(made, 3_000_000)
            await half.at_a_rate(given.seconds, found["single"]["per_s"] / 2)
            found["single"]["p99_ms_at_half"] = round(float(np.percentile(half.ms, 99)), 1)
            say("bulks ...")
            await bulk(session, 4_000_000, 5_000, None)
            for name, first, batch in (("bulk", 4_010_000, None), ("batch", 4_500_000, str(uuid4()))):
                clock = Clock(made)
                await bulk(session, first, given.lines, batch)
                found[name] = clock.rates(given.lines)
            found["export"] = await api_export.measure(made, session, given.exported)
    return found


def show(found: dict[str, Any]) -> None:
    """For people; the line for programs comes last."""
    print(f"dry run of 10,000 lines: {found['dry_run_s']} s")
    for name, what in (("single", "orders posted singly"), ("bulk", "lines of a bulk"), ("batch", "lines of a batch")):
        rates = found[name]
        print(f"{what}: {rates['per_s']:,}/s here, {rates['per_core']:,}/s by one core's time")
    print(f"single orders at half that rate: p99 {found['single']['p99_ms_at_half']} ms")
    told = found["export"]
    grown = f"{told['memory_mb_at_start']} MB of memory before it, {told['memory_mb_at_peak']} MB at the most"
    print(f"export of {told['orders']:,} orders: {told['seconds']} s, {told['mb']} MB; {grown}")
    print(json.dumps(found | {"wanted": WANTED}))


async def run(given: argparse.Namespace) -> dict[str, Any]:
    """One suite, all figures. Nothing ends while it is measured, so there is room for all."""
    os.environ["PATCHBAY_MOST_OPEN"] = "10000000"
    with world(".runtime-bench-api") as made:
        await load_blocks(made, BLOCKS)
        await asyncio.sleep(2)  # until the replica has them
        found = await measure(made, given)
    del os.environ["PATCHBAY_MOST_OPEN"]
    show(found)
    return found


def arguments() -> argparse.ArgumentParser:
    """What the command line may say."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--seconds", type=float, default=10, help="for each run of single orders")
    parser.add_argument("--lines", type=int, default=100_000, help="of each bulk")
    parser.add_argument("--exported", type=int, default=1_000_000, help="orders, besides those of the bulks")
    return parser


if __name__ == "__main__":
    uvloop.run(run(argparse.ArgumentParser(description=__doc__, parents=[arguments()]).parse_args()))
