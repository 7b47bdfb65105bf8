"""One database and one role per service: a role gets into its own, and into no other."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from patchbay_local.databases import create_databases, drop_databases
from patchbay_local.state import State
from patchbay_local.throwaway import some_postgres

SERVICES = ("billing", "numbers")
OWNERS = """
SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()
 UNION SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname IN ('public', 'more')
 UNION SELECT tableowner FROM pg_tables WHERE tablename = 'mine'
"""


@pytest.fixture(scope="module")
def admin_url() -> Iterator[str]:
    with some_postgres() as url:
        yield url


@pytest.fixture
async def prefix(admin_url: str) -> AsyncIterator[str]:
    prefix = f"t{secrets.token_hex(4)}_"
    yield prefix
    await drop_databases(admin_url, SERVICES, prefix)


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


async def test_a_role_owns_its_database(admin_url: str, prefix: str, state: State) -> None:
    urls = await create_databases(admin_url, SERVICES, state, prefix)
    connection = await asyncpg.connect(_plain(urls["numbers"]))
    await connection.execute("CREATE TABLE mine (x int)")
    await connection.execute("CREATE SCHEMA more")
    owners = await connection.fetch(OWNERS)
    await connection.close()
    assert [owner for (owner,) in owners] == [f"{prefix}patchbay_numbers"]


async def test_no_role_can_connect_to_anothers_database(admin_url: str, prefix: str, state: State) -> None:
    urls = await create_databases(admin_url, SERVICES, state, prefix)
    server = _plain(urls["numbers"]).rpartition("/")[0]
    foreign = f"{server}/{prefix}patchbay_billing"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(foreign)


async def test_a_role_cannot_come_in_with_a_wrong_password(admin_url: str, prefix: str, state: State) -> None:
    url = _plain((await create_databases(admin_url, SERVICES, state, prefix))["billing"])
    secret = url.split(":")[2].split("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url.replace(secret, "wrong"))


async def test_doing_it_twice_keeps_data_and_passwords(admin_url: str, prefix: str, state: State) -> None:
    first = await create_databases(admin_url, SERVICES, state, prefix)
    connection = await asyncpg.connect(_plain(first["billing"]))
    await connection.execute("CREATE TABLE kept (x int)")
    await connection.close()

    assert await create_databases(admin_url, SERVICES, State(state.folder), prefix) == first

    connection = await asyncpg.connect(_plain(first["billing"]))
    assert await connection.fetchval("SELECT count(*) FROM kept") == 0
    await connection.close()


async def test_the_real_databases_are_never_dropped(admin_url: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        await drop_databases(admin_url, SERVICES, "")
