"""The running suite as a reseller and an operator see it: orders over HTTP, mails in the inbox, processes."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
from aiokafka.admin import AIOKafkaAdminClient

from bench.books import settled
from patchbay_chassis import testing
from patchbay_local.processes import PROCESSES
from patchbay_local.stack import Stack
from tests.documents import Document

LIMIT = 60.0
"""Seconds for whatever is waited for; the machine may be busy."""

USUAL = {
    "PATCHBAY_SESSION_TIMEOUT": "PT6S",
    "PATCHBAY_RESEND_AFTER": "PT1S",
    "PATCHBAY_MAILS_PER_S": "0",
    "PATCHBAY_MAIL_LEASE": "PT3S",
    "PATCHBAY_ACTIVATION_LEASE": "PT3S",
    "PATCHBAY_BACK_ORDER_PAUSE": "PT1S",
    "PATCHBAY_NETWORK_REFUSES": "^44151496",
    "PATCHBAY_MOST_RECORDS": "20",
    "PATCHBAY_BULK_LINES": "20",
}
"""What every process is told: time limits that tests can wait for, a network that refuses some numbers, and batches
so small that a process that dies or stands still has work before it, behind it and in its hands."""

HANDLED = "messaging_handled_messages_total{"

eventually = partial(testing.eventually, within=LIMIT)


async def _with_a_key(request: httpx.Request) -> None:
    """Whoever thinks of no Idempotency-Key means something new each time."""
    if request.method == "POST" and "Idempotency-Key" not in request.headers:
        request.headers["Idempotency-Key"] = str(uuid4())


class Suite:
    """Processes by name, and one reseller's calls. A process that was started oddly is put right by `restore`."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._odd: set[tuple[str, str]] = set()
        self._mails: list[Document] = []

    @property
    def databases(self) -> Mapping[str, str]:
        """URL by service."""
        return self.stack.around.databases

    def client(self, key: str | None = None, replica: str = "1") -> httpx.AsyncClient:
        """A caller of the API; acme, unless another's key is given."""
        headers = {"X-API-Key": key or self.stack.api_key}
        url, hooks = self.stack.url("gateway", replica), {"request": [_with_a_key]}
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=LIMIT, event_hooks=hooks)

    async def place(self, document: Document) -> str:
        """Post one order; its id."""
        async with self.client() as client:
            answer = await client.post("/v1/orders", json=document)
        assert answer.status_code == 202, answer.text
        assert answer.headers["Location"] == f"/v1/orders/{answer.json()['id']}"
        return str(answer.json()["id"])

    async def offer(self, documents: Sequence[Document], replica: str = "1") -> list[str]:
        """Post them in bulk; the ids of those that were confirmed, before the gateway died if it did."""
        results = []

        async def body() -> AsyncIterator[bytes]:
            for document in documents:
                yield orjson.dumps(document) + b"\n"

        try:
            async with (
                self.client(replica=replica) as client,
                client.stream(
                    "POST", "/v1/orders/bulk", content=body(), headers={"Content-Type": "application/x-ndjson"}
                ) as answer,
            ):
                assert answer.status_code == 200, await answer.aread()
                async for one in answer.aiter_lines():
                    results.append(orjson.loads(one))  # noqa: PERF401 - those before a break count
        except httpx.TransportError:
            pass
        return [result["id"] for result in results if "id" in result]

    async def show(self, id_: str) -> Document:
        """The order as it is now."""
        async with self.client() as client:
            answer = await client.get(f"/v1/orders/{id_}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def shows(self, id_: str, *states: str) -> Document:
        """The order once it is in one of these states."""

        async def in_state() -> Document | None:
            shown = await self.show(id_)
            return shown if shown["state"] in states else None

        shown = await eventually(in_state)
        assert shown is not None
        return shown

    async def ended(self, document: Document) -> Document:
        """Place the order and see it through to its end."""
        return await self.shows(await self.place(document), "completed", "failed")

    async def mails(self, recipient: str, about: str = "") -> list[Document]:
        """What the inbox got for somebody with that in its subject, once there is anything."""

        async def there() -> list[Document]:
            async with httpx.AsyncClient() as client:
                while page := await self._page(client, len(self._mails)):
                    self._mails += page
            return [mail for mail in self._mails if recipient in mail["to"] and about in mail["subject"]]

        return await eventually(there)

    async def _page(self, client: httpx.AsyncClient, after: int) -> list[Document]:
        answer = await client.get(f"{self.stack.inbox_url}/mails", params={"limit": 1000, "after": after})
        return list(answer.json()["mails"])

    async def balanced(self) -> None:
        """Every accepted order ends, and then the books of all services agree."""
        found = await settled(self.databases, LIMIT)
        assert not found, "\n".join(found[:20])

    async def rows(self, service: str, query: str, *values: object) -> list[Any]:
        """What the service's database answers."""
        db = await asyncpg.connect(self.databases[service].replace("+asyncpg", ""))
        try:
            return list(await db.fetch(query, *values))
        finally:
            await db.close()

    async def once_each(self, confirmed: Sequence[str], offered: Sequence[Document]) -> None:
        """Every confirmed order is there, and none is there twice. What was not confirmed may be there or not."""
        query = "SELECT id::text, reference FROM orders WHERE reference = ANY($1::text[])"
        rows = await self.rows("gateway", query, [document["reference"] for document in offered])
        assert len({row["reference"] for row in rows}) == len(rows)
        assert set(confirmed) <= {row["id"] for row in rows}

    def start(self, name: str, replica: str = "1", **env: str) -> None:
        """Start a service; with an environment of its own until `restore`."""
        self.stack.start(name, replica, USUAL | env)
        if env or replica != "1":
            self._odd.add((name, replica))

    async def restart(self, name: str, **env: str) -> None:
        """Stop it, if it runs, and start it again; return when it is ready."""
        if self.stack.is_running(name):
            await asyncio.to_thread(self.stack.stop, name)
        self._odd.discard((name, "1"))
        self.start(name, **env)
        await self.ready(name)

    async def ready(self, name: str, replica: str = "1") -> None:
        """Wait until it is."""
        await asyncio.to_thread(self.stack.wait_ready, name, replica)

    async def died(self, name: str) -> None:
        """Wait until it has."""

        async def gone() -> bool:
            return not self.stack.is_running(name)

        await eventually(gone)

    async def handled(self, name: str, replica: str = "1") -> float:
        """How many messages the process has handled since it was started."""
        async with httpx.AsyncClient() as client:
            metrics = (await client.get(f"{self.stack.url(name, replica)}/metrics")).text
        return sum(float(m.split()[-1]) for m in metrics.splitlines() if m.startswith(HANDLED))

    async def is_at_work(self, name: str, since: float) -> None:
        """Wait until it has handled something more."""

        async def more() -> bool:
            return await self.handled(name) > since

        await eventually(more)

    async def has_members(self, name: str, many: int) -> None:
        """Wait until so many processes of the service are in its group, with all their lanes, and it has settled."""
        members = many * import_module(f"{name}_service.settings").Settings.model_fields["lanes"].default
        admin = AIOKafkaAdminClient(bootstrap_servers=self.stack.kafka)
        await admin.start()

        async def group() -> tuple[str, int]:
            (answer,) = await admin.describe_consumer_groups([f"{self.stack.around.topic_prefix}{name}"])
            return answer.groups[0][2], len(answer.groups[0][5])

        async def counted() -> bool:
            return await group() in (("Stable", members), ("Empty", members))

        try:
            await eventually(counted)
        except AssertionError as late:
            raise AssertionError(f"{name} should have {members} members: {await group()}") from late
        finally:
            await admin.close()

    def restore(self) -> None:
        """Whatever a test left behind, the next one finds the six services and the search replica as usual."""
        for name, replica in self._odd:
            if self.stack.is_running(name, replica):
                self.stack.thaw(name, replica)
                self.stack.stop(name, replica)
        self._odd.clear()
        for name in PROCESSES:
            if self.stack.is_running(name):
                self.stack.thaw(name)
            else:
                self.start(name)
        for name in PROCESSES:
            self.stack.wait_ready(name)
