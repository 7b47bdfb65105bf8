"""The load: orders as a buyer's system sends them, in one bulk request whose answers are read while it is sent."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from itertools import islice

import aiohttp
import orjson

from bench.world import FIRST_NUMBER

REFUSED_EVERY = 50
"""One order in so many names a price list that is not in force: billing refuses it, and it is undone."""
PIECE = 200
"""Orders in one write when there is no rate."""
TICK = 0.02
"""Seconds between two writes when there is one."""


def order(position: int, *, matching: bool = False) -> bytes:
    """A new customer with one voice line on one number of its own, or on any that matches: one line of NDJSON."""
    of_prefix = {"count": 1, "prefix": f"+{FIRST_NUMBER}"[:5]}
    refused = position % REFUSED_EVERY == REFUSED_EVERY - 1
    document = {
        "reference": f"bench-{position}",
        "customer": {
            "kind": "new",
            "name": f"Customer {position}",
            "email": f"customer{position}@bench.example",
            "pin": f"{position % 10_000:04}",
        },
        "lines": [
            {
                "service_type": "voice-line",
                "price_list": "future-gbp" if refused else "standard-gbp",
                "numbers": of_prefix if matching else {"exact": [f"+{FIRST_NUMBER + position}"]},
                "settings": {"voicemail": True},
            }
        ],
        "notify": ["customer"],
    }
    return orjson.dumps(document) + b"\n"


async def offer(url: str, api_key: str, first: int, count: int, rate: float, *, matching: bool = False) -> Counter[str]:
    """Offer so many orders, `rate` a second or (0) as fast as they are taken; result lines by kind."""
    documents = (order(position, matching=matching) for position in range(first, first + count))
    body = _paced(documents, rate) if rate else _at_once(documents)
    headers = {"X-API-Key": api_key, "Content-Type": "application/x-ndjson"}
    results: Counter[str] = Counter()
    limits = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(timeout=limits) as session,
        session.post(f"{url}/v1/orders/bulk", data=body, headers=headers) as answer,
    ):
        answer.raise_for_status()
        async for line in answer.content:
            results["accepted" if b'"accepted"' in line else "refused"] += 1
    return results


async def _at_once(documents: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece := b"".join(islice(documents, PIECE)):
        yield piece


async def _paced(documents: Iterator[bytes], rate: float) -> AsyncIterator[bytes]:
    began, sent = time.perf_counter(), 0
    while True:
        due = int((time.perf_counter() - began) * rate) + 1 - sent
        if due > 0:
            piece = list(islice(documents, due))
            if not piece:
                return
            sent += len(piece)
            yield b"".join(piece)
        await asyncio.sleep(max(TICK, 1 / rate) if rate < 50 else TICK)
