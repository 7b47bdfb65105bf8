"""How long an export of very many orders takes, and how much memory the gateway has then: before it and at its peak."""

import asyncio
import time
from typing import Any

import aiohttp
import asyncpg
import psutil

from bench import preload
from bench.world import World, say

EVERY = 0.05
"""Seconds between two looks at the memory."""
MODEL = preload.Table("gateway", "orders", "true LIMIT 1", {"id": preload.ID})


class Memory:
    """What the gateway's process has in memory, in MB, looked at again and again."""

    def __init__(self, made: World) -> None:
        self._process = psutil.Process(made.pids()["gateway"])
        self.at_start = self.peak = self._now()

    def _now(self) -> float:
        return float(self._process.memory_info().rss) / 1e6

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            self.peak = max(self.peak, self._now())
            await asyncio.sleep(EVERY)


async def measure(made: World, session: aiohttp.ClientSession, orders: int) -> dict[str, Any]:
    """Export so many copies of an order, and all that there were before."""
    db = await asyncpg.connect(made.database("gateway"))
    await preload.copies(db, MODEL, orders)
    await db.execute("VACUUM ANALYZE orders")
    there = await db.fetchval("SELECT count(*) FROM orders")
    await db.close()
    say(f"an export of {there:,} orders ...")
    memory, lines, size = Memory(made), 0, 0
    watching = asyncio.create_task(memory.watch())
    began = time.perf_counter()
    async with session.get("/v1/orders", params={"format": "ndjson"}) as answer:
        async for piece in answer.content.iter_any():
            lines += piece.count(b"\n")
            size += len(piece)
    seconds = time.perf_counter() - began
    watching.cancel()
    if lines != there:
        raise SystemExit(f"{lines} lines for {there} orders")
    return {
        "orders": lines,
        "seconds": round(seconds, 1),
        "mb": round(size / 1e6),
        "memory_mb_at_start": round(memory.at_start, 1),
        "memory_mb_at_peak": round(memory.peak, 1),
    }
