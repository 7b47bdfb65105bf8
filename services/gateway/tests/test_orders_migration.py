"""Orders that were placed before it was noted whom they are for, on a real database."""

from importlib import import_module
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from .posted import CUSTOMER
from .registry import ADA

EXISTING = '{"customer": {"kind": "existing", "id": "' + CUSTOMER + '"}}'
NEW = '{"customer": {"kind": "new", "name": "Ada"}, "lines": [{"settings": {"code": 1e400}}]}'
CHANGE = '{"service_id": "x", "version": 1}'
MADE = '{"customer_id": "' + str(ADA) + '"}'
OLD = [
    ("failed", EXISTING, '{"step": "billing"}', CUSTOMER),
    ("accepted", EXISTING, None, CUSTOMER),
    ("completed", NEW, MADE, str(ADA)),
    ("failed", NEW, '{"step": "billing"}', None),
    ("completed", CHANGE, MADE, str(ADA)),
    ("accepted", CHANGE, None, None),
]
_INSERT = """
    INSERT INTO orders (reseller, id, state, document, event, accepted_at)
    VALUES ('acme', gen_random_uuid(), :state, :document, :event, now())"""
_FOUND = "SELECT state, document, event, customer_id::text FROM orders ORDER BY ctid"


def _there_and_back(connection: Connection) -> list[Any]:
    """Taken back, filled as it was before, and brought up again; what then is in the table."""
    step = import_module("gateway_service.migrations.0008_orders_of_customers")
    with Operations.context(MigrationContext.configure(connection)):
        step.downgrade()
        for state, document, event, _customer in OLD:
            connection.execute(text(_INSERT), {"state": state, "document": document, "event": event})
        step.upgrade()
    return [tuple(row) for row in connection.execute(text(_FOUND))]


async def test_orders_that_were_there_know_their_customers_as_far_as_that_is_known(database_url: str) -> None:
    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.begin() as connection:
        rows = await connection.run_sync(_there_and_back)
    await engine.dispose()
    assert sorted(map(str, rows)) == sorted(map(str, OLD))
