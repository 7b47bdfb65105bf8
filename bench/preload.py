"""Fills every table with orders that ended before, so that a run shows what a full database costs.

They are copies of an order of the warm-up, with everything that it left in the six databases, under older ids.
"""

import time
from dataclasses import dataclass, field

import asyncpg

from bench.world import BLOCK, BLOCKS, FIRST_NUMBER, World, say

_NUMBERS_FROM = FIRST_NUMBER + BLOCK * BLOCKS
CHUNK = 100_000


@dataclass(frozen=True)
class Table:
    """A table, which of its rows are the model of the copies, and the columns in which a copy differs."""

    service: str
    name: str
    model: str
    own: dict[str, str] = field(default_factory=dict)


# UUIDv7 of the day before, in the order of n.
_ID = (
    "CAST(lpad(to_hex(CAST(extract(epoch FROM now() - interval '20 hours') * 1000 AS bigint) + n), 12, '0')"
    " || '7{lane:03x}8' || lpad(to_hex(n), 15, '0') AS uuid)"
)
ID = _ID.format(lane=0)
TABLES = (
    Table("gateway", "orders", "state = 'completed' LIMIT 1", {"id": ID}),
    Table("customer", "customer", "order_id IS NOT NULL LIMIT 1", {"id": ID, "order_id": ID, "reference": "NULL"}),
    Table("numbers", "number", "state = 'assigned' LIMIT 1", {"e164": f"{_NUMBERS_FROM} + n", "owner": ID}),
    Table("billing", "account", "true LIMIT 1", {"customer_id": ID}),
    Table(
        "billing",
        "charge",
        "order_id = (SELECT order_id FROM charge WHERE state = 'active' LIMIT 1)",
        {"order_id": ID, "customer_id": ID},
    ),
    Table("provisioning", "saga", "status = 'completed' LIMIT 1", {"id": ID}),
    Table(
        "provisioning",
        "saga_move",
        "saga = (SELECT id FROM saga WHERE status = 'completed' LIMIT 1)",
        {"saga": ID},
    ),
    Table("provisioning", "service", "state = 'active' LIMIT 1", {"id": ID, "order_id": ID}),
    Table("notifier", "mail", "state = 'sent' LIMIT 1", {"order_id": ID}),
    Table("notifier", "delivery", "outcome = 'sent' LIMIT 1", {"order_id": ID}),
)


async def fill(world: World, orders: int) -> None:
    """Copy a warm-up order so many times, and let PostgreSQL take its statistics as if it had always been so."""
    databases = {name: await asyncpg.connect(world.database(name)) for name in world.databases()}
    warm_up = await databases["gateway"].fetchval("SELECT count(*) FROM orders")
    for table in TABLES:
        await copies(databases[table.service], table, orders)
    for service, db in databases.items():
        handled = await db.fetchval("SELECT count(*) FROM journal")
        for lane in range(1, round(handled / warm_up) + 1):
            model = f"cause = (SELECT cause FROM journal ORDER BY cause DESC OFFSET {lane} LIMIT 1)"
            await copies(db, Table(service, "journal", model, {"cause": _ID.format(lane=lane)}), orders)
        await db.execute("VACUUM ANALYZE")
    await databases["gateway"].execute("CHECKPOINT")
    for db in databases.values():
        await db.close()


async def copies(db: asyncpg.Connection, table: Table, orders: int) -> None:
    """So many rows more in that table."""
    began = time.perf_counter()
    columns = await db.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum",
        table.name,
    )
    names = [row["attname"] for row in columns]
    values = ", ".join(table.own.get(name, f'm."{name}"') for name in names)
    for first in range(0, orders, CHUNK):
        last = min(first + CHUNK, orders) - 1
        await db.execute(
            f"INSERT INTO {table.name} SELECT {values} FROM (SELECT * FROM {table.name} WHERE {table.model}) m,"
            f" generate_series({first}::bigint, {last}) AS n"
        )
    say(f"  {table.service}.{table.name}: {orders:,} copies in {time.perf_counter() - began:.0f} s")
