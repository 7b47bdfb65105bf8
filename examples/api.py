"""Patchbay's public API and the local inbox, as far as the demo needs them."""

import asyncio
import os
import re
import shlex
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
ENDED = frozenset({"completed", "failed"})
PAGE = 200
LIMIT = 30.0
"""Seconds within which a change of the inventory is seen by searches."""


@dataclass(frozen=True)
class Order:
    """An order as a list shows it."""

    id: str
    state: str
    accepted_at: datetime
    ended_at: datetime | None

    @property
    def seconds(self) -> float:
        """From accepted to ended."""
        assert self.ended_at is not None
        return (self.ended_at - self.accepted_at).total_seconds()


def environment() -> dict[str, str]:
    """What `make up` left in `.runtime/env`, and over it what the shell says."""
    folder = Path(os.environ.get("PATCHBAY_RUNTIME") or Path(__file__).parents[1] / ".runtime")
    file = folder / "env"
    kept = re.findall(r"^export (PATCHBAY_\w+)=(.*)$", file.read_text(), re.MULTILINE) if file.exists() else []
    found = {name: "".join(shlex.split(value)) for name, value in kept}
    return found | {name: value for name, value in os.environ.items() if name.startswith("PATCHBAY_")}


class Api:
    """The API with one reseller's key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._http = httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=30)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def place(self, content: bytes) -> AsyncIterator[Json]:
        """Place orders in bulk; a result for each line, as soon as it comes."""
        kind = {"Content-Type": "application/x-ndjson"}
        async with self._http.stream("POST", "/v1/orders/bulk", content=content, headers=kind) as answer:
            await _check(answer)
            async for line in answer.aiter_lines():
                yield httpx.Response(200, content=line).json()

    async def ask(self, path: str, question: Json) -> Json:
        """Post a question about numbers; its answer."""
        answer = await self._http.post(path, json=question)
        await _check(answer)
        found: Json = answer.json()
        return found

    async def search(self, query: Json) -> Json:
        """Search numbers."""
        return await self.ask("/v1/numbers/search", query)

    async def searched(self, since: datetime, query: Json) -> Json:
        """Search numbers as they were at that time or later."""
        until = time.monotonic() + LIMIT
        while datetime.fromisoformat((found := await self.search(query))["as_of"]["at"]) < since:
            if time.monotonic() > until:
                raise SystemExit(f"searches see the inventory as it was at {found['as_of']['at']}: `make status`")
            await asyncio.sleep(0.1)
        return found

    async def order(self, id_: str) -> Json:
        """One order with its outcome and timeline."""
        answer = await self._http.get(f"/v1/orders/{id_}")
        await _check(answer)
        found: Json = answer.json()
        return found

    async def newest(self, until: str = "") -> list[Order]:
        """The newest orders, back to the one with the id `until`; without one, the newest alone."""
        found: list[Order] = []
        after: Json = {}
        while True:
            answer = await self._http.get("/v1/orders", params={"limit": PAGE if until else 1} | after)
            await _check(answer)
            page = answer.json()
            found += map(_order, page["orders"])
            if not page["next"] or not until or found[-1].id <= until:
                return found
            after = {"after": page["next"]}


async def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        await answer.aread()
        raise SystemExit(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")


def _order(row: Json) -> Order:
    ended = datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None
    return Order(row["id"], row["state"], datetime.fromisoformat(row["accepted_at"]), ended)


class Inbox:
    """Where the local runtime keeps all mails."""

    def __init__(self, url: str) -> None:
        self.url = url

    def count(self) -> int:
        """How many mails there are."""
        return int(httpx.get(f"{self.url}/count").json()["mails"])

    def first_after(self, last: int) -> list[Json]:
        """The first mails after the one with that number."""
        found: list[Json] = httpx.get(f"{self.url}/mails", params={"after": last, "limit": 200}).json()["mails"]
        return found
