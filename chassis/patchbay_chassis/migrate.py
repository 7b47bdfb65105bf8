"""`python -m patchbay_chassis.migrate numbers_service`: bring PATCHBAY_DATABASE to the newest version."""

import asyncio
import sys
from importlib import import_module
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from patchbay_chassis.settings import ServiceSettings


def upgrade(connection: Connection, package: str) -> None:
    """Run what is missing of the package's migrations, all in the connection's transaction."""
    _migrate(connection, package, "head")


def downgrade(connection: Connection, package: str) -> None:
    """Take all of the package's migrations back."""
    _migrate(connection, package, "base")


def _migrate(connection: Connection, package: str, target: str) -> None:
    module = import_module(package)
    assert module.__file__ is not None
    folder = Path(module.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    step = script._upgrade_revs if target == "head" else script._downgrade_revs
    with EnvironmentContext(config, script, fn=lambda revision, _: step(target, revision)) as context:
        context.configure(connection=connection, transaction_per_migration=False)
        context.run_migrations()


async def main(package: str) -> None:
    """Migrate the database that the environment names."""
    engine = create_async_engine(ServiceSettings().database, poolclass=NullPool)
    async with engine.begin() as db:
        await db.run_sync(upgrade, package)
    await engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    asyncio.run(main(sys.argv[1]))
