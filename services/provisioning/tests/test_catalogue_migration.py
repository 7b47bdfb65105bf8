"""Service types that were sold before they had versions, on a real database."""

from importlib import import_module
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from patchbay_chassis.database import Database
from provisioning_service import catalogue_queries
from provisioning_service.catalogue import ALWAYS

OLD = """
    INSERT INTO service_type (id, name, description, least_numbers, most_numbers, settings_schema, terms)
    VALUES ('telex', 'Telex', 'Clatters.', 1, 2, '{"type": "object"}', 'Be brief.')"""


def _there_and_back(connection: Connection) -> list[Any]:
    """Taken back, filled as it was before, brought up again, and taken back; what then is in the table."""
    step = import_module("provisioning_service.migrations.0004_catalogue")
    with Operations.context(MigrationContext.configure(connection)):
        step.downgrade()
        connection.execute(text(OLD))
        step.upgrade()
        step.downgrade()
        rows = connection.execute(text("SELECT id, name, least_numbers, most_numbers, terms FROM service_type")).all()
        step.upgrade()
    return [tuple(row) for row in rows]


async def test_a_service_type_without_versions_becomes_its_first_and_could_go_back(
    database_url: str, database: Database
) -> None:
    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.begin() as connection:
        rows = await connection.run_sync(_there_and_back)
    await engine.dispose()
    assert rows == [("telex", "Telex", 1, 2, "Be brief.")]
    async with database.connection() as db:
        types = (await catalogue_queries.service_types(db, ["telex"]))["telex"]
    telex = types.on(ALWAYS)
    assert telex is not None
    assert (telex.version, telex.entry.name, telex.least_numbers) == (1, "Telex", 1)
    assert telex.settings.is_valid({"speed": 50})
