"""How long the numbers of a pool rest after they were in service."""

from datetime import timedelta

from numbers_service import inventory_log
from numbers_service.inventory_log import Reason
from patchbay_chassis.database import Connection, affected
from patchbay_contracts.inventory import SetQuarantine
from patchbay_contracts.inventory_answers import Changed

_SET = """
    INSERT INTO pool_rule AS r (pool, owner, quarantine, who) VALUES ($1, $2, $3, $4)
    ON CONFLICT (pool, owner) DO UPDATE SET quarantine = excluded.quarantine, who = excluded.who, at = now()
    WHERE r.quarantine <> excluded.quarantine"""
_UNSET = "DELETE FROM pool_rule WHERE pool = $1 AND owner = $2"


async def set_(db: Connection, reason: Reason, asked: SetQuarantine) -> Changed:
    """From now on numbers of that pool rest so long. What rests already goes on as it began."""
    pool, days = asked.of, asked.days
    if days is None:
        changed = affected(await db.execute(_UNSET, pool.pool, pool.owner))
    else:
        changed = affected(await db.execute(_SET, pool.pool, pool.owner, timedelta(days=days), reason.who))
    if changed:
        detail = {"pool": pool.pool, "owner": pool.owner, "days": days}
        await inventory_log.note(db, reason, "quarantine set", detail)
    return Changed(changed=changed)
