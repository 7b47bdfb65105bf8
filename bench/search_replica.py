"""A real replica process: what it takes to start from a snapshot, what it holds, how fast it answers over HTTP, and
what it costs to keep up with changes. Kafka is real; the authority is not asked for anything."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import psutil

from bench.search_data import POOLS, SEED, SLOT, Inventory
from bench.search_shapes import SHAPES
from bench.world import say
from numbers_service.index import Index, Wanted
from numbers_service.search.snapshots import Snapshot, Snapshots
from patchbay_chassis import topics
from patchbay_chassis.envelope import Envelope, enclose, moment, new_trace
from patchbay_chassis.producer import Producer
from patchbay_contracts.topics import load
from patchbay_contracts.v1.blocks import CHANGES, BlockChanged, Freed
from patchbay_local.throwaway import throwaway_kafka

PREFIX = "bench."
RATE = 500
"""Searches a second."""
SECONDS = 10.0
CHANGES_PER_SECOND = 5_000
HELD_TOGETHER = 100
"""Numbers of one change, as holds in batches say them; the other figure is for one each."""
TICK = 0.02


async def figures(index: Index, inventory: Inventory) -> dict[str, Any]:
    """All that is measured of a replica of this inventory."""
    with tempfile.TemporaryDirectory(prefix="patchbay-") as folder, throwaway_kafka() as kafka:
        await topics.create(kafka, PREFIX, [load()[CHANGES]], replication=1)
        positions = dict.fromkeys(range(load()[CHANGES].partitions), 0)
        await Snapshots(f"file://{folder}", "bench", 2).write(Snapshot(PREFIX + CHANGES, positions, 0, index))
        with _replica(kafka, folder) as one:
            found = await one.ready()
            say(f"  a replica is ready after {found['replica_start_s']} s")
            bodies = _bodies(inventory, index)
            await _answered(one.url, bodies[:RATE])
            before = one.spent()
            found["http"] = await _answered(one.url, bodies)
            found["http_cpu_us"] = round((one.spent() - before) / len(bodies) * 1e6)
            producer = Producer(kafka, "patchbay/numbers", PREFIX)
            changes = _Changes(inventory)
            said, rate = changes.said(SECONDS)
            found["http_with_changes"] = await _while_saying(said, rate, producer, _answered(one.url, bodies))
            idle = await _share(one, asyncio.sleep(SECONDS / 2))
            for name, together in (("changes_cpu", HELD_TOGETHER), ("changes_of_one_cpu", 1)):
                changes.together = together
                said, rate = changes.said(SECONDS / 2)
                busy = await _share(one, _while_saying(said, rate, producer, asyncio.sleep(SECONDS / 2)))
                found[name] = round(busy - idle, 4)
            await producer.stop()
            found["resident_mb"] = round(one.process.memory_info().rss / 2**20)
    return found


class _Replica:
    """The process, pinned to one core."""

    def __init__(self, popen: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
        self.url = url
        self._log = log
        self._began = time.perf_counter()
        self.process = psutil.Process(popen.pid)
        self.process.cpu_affinity([0])

    async def ready(self) -> dict[str, Any]:
        """Seconds until it answers searches, and of those the seconds for its snapshot."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(120):
            while True:
                try:
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.02)
        seconds = round(time.perf_counter() - self._began, 2)
        begun = next(line for line in map(_read, self._log.read_text().splitlines()) if line["event"] == "search.begun")
        assert begun["how"] == "snapshot", begun
        return {"replica_start_s": seconds, "snapshot_s": begun["seconds"]}

    def spent(self) -> float:
        """Seconds of processor time until now."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


async def _share(one: _Replica, meanwhile: Awaitable[Any]) -> float:
    """Of a core that it takes meanwhile."""
    before, began = one.spent(), time.perf_counter()
    await meanwhile
    return (one.spent() - before) / (time.perf_counter() - began)


def _read(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line) if line.startswith("{") else {"event": line}
    return found


@contextmanager
def _replica(kafka: str, folder: str) -> Iterator[_Replica]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {
        "KAFKA": kafka, "TOPIC_PREFIX": PREFIX, "HTTP_PORT": str(port), "SNAPSHOTS": f"file://{folder}",
        "AUTHORITY_URL": "http://127.0.0.1:9",
    }  # fmt: skip
    log = Path(folder, "replica.log")
    with log.open("wb") as out:
        popen = subprocess.Popen(
            [sys.executable, "-m", "numbers_service.search"],
            env=os.environ | {f"PATCHBAY_{name}": value for name, value in told.items()},
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield _Replica(popen, f"http://127.0.0.1:{port}", log)
    finally:
        popen.terminate()
        popen.wait(30)


def _bodies(inventory: Inventory, index: Index) -> list[bytes]:
    """Searches of all shapes in turn, as they come over HTTP."""
    many = round(RATE * SECONDS / len(SHAPES)) + 1
    shapes = [shape.searches(inventory, many, index) for shape in SHAPES]
    return [_body(one) for together in zip(*shapes, strict=True) for one in together]


def _body(wanted: Wanted) -> bytes:
    pool = wanted.pools[0]
    query = {
        "count": wanted.count, "pools": [pool.kind], "prefix": wanted.prefix, "grades": sorted(wanted.grades),
        "method": wanted.method, "segments": list(wanted.segments), "in_order": wanted.in_order,
        "ends_with": wanted.ends_with or None, "pattern": wanted.pattern, "aligned": wanted.aligned,
    }  # fmt: skip
    return json.dumps({"reseller": pool.owner or POOLS[1].owner, "query": query}).encode()


async def _answered(url: str, bodies: Sequence[bytes]) -> dict[str, float]:
    """p50 and p99 in milliseconds, from when a search was due; they are due at the rate, whatever becomes of those
    before."""
    times: list[float] = []

    async def ask(session: aiohttp.ClientSession, body: bytes, due: float) -> None:
        async with session.post(f"{url}/search", data=body) as answer:
            await answer.read()
            answer.raise_for_status()
        times.append((time.perf_counter() - due) * 1000)

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as asked:
        began = time.perf_counter()
        for at, body in enumerate(bodies):
            due = began + at / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            asked.create_task(ask(session, body, due))
    return {f"p{p}": round(float(np.percentile(times, p)), 2) for p in (50, 99)}


class _Changes:
    """Numbers that are taken, and a round later freed again, block by block."""

    def __init__(self, inventory: Inventory) -> None:
        self.together = HELD_TOGETHER
        self._inventory = inventory
        self._rng = np.random.default_rng(SEED)
        whole = np.flatnonzero(inventory.whole)
        self._order = self._rng.permutation(whole)
        self._at = 0
        self._versions: dict[int, int] = {}
        self._taken: dict[int, tuple[tuple[str, str], ...]] = {}

    def said(self, seconds: float) -> tuple[list[Envelope], float]:
        """What is said in so many seconds, and how much of it in one."""
        some = self._some(round(seconds * CHANGES_PER_SECOND))
        return enclose(some, new_trace(), moment()), CHANGES_PER_SECOND / self.together

    def _some(self, numbers: int) -> Iterator[BlockChanged]:
        for _ in range(0, numbers, self.together):
            slot = int(self._order[self._at % len(self._order)])
            self._at += 1
            block = int(self._inventory.slots[slot])
            self._versions[block] = version = self._versions.get(block, 1) + 1
            if taken := self._taken.pop(block, None):
                pool = POOLS[self._inventory.pool[slot, 0]]
                freed = Freed(pool=pool.kind, owner=pool.owner, ranges=taken)
                yield BlockChanged(block=f"+{block}", version=version, freed=(freed,))
            else:
                chosen = np.sort(self._rng.choice(SLOT, self.together, replace=False)) + block
                self._taken[block] = ranges = tuple((f"+{n}", f"+{n}") for n in chosen.tolist())
                yield BlockChanged(block=f"+{block}", version=version, taken=ranges)


async def _while_saying(said: Sequence[Envelope], rate: float, producer: Producer, meanwhile: Awaitable[Any]) -> Any:
    """So many messages a second. They are made already: whoever searches in this process would wait for that."""

    async def say() -> None:
        began, at = time.perf_counter(), 0
        while at < len(said):
            owed = int((time.perf_counter() - began) * rate)
            if owed > at:
                await producer.send(said[at:owed])
                at = owed
            await asyncio.sleep(TICK)

    saying = asyncio.create_task(say())
    try:
        return await meanwhile
    finally:
        await saying
