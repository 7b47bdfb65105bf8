"""One database and one role per service, and no role that can connect to another's database."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import asyncpg

from patchbay_local.state import State, password


async def create_databases(admin_url: str, services: Sequence[str], state: State, prefix: str = "") -> dict[str, str]:
    """Makes what is missing and returns each service's own URL. `admin_url` may be any server's."""
    address = urlsplit(admin_url).netloc.rpartition("@")[2]
    urls = {}
    connection = await asyncpg.connect(_maintenance(admin_url))
    try:
        for service in services:
            name = f"{prefix}patchbay_{service}"
            secret = state.once(f"password of {name}", password)
            await _create(connection, name, secret)
            urls[service] = f"postgresql+asyncpg://{quote(name)}:{quote(secret)}@{address}/{quote(name)}"
    finally:
        await connection.close()
    for service in services:
        name = f"{prefix}patchbay_{service}"
        await _own_schema(_maintenance(admin_url, name), name)
    return urls


async def drop_databases(admin_url: str, services: Sequence[str], prefix: str) -> None:
    """For tests, which use prefixes; without one it would drop the real databases, so it must have one."""
    if not prefix:
        raise ValueError("a prefix is required")
    connection = await asyncpg.connect(_maintenance(admin_url))
    try:
        for service in services:
            name = _quoted(f"{prefix}patchbay_{service}")
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.execute(f"DROP ROLE IF EXISTS {name}")
    finally:
        await connection.close()


async def _create(connection: asyncpg.Connection, name: str, secret: str) -> None:
    role = _quoted(name)
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    # CREATE and ALTER ROLE take no parameters; the password is ours, of letters, digits, "-" and "_".
    await connection.execute(f"{'ALTER' if exists else 'CREATE'} ROLE {role} LOGIN PASSWORD '{secret}'")
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await connection.execute(f"GRANT {role} TO CURRENT_USER")  # else it could not give the database away
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await connection.execute(f"CREATE DATABASE {role} OWNER {role} TEMPLATE template0 ENCODING 'UTF8'")
    # Every role may connect to a new database until this is taken back.
    await connection.execute(f"REVOKE ALL ON DATABASE {role} FROM PUBLIC")


async def _own_schema(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"ALTER SCHEMA public OWNER TO {_quoted(name)}")
    finally:
        await connection.close()


def _maintenance(admin_url: str, database: str = "postgres") -> str:
    parts = urlsplit(admin_url)
    return parts._replace(path=f"/{quote(database)}").geturl()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
