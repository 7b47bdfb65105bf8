"""All SQL about hubs of the TM Forum: who listens to which API. A hub is delivered to by a webhook."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from patchbay_chassis.database import Connection, affected

_ADD = """
    INSERT INTO tmf_hub (reseller, id, api, callback, query, types) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING"""
_ONE = "SELECT * FROM tmf_hub WHERE reseller = $1 AND api = $2 AND id = $3"
_ALL = "SELECT * FROM tmf_hub WHERE reseller = $1 AND api = $2 ORDER BY id"
_BY_CALLBACK = "SELECT * FROM tmf_hub WHERE reseller = $1 AND callback = $2 ORDER BY id"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext($1 || '/tmf-hub'))"
_DELETE = "DELETE FROM tmf_hub WHERE reseller = $1 AND api = $2 AND id = $3"


async def lock(db: Connection, reseller: str) -> None:
    """One at a time changes the hubs of a reseller."""
    await db.execute(_LOCK, reseller)


async def add(db: Connection, reseller: str, id_: UUID, hub: tuple[str, str, str, Sequence[str]]) -> bool:
    """Keep one: its API, callback, query and types; False if it is kept."""
    api, callback, query, types = hub
    return affected(await db.execute(_ADD, reseller, id_, api, callback, query, list(types))) == 1


async def one(db: Connection, reseller: str, api: str, id_: UUID) -> Any | None:
    """One of that reseller, or None."""
    return await db.fetchrow(_ONE, reseller, api, id_)


async def of_api(db: Connection, reseller: str, api: str) -> Sequence[Any]:
    """All of a reseller that listen to an API."""
    return await db.fetch(_ALL, reseller, api)


async def of_callback(db: Connection, reseller: str, callback: str) -> Sequence[Any]:
    """All of a reseller that are told at the same place."""
    return await db.fetch(_BY_CALLBACK, reseller, callback)


async def delete(db: Connection, reseller: str, api: str, id_: UUID) -> None:
    """Forget one."""
    await db.execute(_DELETE, reseller, api, id_)
