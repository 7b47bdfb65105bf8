"""A house with its HTTP, a topic of the test's own, and what goes through it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
import uvicorn

from numbers_service.search.authority import Authority
from patchbay_chassis import topics
from patchbay_chassis.producer import Producer
from patchbay_chassis.settings import ProcessSettings
from patchbay_chassis.testing import envelope_of, eventually
from patchbay_contracts.message import Message
from patchbay_contracts.topics import load
from patchbay_contracts.v1.blocks import CHANGES
from services.numbers.tests.search.house import House


class Server(uvicorn.Server):
    """On a free port, without signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(app: object) -> AsyncIterator[str]:
    """The app at the URL."""
    server = Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))  # type: ignore[arg-type]
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
def house() -> House:
    return House()


@pytest_asyncio.fixture
async def authority(house: House) -> AsyncIterator[Authority]:
    """The house, asked over HTTP."""
    async with served(house) as url:
        authority = Authority(url)
        yield authority
        await authority.close()


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The URL of a folder for snapshots."""
    return f"file://{tmp_path}/snapshots"


class Topic:
    """`numbers.changes.v1` under a prefix of the test's own."""

    def __init__(self, kafka: str, prefix: str) -> None:
        self.settings = ProcessSettings(kafka=kafka, topic_prefix=prefix)
        self.producer = Producer(kafka, "patchbay/numbers", prefix)

    async def say(self, *messages: Message) -> None:
        await self.producer.send([envelope_of(message) for message in messages])


@pytest_asyncio.fixture
async def topic(kafka: str) -> AsyncIterator[Topic]:
    topic = Topic(kafka, f"t{uuid4().hex[:8]}.")
    await topics.create(kafka, topic.settings.topic_prefix, [load()[CHANGES]], replication=1)
    yield topic
    await topic.producer.stop()
