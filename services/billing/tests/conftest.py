"""Billing under test: its router, and a few price lists."""

import pytest
import pytest_asyncio

from billing_service import handlers
from patchbay_chassis.database import Connection
from patchbay_chassis.router import Router


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
