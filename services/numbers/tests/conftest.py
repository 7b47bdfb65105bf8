"""The numbers service under test: its router, a block in each pool, and its HTTP on a real database."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from numbers_service import handlers
from numbers_service.waiting import Locked
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.router import Router
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from services.numbers.tests.serving import Served

BLOCKS = """
    INSERT INTO block (first, last, country, trunk, area, pool, owner) VALUES
    (441214960000, 441214960999, '44', '0', 'Birmingham', 'public', ''),
    (442079460000, 442079460009, '44', '0', 'London', 'public', ''),
    (442079460010, 442079460019, '44', '0', 'London', 'public', ''),
    (441314960000, 441314960999, '44', '0', 'Edinburgh', 'reseller', 'acme'),
    (441134960000, 441134960099, '44', '0', 'Leeds', 'customer', 'acme/00000000-0000-7000-8000-000000000001')"""


@pytest.fixture(scope="session")
def service_package() -> str:
    return "numbers_service"


@pytest.fixture
def router() -> Router:
    return handlers.router


@pytest_asyncio.fixture
async def blocks(db: Connection) -> None:
    await db.execute(BLOCKS)


@pytest_asyncio.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    """With the same blocks, on a database of its own."""
    async with Served(database) as served:
        await served.do(BLOCKS)
        yield served


@pytest.fixture
def deliver(deliver: Deliver, db: Connection) -> Deliver:
    """Each delivery has locked nothing yet, as if it were a transaction of its own."""

    async def delivered(*messages: Message, times: int = 2) -> list[Message]:
        answers = []
        for _ in range(times):
            db.gather(Locked).highest = -1
            answers.append(await deliver(*messages, times=1))
        assert answers[0] == answers[-1], "delivered again, the same messages were answered differently"
        return answers[0]

    return delivered
