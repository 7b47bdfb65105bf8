"""Billing under test: its router, and a few price lists."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from billing_service import handlers
from billing_service.http import app
from billing_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.producer import Producer
from patchbay_chassis.router import Router
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns


@pytest.fixture(scope="session")
def service_package() -> str:
    return "billing_service"


@pytest.fixture
def router() -> Router:
    return handlers.router


@pytest_asyncio.fixture
async def prices(db: Connection) -> None:
    await add_prices(db)


async def add_prices(db: Connection) -> None:
    """A house list, one in euro, one of borealis', one of the past and one of the future; voice-line is in all."""
    await db.execute(
        """
        INSERT INTO price_list (id, reseller, name, currency, valid_from, valid_to) VALUES
        ('house', NULL, 'House', 'GBP', '2020-01-01', NULL), ('euro', NULL, 'Euro', 'EUR', '2020-01-01', NULL),
        ('theirs', 'borealis', 'Borealis', 'GBP', '2020-01-01', NULL),
        ('past', NULL, 'Past', 'GBP', '2020-01-01', '2020-12-31'),
        ('future', NULL, 'Future', 'GBP', '2099-01-01', NULL)"""
    )
    await db.execute(
        """
        INSERT INTO price (price_list, service_type, grade, setup, monthly)
        SELECT l.id, 'voice-line', g.grade, g.setup, g.monthly FROM price_list l,
        (VALUES ('', 5.00, 8.50), ('gold', 75.00, 5.00), ('standard', 0.00, 1.10)) AS g(grade, setup, monthly)"""
    )


class Pool:
    """The database of a test that rolls back, as a running service sees it."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def connection(self) -> "Pool":
        return self

    transaction = connection

    async def __aenter__(self) -> Connection:
        return self._db

    async def __aexit__(self, *_: object) -> None:
        return None


@pytest_asyncio.fixture
async def billing(db: Connection, prices: None) -> AsyncIterator[httpx.AsyncClient]:
    pool: Any = Pool(db)
    api = app(Running(pool, Turns(pool, Producer("nowhere:9092", "test", "")), settings()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://billing") as client:
        yield client
