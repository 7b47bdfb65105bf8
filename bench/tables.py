"""The tables of all six services as the audit of the books reads them: one pass over each, then dicts by order."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

Row = Any
ByOrder = Mapping[UUID, Sequence[Row]]

# What is read of each service. One connection and one pass each; the rest is done here, in dicts.
TABLES = {
    "gateway": {"orders": "SELECT id AS order_id, kind, reseller, state, document, event FROM orders"},
    "customer": {"customers": "SELECT id, order_id, reseller, state FROM customer"},
    "numbers": {
        "numbers": "SELECT e164, state, owner AS order_id, reseller FROM number WHERE owner_kind = 'order'"
        " UNION ALL SELECT generate_series(first, last), state, owner, reseller FROM span"
    },
    "billing": {"charges": "SELECT order_id, line, reseller, service_id, grade, numbers, quantity, state FROM charge"},
    "provisioning": {
        "sagas": "SELECT id AS order_id, status, reseller,"
        " (SELECT substr(fact, strpos(fact, ' '))::json ->> 'recipients'"
        "  FROM saga_move, regexp_split_to_table(facts, E'\\n') AS fact"
        "  WHERE saga_move.saga = saga.id AND fact LIKE 'customer.CustomerRe%') AS recipients"
        " FROM saga",
        "services": "SELECT id, order_id, line, reseller, customer_id, coalesce(made_with, numbers) AS numbers, state,"
        " verb, version, changing, numbers AS has FROM service",
    },
    "notifier": {
        "mails": "SELECT order_id, recipient, reseller, outcome FROM mail WHERE purpose <> 'webhook_disabled'"
    },
}
UNSENT = "SELECT count(*) FROM journal WHERE NOT sent"
OPEN = "SELECT count(*) FROM orders WHERE ended_at IS NULL"


class Order(NamedTuple):
    """An accepted order: what was asked, how it ended, and what it says that it made."""

    id: UUID
    reseller: str
    state: str
    document: Mapping[str, Any]
    event: Mapping[str, Any]

    @property
    def creates_customer(self) -> bool:
        """Whether the order brought its customer with it."""
        return bool(self.document["customer"]["kind"] == "new")

    @property
    def numbers(self) -> dict[int, int]:
        """The numbers of a completed order, with their lines."""
        return {int(n): s["line"] for s in self.event.get("services", ()) for n in s["numbers"]}

    def otherwise(self, line: int) -> Mapping[str, Any]:
        """What became of a line that was not made as it was asked for; nothing of one that was."""
        return next((one for one in self.event.get("lines", ()) if one["line"] == line), {})

    def services(self, line: int) -> int:
        """How many services that line asks for; none if it was left out."""
        asked = self.document["lines"][line]
        if self.otherwise(line).get("state") == "refused":
            return 0
        return max(1, wanted(asked["numbers"])) if asked["grouping"] == "each" else 1


class Books(NamedTuple):
    """All tables, and by order what belongs to it."""

    orders: Mapping[UUID, Order]
    changes: Mapping[UUID, Order]
    """Those orders that change a service."""
    sagas: Mapping[UUID, Row]
    services: ByOrder
    numbers: ByOrder
    charges: ByOrder
    customers: ByOrder
    states: Mapping[UUID, str]
    """Of every customer, also of those that no order made."""
    mails: ByOrder
    unsent: Mapping[str, int]


async def read(databases: Mapping[str, str]) -> Books:
    """All of it. `databases`: URL by service, as SQLAlchemy takes it."""
    tables: dict[str, list[Row]] = {}
    unsent: dict[str, int] = {}

    async def of(service: str) -> None:
        db = await asyncpg.connect(_plain(databases[service]))
        try:
            for name, query in TABLES[service].items():
                tables[name] = await db.fetch(query)
            unsent[service] = await db.fetchval(UNSENT)
        finally:
            await db.close()

    await asyncio.gather(*(of(service) for service in TABLES))
    return Books(
        orders={row["order_id"]: _order(row) for row in tables["orders"] if row["kind"] == "order"},
        changes={row["order_id"]: _order(row) for row in tables["orders"] if row["kind"] == "change"},
        sagas={row["order_id"]: row for row in tables["sagas"]},
        services=_by_order(tables["services"]),
        numbers=_by_order(tables["numbers"]),
        charges=_by_order(tables["charges"]),
        customers=_by_order(row for row in tables["customers"] if row["order_id"] is not None),
        states={row["id"]: row["state"] for row in tables["customers"]},
        mails=_by_order(tables["mails"]),
        unsent=unsent,
    )


async def still_open(databases: Mapping[str, str]) -> int:
    """How many accepted orders have not ended."""
    db = await asyncpg.connect(_plain(databases["gateway"]))
    try:
        return int(await db.fetchval(OPEN))
    finally:
        await db.close()


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


def _order(row: Row) -> Order:
    document, event = orjson.loads(row["document"]), orjson.loads(row["event"]) if row["event"] else {}
    return Order(row["order_id"], row["reseller"], row["state"], document, event)


def _by_order(rows: Iterator[Row] | Sequence[Row]) -> ByOrder:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["order_id"]].append(row)
    return dict(found)


def wanted(numbers: Mapping[str, Any]) -> int:
    return len(numbers["exact"]) or int(numbers["count"])
