"""Provisioning under test: its router, and orders as the gateway would place them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from patchbay_chassis.database import Connection, Database
from patchbay_chassis.router import Router
from provisioning_service import catalogue_queries, handlers
from provisioning_service.catalogue import ALWAYS

from .catalogue_serving import Served
from .entries import VOICE_LINE
from .orders import FIRST, line, order
from .story import Story


@pytest.fixture(scope="session")
def service_package() -> str:
    return "provisioning_service"


@pytest.fixture
def router() -> Router:
    return handlers.router


@pytest_asyncio.fixture
async def catalogue(db: Connection) -> None:
    """One service type, with a setting that has rules."""
    await catalogue_queries.publish_first(db, "voice-line", VOICE_LINE, ALWAYS)


@pytest_asyncio.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    """The service as others ask it, with the same service type, on a database of its own."""
    async with Served(database) as served:
        async with database.transaction() as db:
            await catalogue_queries.publish_first(db, "voice-line", VOICE_LINE, ALWAYS)
        yield served


@pytest.fixture
def story() -> Story:
    """An order of one line, just begun."""
    return Story(order(line(FIRST)))
