"""The toy service on real Kafka and Postgres: its topics, and it as a process that can be killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from patchbay_chassis import topics
from patchbay_chassis.envelope import Envelope
from patchbay_chassis.router import Router
from patchbay_chassis.testing import eventually
from patchbay_contracts.topics import Topic
from toy.main import router as toy_router

HERE = Path(__file__).parent
TOPICS = ("toy.commands.v1", "toy.replies.v1", "toy.dead.v1")


@pytest.fixture(scope="session")
def service_package() -> str:
    return "toy"


@pytest.fixture
def router() -> Router:
    return toy_router  # type: ignore[no-any-return]


@pytest_asyncio.fixture
async def prefix(kafka: str) -> str:
    """A topic prefix of the test's own, with the toy's topics made."""
    prefix = f"t{uuid4().hex[:8]}."
    declared = [
        Topic(name=name, owner="toy", producers=(), consumers=(), key="", partitions=4, retention_hours=1, about="")
        for name in TOPICS
    ]
    await topics.create(kafka, prefix, declared, replication=1)
    return prefix


class Wire:
    """Both ends of the toy's topics."""

    def __init__(self, kafka: str, prefix: str) -> None:
        self._prefix = prefix
        self._producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
        self._consumer = AIOKafkaConsumer(
            *(prefix + name for name in TOPICS[1:]), bootstrap_servers=kafka, auto_offset_reset="earliest"
        )
        self._got: list[ConsumerRecord] = []

    async def start(self) -> None:
        await self._producer.start()
        await self._consumer.start()

    async def stop(self) -> None:
        await self._producer.stop()
        await self._consumer.stop()

    async def put(self, *envelopes: Envelope) -> None:
        for e in envelopes:
            await self.put_raw(e.body, e.key.encode(), e.headers("test"))

    async def put_raw(self, value: bytes | None, key: bytes = b"k", headers: Any = ()) -> None:
        await self._producer.send_and_wait(self._prefix + TOPICS[0], value, key=key, headers=list(headers))

    async def got(self, topic: str, at_least: int) -> list[ConsumerRecord]:
        """Records of that topic so far, once there are so many."""

        async def enough() -> list[ConsumerRecord]:
            for records in (await self._consumer.getmany(timeout_ms=100)).values():
                self._got += records
            found = [r for r in self._got if r.topic == self._prefix + topic]
            return found if len(found) >= at_least else []

        return list(await eventually(enough))

    async def pongs(self, many: int) -> list[ConsumerRecord]:
        """Answers so far, once there are so many different ones; the same may have come twice."""
        at_least = many
        while True:
            found = await self.got(TOPICS[1], at_least)
            if len({dict(record.headers)["ce_id"] for record in found}) >= many:
                return found
            at_least = len(found) + 1


@pytest_asyncio.fixture
async def wire(kafka: str, prefix: str) -> AsyncIterator[Wire]:
    wire = Wire(kafka, prefix)
    await wire.start()
    yield wire
    await wire.stop()


class Toys:
    """Processes of the toy service."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, replica: str = "1", **env: str) -> subprocess.Popen[bytes]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        given = self._env | {"PATCHBAY_REPLICA": replica, "PATCHBAY_HTTP_PORT": port} | env
        process = subprocess.Popen([sys.executable, "-m", "toy.main"], env=os.environ | given, cwd=HERE)
        self.processes.append(process)
        process.port = port  # type: ignore[attr-defined]
        return process

    async def ready(self, process: subprocess.Popen[bytes]) -> None:
        async def answers() -> bool:
            assert process.poll() is None, f"the toy ended with {process.returncode}"
            try:
                async with httpx.AsyncClient() as client:
                    url = f"http://127.0.0.1:{process.port}/readyz"  # type: ignore[attr-defined]
                    return (await client.get(url)).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(answers)

    async def died(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code, once it has ended."""

        async def ended() -> bool:
            return process.poll() is not None

        await eventually(ended)
        return process.returncode


@pytest.fixture
def toys(kafka: str, prefix: str, database_url: str) -> Any:
    toys = Toys(
        {
            "PATCHBAY_KAFKA": kafka,
            "PATCHBAY_DATABASE": database_url,
            "PATCHBAY_TOPIC_PREFIX": prefix,
            "PATCHBAY_RESEND_AFTER": "PT1S",
            "PATCHBAY_SESSION_TIMEOUT": "PT6S",
        }
    )
    yield toys
    for process in toys.processes:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.wait()
