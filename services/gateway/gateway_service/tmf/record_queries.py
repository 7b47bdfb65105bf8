"""All SQL about what clients of the TM Forum API say of services and numbers that Patchbay itself does not keep."""

from collections.abc import Collection, Sequence
from typing import Any, Literal

import orjson

from patchbay_chassis.database import Connection, affected

Kind = Literal["service", "resource"]
_PUT = """
    INSERT INTO tmf_record (reseller, kind, id, sent) VALUES ($1, $2, $3, $4)
    ON CONFLICT (reseller, kind, id) DO UPDATE SET sent = excluded.sent"""
_CREATE = f"{_PUT} WHERE tmf_record.sent = $5"
_GET = "SELECT id, sent FROM tmf_record WHERE reseller = $1 AND kind = $2 AND id = ANY($3::text[])"
# A name may be a value's as well.
_NAMING = """
    SELECT id, sent FROM tmf_record
    WHERE reseller = $1 AND kind = $2
        AND EXISTS (SELECT FROM unnest($3::text[]) AS named(name) WHERE strpos(sent, name) > 0)
    LIMIT $4"""
_DELETE = "DELETE FROM tmf_record WHERE reseller = $1 AND kind = $2 AND id = $3"


async def put(db: Connection, reseller: str, kind: Kind, id_: str, sent: dict[str, Any]) -> None:
    """Keep what is said of it, in place of what was said before."""
    await db.execute(_PUT, reseller, kind, id_, orjson.dumps(sent).decode())


async def create(
    db: Connection, reseller: str, kind: Kind, id_: str, sent: dict[str, Any], *, left_over: dict[str, Any] | None
) -> bool:
    """Keep what is said of it, unless something is kept already, but for what is left over of another that had its id.
    Whether it is kept now."""
    gone = None if left_over is None else orjson.dumps(left_over).decode()
    return affected(await db.execute(_CREATE, reseller, kind, id_, orjson.dumps(sent).decode(), gone)) == 1


async def get(db: Connection, reseller: str, kind: Kind, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What was said of these, by id."""
    rows = await db.fetch(_GET, reseller, kind, list(ids)) if ids else ()
    return {row.id: orjson.loads(row.sent) for row in rows}


async def naming(
    db: Connection, reseller: str, kind: Kind, names: Collection[str], most: int
) -> dict[str, dict[str, Any]]:
    """What was said of things, by id, where one of these attributes is named, and perhaps others."""
    written = [orjson.dumps(name).decode() for name in names]
    rows = await db.fetch(_NAMING, reseller, kind, written, most)
    return {row.id: orjson.loads(row.sent) for row in rows}


async def delete(db: Connection, reseller: str, kind: Kind, id_: str) -> None:
    """Forget what was said of it."""
    await db.execute(_DELETE, reseller, kind, id_)
