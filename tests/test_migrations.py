"""Each service's tables can be taken back to none and made again, and are the same then."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from patchbay_chassis import migrate
from patchbay_local.processes import SERVICES

# Partitions are left out: they are of the day on which they are made.
_THERE = """
    WITH own AS (
        SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace AND NOT relispartition
        AND relname NOT LIKE 'alembic_version%')
    SELECT concat_ws(' ', relkind, relname, reloptions::text,
        CASE relkind WHEN 'i' THEN pg_get_indexdef(oid) WHEN 'I' THEN pg_get_indexdef(oid)
            WHEN 'v' THEN pg_get_viewdef(oid) END) FROM own
    UNION ALL
    SELECT concat_ws(' ', own.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
    FROM own JOIN pg_attribute a ON a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT concat_ws(' ', own.relname, c.conname, c.convalidated, pg_get_constraintdef(c.oid))
    FROM own JOIN pg_constraint c ON c.conrelid = own.oid
    UNION ALL
    SELECT concat_ws(' ', own.relname, pg_get_triggerdef(t.oid)) FROM own JOIN pg_trigger t ON t.tgrelid = own.oid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')"""


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    """The URL of a database in which nothing is."""
    name = f"migrations_{uuid4().hex[:8]}"
    asyncio.run(_do(postgres, f"CREATE DATABASE {name}"))
    yield f"{postgres.replace('postgresql://', 'postgresql+asyncpg://')}/{name}"
    asyncio.run(_do(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


async def _do(admin: str, statement: str) -> None:
    db = await asyncpg.connect(f"{admin}/postgres")
    await db.execute(statement)
    await db.close()


def _there(db: Connection) -> set[str]:
    """All that was made, and how."""
    return set(db.execute(text(_THERE)).scalars())


@pytest.mark.parametrize("service", SERVICES)
async def test_tables_are_the_same_after_they_were_taken_back_and_made_again(empty: str, service: str) -> None:
    engine, seen, package = create_async_engine(empty, poolclass=NullPool), list[set[str]](), f"{service}_service"
    for step in (migrate.upgrade, migrate.downgrade, migrate.upgrade):
        async with engine.begin() as db:
            await db.run_sync(step, package)
            seen.append(await db.run_sync(_there))
    await engine.dispose()
    made, left, again = seen
    assert made
    assert left == set()
    assert sorted(again ^ made) == []
