"""Free numbers as a reseller finds them, as the authority has them, and as a search replica has them."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.documents import BLOCKS, Document
from tests.suite import LIMIT, Suite, eventually

SIZE = 10_000
PAIR = [first for first, size in BLOCKS if size == SIZE][-2:]
"""Two blocks so high that orders for any number do not come to them."""
PREFIX = [f"+{first // SIZE}" for first in PAIR]


async def ask(suite: Suite, path: str, question: Document, key: str | None = None) -> Document:
    """Post it to the gateway; the answer."""
    async with suite.client(key) as client:
        answer = await client.post(f"/v1/numbers/{path}", json=question)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def found(suite: Suite, key: str | None = None, **query: Any) -> Document:
    """What a search finds that knows all that was said before it began."""
    since = datetime.now(UTC)

    async def level() -> Document | None:
        answer = await ask(suite, "search", query, key)
        return answer if datetime.fromisoformat(answer["as_of"]["at"]) >= since else None

    answer = await eventually(level)
    assert answer is not None
    return answer


async def at_authority(suite: Suite) -> list[str]:
    """The numbers of the pair that are free to everybody."""
    async with httpx.AsyncClient(base_url=suite.stack.url("numbers"), timeout=LIMIT) as client:
        freed = [one for block in PAIR for one in (await client.get(f"/blocks/{block}")).json()["freed"]]
    ranges = [(int(first), int(last)) for one in freed if one["pool"] == "public" for first, last in one["ranges"]]
    return [f"+{number}" for first, last in ranges for number in range(first, last + 1)]


async def at_replica(suite: Suite) -> list[str]:
    """The same by the search replica."""
    asked = [{"reseller": "acme", "query": {"prefix": prefix, "count": SIZE}} for prefix in PREFIX]
    async with httpx.AsyncClient(base_url=suite.stack.url("search"), timeout=LIMIT) as client:
        answers = [(await client.post("/search", json=one)).json() for one in asked]
    return [number["e164"] for answer in answers for number in answer.get("numbers", ())]


async def agreed(suite: Suite) -> list[str]:
    """The pair's free numbers, as soon as authority and replica agree about them."""

    async def same() -> list[str]:
        free = await at_authority(suite)
        return free if free == await at_replica(suite) else []

    return await eventually(same)


async def counted(suite: Suite, metric: str) -> float:
    """A counter of the search replica, whatever its labels."""
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"{suite.stack.url('search')}/metrics")).text
    return sum(map(float, re.findall(rf"^{metric}_total(?:{{.*}})? (\S+)$", metrics, re.MULTILINE)))


async def compared(suite: Suite) -> None:
    """Wait until every block has been added up on both sides; none of them has to be fetched for that."""
    before, blocks = await counted(suite, "search_checked_blocks"), await suite.rows("numbers", "SELECT FROM block")
    wrong = await counted(suite, "search_repairs")

    async def all_of_them() -> bool:
        return await counted(suite, "search_checked_blocks") >= before + 2 * len(blocks)

    await eventually(all_of_them)
    assert await counted(suite, "search_repairs") == wrong
