"""A replica beside a real numbers service: what the one holds is taken for the other."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest_asyncio

from numbers_service.search.authority import Authority
from numbers_service.search.http import app
from numbers_service.search.replica import Replica
from patchbay_chassis import topics
from patchbay_chassis.database import Database
from patchbay_chassis.testing import eventually
from patchbay_contracts.numbers import Found
from patchbay_contracts.topics import load
from services.numbers.tests.asking import exact, hold
from services.numbers.tests.conftest import BLOCKS
from services.numbers.tests.search.conftest import Topic
from services.numbers.tests.search.keeping import replica, running

A = 441214960000


@pytest_asyncio.fixture
async def service(database: Database, database_url: str, topic: Topic) -> AsyncIterator[str]:
    """The numbers service as a process of its own, at its URL."""
    async with database.transaction() as db:
        await db.execute(BLOCKS)
    kafka, prefix = topic.settings.kafka, topic.settings.topic_prefix
    await topics.create(kafka, prefix, list(load().values()), replication=1)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {"KAFKA": kafka, "TOPIC_PREFIX": prefix, "DATABASE": database_url, "HTTP_PORT": str(port)}
    async with _process(told):
        yield f"http://127.0.0.1:{port}"


@asynccontextmanager
async def _process(told: dict[str, str]) -> AsyncIterator[None]:
    environment = os.environ | {f"PATCHBAY_{name}": value for name, value in told.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "numbers_service.main", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    yield
    process.terminate()
    assert await process.wait() == 0


async def found(one: Replica, count: int) -> list[int]:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app(one, timedelta(seconds=5))), base_url="http://replica")
    async with http:
        answer = await http.post("/search", json={"reseller": "acme", "query": {"prefix": "0121", "count": count}})
    if answer.status_code == 503:
        return []
    assert answer.status_code == 200, answer.text
    return [row.e164 for row in Found.model_validate_json(answer.content).numbers]


async def test_a_replica_finds_what_the_authority_has_and_not_what_it_holds(service: str, topic: Topic) -> None:
    authority = Authority(service)
    async with running(replica(authority, topic.settings)) as one:

        async def lowest() -> list[int]:
            return await found(one, 2)

        assert await eventually(lowest) == [A, A + 1]
        await topic.say(hold(exact(A)))

        async def taken() -> bool:
            return await found(one, 2) == [A + 1, A + 2]

        await eventually(taken)
        assert len(await found(one, 1_000)) == 999
        block = await authority.block(A)
        assert block is not None
        assert one.index.version(A) == block.version == 2
    await authority.close()
