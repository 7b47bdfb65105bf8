"""The gateway dies in the middle of a bulk, and its client sends the rest: nothing is lost or made twice."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from tests.documents import Document, load
from tests.suite import Suite

LOAD = 200
NDJSON = {"Content-Type": "application/x-ndjson"}
DEATHS = [
    "accepting_http:1",
    "accepting_http:4",
    "after_turn:4",
    "accepted_http:4",
    "before_commit:3",
    "after_commit:3",
]
"""Before the first lines are kept; in the middle; when they are kept, but nothing of them is sent; when all is done but
the answer; and while what became of the first is noted."""


async def send(suite: Suite, batch: str, documents: Sequence[Document], first: int = 1) -> list[dict[str, Any]]:
    """Send them under the batch; what was answered before the gateway died, if it did."""
    results = []

    async def body() -> AsyncIterator[bytes]:
        for document in documents[first - 1 :]:
            yield orjson.dumps(document) + b"\n"

    asked = {"batch": batch, "from": str(first)}
    try:
        async with (
            suite.client() as client,
            client.stream("POST", "/v1/orders/bulk", params=asked, content=body(), headers=NDJSON) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            async for one in answer.aiter_lines():
                results.append(orjson.loads(one))  # noqa: PERF401 - those before a break count
    except httpx.TransportError:
        pass
    return results


@pytest.mark.parametrize("at", DEATHS)
async def test_a_bulk_whose_gateway_died_is_resumed_where_it_stands(suite: Suite, at: str) -> None:
    documents, batch = load(LOAD), str(uuid4())
    await suite.restart("gateway", PATCHBAY_CRASH_AT=at)
    before = await send(suite, batch, documents)
    await suite.died("gateway")
    await suite.restart("gateway")
    async with suite.client() as client:
        shown = (await client.get(f"/v1/batches/{batch}")).json()
        through = shown.get("accepted_through", 0)
        assert through >= max((one["line"] for one in before), default=0)
        rest = await send(suite, batch, documents, through + 1)
        again = await send(suite, batch, documents)
        assert [one["line"] for one in rest] == list(range(through + 1, LOAD + 1))
        ids = {one["line"]: one["id"] for one in again}
        assert len(set(ids.values())) == LOAD
        assert all(ids[one["line"]] == one["id"] and "replayed" in again[one["line"] - 1] for one in (*before, *rest))
        await suite.balanced()
        await suite.once_each(list(ids.values()), documents)
        states = (await client.get(f"/v1/batches/{batch}")).json()["states"]
        answer = await client.get(f"/v1/batches/{batch}/results")
    results = [orjson.loads(one) for one in answer.content.splitlines()]
    assert [one["order"] for one in results] == [ids[line] for line in range(1, LOAD + 1)]
    assert states["completed"] + states["failed"] == LOAD
    assert states["failed"] == sum(one["state"] == "failed" for one in results) > 0
