"""The shared pytest plugin: a migrated database per service, and `deliver`, which checks that twice is once."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from aiokafka import ConsumerRecord
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from patchbay_chassis import fresh, migrate
from patchbay_chassis.batch import Arrived, run_handlers
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.envelope import Envelope, mint, moment, new_trace
from patchbay_chassis.router import Router
from patchbay_contracts.message import BY_TYPE, Message

Deliver = Callable[..., Awaitable[list[Message]]]


T = TypeVar("T")


def pytest_collection_finish() -> None:
    """What was imported by then stays: to look through it again and again took a third of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


async def eventually(condition: Callable[[], Awaitable[T]], within: float = 40.0) -> T:
    """What the condition returns once it is true; fails when it is not within so many seconds."""
    try:
        async with asyncio.timeout(within):
            while not (found := await condition()):  # noqa: ASYNC110 - the condition is another process's
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not within {within:g} s: {condition.__qualname__}") from None
    return found


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Administrator URL of a PostgreSQL without a database: yours by PATCHBAY_POSTGRES, else one for this run."""
    if given := os.environ.get("PATCHBAY_POSTGRES"):
        yield given
        return
    from patchbay_local.throwaway import throwaway_postgres  # noqa: PLC0415 - only where none is given

    with throwaway_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """host:port of a Kafka: yours by PATCHBAY_KAFKA, else one for this run."""
    if given := os.environ.get("PATCHBAY_KAFKA"):
        yield given
        return
    from patchbay_local.throwaway import throwaway_kafka  # noqa: PLC0415 - only where none is given

    with throwaway_kafka() as bootstrap:
        yield bootstrap


def _url(admin: str, database: str) -> str:
    return f"{admin.replace('postgresql://', 'postgresql+asyncpg://')}/{database}"


async def _run(admin: str, *statements: str) -> None:
    db = await Database(_url(admin, "postgres"), "tests").connect()
    for statement in statements:
        await db.execute(statement)
    await db.close()


async def _migrate(admin: str, database: str, package: str) -> None:
    engine = create_async_engine(_url(admin, database), poolclass=NullPool)
    async with engine.begin() as db:
        await db.run_sync(migrate.upgrade, package)
    await engine.dispose()


class Databases:
    """Databases of one test run, made when they are first asked for. One run may test several services."""

    def __init__(self, admin: str) -> None:
        self._admin = admin
        self._templates: dict[str, str] = {}
        self._workbenches: dict[str, str] = {}

    def template(self, package: str) -> str:
        """The name of a migrated database of that service, to copy from."""
        if package not in self._templates:
            self._templates[package] = name = f"template_{package}_{uuid4().hex[:8]}"
            asyncio.run(_run(self._admin, f"CREATE DATABASE {name}"))
            asyncio.run(_migrate(self._admin, name, package))
        return self._templates[package]

    def workbench(self, package: str) -> str:
        """The URL of the database of all tests of that service that roll back."""
        if package not in self._workbenches:
            name = f"workbench_{package}_{uuid4().hex[:8]}"
            asyncio.run(_run(self._admin, f"CREATE DATABASE {name} TEMPLATE {self.template(package)}"))
            self._workbenches[package] = name
        return _url(self._admin, self._workbenches[package])

    def drop(self) -> None:
        """Drop them all."""
        made = (*self._templates.values(), *self._workbenches.values())
        asyncio.run(_run(self._admin, *(f"DROP DATABASE {name} WITH (FORCE)" for name in made)))


@pytest.fixture(scope="session")
def databases(postgres: str) -> Iterator[Databases]:
    """The run's databases; gone at its end."""
    databases = Databases(postgres)
    yield databases
    databases.drop()


@pytest.fixture
def template(databases: Databases, service_package: str) -> str:
    """A migrated database of the service under test, to copy from."""
    return databases.template(service_package)


@pytest.fixture
def workbench(databases: Databases, service_package: str) -> str:
    """The database of all tests of a service that roll back."""
    return databases.workbench(service_package)


@pytest_asyncio.fixture
async def database_url(postgres: str, template: str) -> AsyncIterator[str]:
    """A fresh migrated database, for tests whose transactions must really commit."""
    fresh.forget_all()
    name = f"test_{uuid4().hex[:12]}"
    await _run(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(postgres, name)
    await _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The database at `database_url`."""
    database = Database(database_url, "tests")
    yield database
    await database.close()


@pytest_asyncio.fixture
async def db(workbench: str) -> AsyncIterator[Connection]:
    """A connection whose transaction is rolled back after the test."""
    fresh.forget_all()
    connection = await Database(workbench, "tests").connect()
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture
def deliver(db: Connection, router: Router) -> Deliver:
    """Have the router handle messages that arrived together; what they said, in order.

    By default they are delivered twice, under new message ids as after a lost journal, and must be answered
    the same: every test of a handler is also its test that twice is once.
    """

    async def deliver(*messages: Message, times: int = 2) -> list[Message]:
        first = await _handled(router, db, messages)
        for _ in range(times - 1):
            again = await _handled(router, db, messages)
            assert again == first, "delivered again, the same messages were answered differently"
        return first

    return deliver


async def _handled(router: Router, db: Connection, messages: Sequence[Message]) -> list[Message]:
    arrived = [Arrived(envelope_of(message), message, None) for message in messages]
    said: dict[UUID, list[Envelope]] = await run_handlers(router, db, arrived)
    return [message_of(envelope) for one in arrived for envelope in said[one.envelope.id]]


def envelope_of(message: Message) -> Envelope:
    """The message as it would travel, under a new id."""
    body = message.model_dump_json().encode()
    return Envelope(mint(), message.type, message.topic, message.key, message.reseller, moment(), new_trace(), body)


def record_of(message: Message) -> ConsumerRecord:
    """The message as a consumer gets it."""
    sent = envelope_of(message)
    return ConsumerRecord(
        topic=sent.topic, partition=0, offset=0, timestamp=0, timestamp_type=0, key=sent.key.encode(), value=sent.body,
        checksum=None, serialized_key_size=0, serialized_value_size=0, headers=sent.headers("test"),
    )  # fmt: skip


def message_of(envelope: Envelope) -> Message:
    """The message that an envelope carries."""
    return BY_TYPE[envelope.type].model_validate_json(envelope.body)
