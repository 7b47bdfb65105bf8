"""SQL of looking after resellers."""

from patchbay_chassis.database import Connection
from patchbay_contracts.customers import ResellerRecord

_ADD = """
    INSERT INTO reseller (id, name, email, state, parent) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, parent = excluded.parent"""
# Upwards from the one that shall be above; a way that comes by the lower one would go round.
_ABOVE = """
    WITH RECURSIVE up AS (
        SELECT id, parent FROM reseller WHERE id = $1
        UNION
        SELECT r.id, r.parent FROM reseller AS r JOIN up ON r.id = up.parent)
    SELECT count(*) > 0 AND bool_and(id <> $2) FROM up"""


async def add(db: Connection, record: ResellerRecord) -> None:
    """Add a reseller, or give it that name, address and place."""
    await db.execute(_ADD, record.id, record.name, record.email, record.state, record.parent)


async def may_be_above(db: Connection, upper: str, lower: str) -> bool:
    """Whether the upper one is there, and is not itself below the lower one."""
    return bool(await db.fetchval(_ABOVE, upper, lower))
