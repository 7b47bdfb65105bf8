"""Provisioning under test: its router, and orders as the gateway would place them."""

import orjson
import pytest
import pytest_asyncio

from patchbay_chassis.database import Connection
from patchbay_chassis.router import Router
from provisioning_service import handlers

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
    schema = {"type": "object", "properties": {"voicemail": {"type": "boolean"}}, "additionalProperties": False}
    await db.execute(
        "INSERT INTO service_type (id, name, description, least_numbers, most_numbers, settings_schema)"
        " VALUES ('voice-line', 'Voice line', '', 1, 2, $1::json)",
        orjson.dumps(schema).decode(),
    )


@pytest.fixture
def story() -> Story:
    """An order of one line, just begun."""
    return Story(order(line(FIRST)))
