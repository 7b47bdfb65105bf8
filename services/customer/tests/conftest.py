"""The customer service under test: its router, its keys, and two resellers with customers."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from customer_service import handlers
from customer_service.settings import settings
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.router import Router

from .serving import Served

TRANSPORT_KEY, PEPPER = bytes(range(32)), b"p" * 32
RESELLERS = """
    INSERT INTO reseller (id, name, email, state) VALUES
    ('acme', 'Acme Telecom', 'orders@acme.example', 'active'),
    ('borealis', 'Borealis Voice', 'orders@borealis.example', 'active'),
    ('closed', 'Closed Ltd', 'orders@closed.example', 'blocked')"""


@pytest.fixture(scope="session")
def service_package() -> str:
    return "customer_service"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What the process is told."""
    monkeypatch.setenv("PATCHBAY_PIN_TRANSPORT_KEY", urlsafe_b64encode(TRANSPORT_KEY).decode())
    monkeypatch.setenv("PATCHBAY_PIN_PEPPER", urlsafe_b64encode(PEPPER).decode())
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def router(keys: pytest.MonkeyPatch) -> Router:
    return handlers.router


@pytest_asyncio.fixture
async def served(workbench: str, keys: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """With resellers acme, borealis and closed (blocked), on a database that is emptied after each test."""
    database = Database(workbench, "tests")
    async with database.transaction() as db:
        await db.execute(RESELLERS)
    async with Served(database) as served:
        yield served
    async with database.transaction() as db:
        await db.execute("TRUNCATE pin_tries, customer_log, customer, reseller")
    await database.close()


@pytest_asyncio.fixture
async def world(db: Connection) -> None:
    """Resellers acme, borealis and closed (blocked); acme has Ada, and Bob who is blocked."""
    await db.execute(RESELLERS)
    await db.execute(
        """
        INSERT INTO customer (id, reseller, name, email, pin_hash, state, reference, others) VALUES
        ('00000000-0000-7000-8000-000000000001', 'acme', 'Ada', 'ada@example.com', '', 'active', 'C-ADA',
         '[{"kind":"contact","name":"Charles","email":"charles@example.com"}]'),
        ('00000000-0000-7000-8000-000000000002', 'acme', 'Bob', 'bob@example.com', '', 'blocked', NULL, '[]')"""
    )
