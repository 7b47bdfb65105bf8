"""How the inventory is used, block by block and pool by pool."""

from collections.abc import Sequence

from numbers_service.index import PoolOf
from patchbay_chassis.database import Connection
from patchbay_contracts.inventory_answers import BlockPage, BlockUsage, PoolPage, PoolUsage

# A number that is not free has a row or stands in a span, never both. A span or a lent range lies in one block.
_USED = """
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state = 'held') AS held, count(*) FILTER (WHERE state = 'assigned') AS assigned,
               count(*) FILTER (WHERE state = 'quarantined') AS quarantined
        FROM number WHERE e164 BETWEEN b.first AND b.last) n
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(last - first + 1) FILTER (WHERE state = 'assigned'), 0)::bigint AS assigned,
               coalesce(sum(last - first + 1) FILTER (WHERE state = 'quarantined'), 0)::bigint AS quarantined
        FROM span WHERE first BETWEEN b.first AND b.last) s
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(last - first + 1), 0)::bigint AS lent FROM lent WHERE first BETWEEN b.first AND b.last) l"""
_BLOCKS = f"""
    SELECT b.first AS block, b.last, b.country, b.area, b.pool, b.owner, b.last - b.first + 1 AS size,
           b.last - b.first + 1 - n.held - n.assigned - s.assigned - n.quarantined - s.quarantined AS free,
           n.held, n.assigned + s.assigned AS assigned, n.quarantined + s.quarantined AS quarantined, l.lent
    FROM (SELECT * FROM block WHERE first > $1 ORDER BY first LIMIT $2) b {_USED}
    ORDER BY b.first"""
_COUNT = f"""
    INSERT INTO block_use (first, held, assigned, quarantined)
    SELECT b.first, n.held, n.assigned + s.assigned, n.quarantined + s.quarantined
    FROM (SELECT * FROM block WHERE first = ANY($1::bigint[])) b {_USED} ORDER BY b.first
    ON CONFLICT (first) DO UPDATE
    SET held = excluded.held, assigned = excluded.assigned, quarantined = excluded.quarantined, at = now()"""
# What no round has counted yet is counted now.
_POOLS = f"""
    WITH pool AS (
        SELECT pool, owner FROM block WHERE (pool, owner) > ($1, $2)
        UNION SELECT pool, owner FROM lent WHERE (pool, owner) > ($1, $2)
        UNION SELECT pool, owner FROM pool_rule WHERE (pool, owner) > ($1, $2) ORDER BY pool, owner LIMIT $3),
    own AS (
        SELECT b.pool, b.owner, count(*) AS blocks, sum(b.last - b.first + 1) AS size,
               sum(coalesce(u.held, n.held)) AS held, sum(coalesce(u.assigned, n.assigned + s.assigned)) AS assigned,
               sum(coalesce(u.quarantined, n.quarantined + s.quarantined)) AS quarantined,
               sum(l.lent) AS lent, min(u.at) AS as_of
        FROM pool JOIN block b USING (pool, owner) LEFT JOIN block_use u ON u.first = b.first
        {
    _USED.replace("WHERE e164", "WHERE u.first IS NULL AND e164").replace(
        "FROM span WHERE", "FROM span WHERE u.first IS NULL AND"
    )
} GROUP BY b.pool, b.owner),
    borrowed AS (
        SELECT pool, owner, sum(last - first + 1) AS borrowed FROM pool JOIN lent USING (pool, owner)
        GROUP BY pool, owner),
    counted AS (
        SELECT pool, owner, coalesce(blocks, 0) AS blocks, coalesce(size, 0)::bigint AS size,
               coalesce(held, 0)::bigint AS held, coalesce(assigned, 0)::bigint AS assigned,
               coalesce(quarantined, 0)::bigint AS quarantined, coalesce(lent, 0)::bigint AS lent,
               coalesce(borrowed, 0)::bigint AS borrowed, as_of
        FROM pool LEFT JOIN own USING (pool, owner) LEFT JOIN borrowed USING (pool, owner))
    SELECT counted.*, size - held - assigned - quarantined AS free,
           (extract(epoch FROM r.quarantine) / 86400)::int AS quarantine_days
    FROM counted LEFT JOIN pool_rule r USING (pool, owner) ORDER BY pool, owner"""


async def count(db: Connection, blocks: Sequence[int]) -> None:
    """Note how these blocks are used, so that pools need not be counted number by number."""
    await db.execute(_COUNT, list(blocks))


async def by_block(db: Connection, after: int, most: int) -> BlockPage:
    """The next blocks, as one snapshot shows them."""
    rows = await db.fetch(_BLOCKS, after, most)
    usage = tuple(BlockUsage.model_validate(dict(row)) for row in rows)
    return BlockPage(usage=usage, next=str(usage[-1].block) if len(usage) == most else None)


async def by_pool(db: Connection, after: PoolOf, most: int) -> PoolPage:
    """The next pools: their blocks as they were last counted, how much is lent to them, and how long numbers rest."""
    rows = await db.fetch(_POOLS, *after, most)
    usage = tuple(PoolUsage.model_validate(dict(row)) for row in rows)
    return PoolPage(usage=usage, next=f"{usage[-1].pool}:{usage[-1].owner}" if len(usage) == most else None)
