"""All SQL of billing."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from billing_service.model import Charge, Price, PriceList
from patchbay_contracts.v1.billing import OpenBilling
from patchbay_contracts.words import Grade

_LISTS = text("""
    SELECT l.id, l.reseller, l.currency, l.valid_from, l.valid_to, p.service_type, p.grade, p.setup, p.monthly
    FROM price_list l LEFT JOIN price p ON p.price_list = l.id WHERE l.id = ANY(CAST(:ids AS text[]))""")
_BLOCKED = text("""
    SELECT customer_id FROM account
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND state = 'blocked'""")
_OPEN = text("""
    INSERT INTO account (customer_id, reseller)
    SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:resellers AS text[]))
    ON CONFLICT (customer_id) DO NOTHING""")
_CHARGE = text("""
    INSERT INTO charge (order_id, position, line, reseller, customer_id, service_type, grade, numbers, quantity,
                        setup, monthly, currency)
    SELECT c.order_id, c.position, c.line, c.reseller, c.customer_id, c.service_type, c.grade,
           CAST(c.numbers AS bigint[]), c.quantity, c.setup, c.monthly, c.currency
    FROM unnest(CAST(:order_id AS uuid[]), CAST(:position AS smallint[]), CAST(:line AS smallint[]),
                CAST(:reseller AS text[]), CAST(:customer_id AS uuid[]), CAST(:service_type AS text[]),
                CAST(:grade AS text[]), CAST(:numbers AS text[]), CAST(:quantity AS int[]),
                CAST(:setup AS numeric[]), CAST(:monthly AS numeric[]), CAST(:currency AS text[]))
         AS c(order_id, position, line, reseller, customer_id, service_type, grade, numbers, quantity, setup, monthly,
              currency)
    ON CONFLICT (order_id, position) DO NOTHING""")
_VOID = text("""
    WITH mine AS (
        SELECT order_id, position FROM charge WHERE order_id = ANY(CAST(:orders AS uuid[])) AND state = 'pending'
        ORDER BY order_id, position FOR UPDATE)
    UPDATE charge SET state = 'void' FROM mine
    WHERE charge.order_id = mine.order_id AND charge.position = mine.position""")
_START = text("""
    WITH mine AS (
        SELECT order_id, position FROM charge WHERE order_id = ANY(CAST(:orders AS uuid[])) AND state = 'pending'
        ORDER BY order_id, position FOR UPDATE)
    UPDATE charge SET state = 'active', starts_at = now() FROM mine
    WHERE charge.order_id = mine.order_id AND charge.position = mine.position""")


async def price_lists(db: AsyncConnection, ids: Iterable[str]) -> dict[str, PriceList]:
    """Those price lists that there are, with all their prices."""
    prices: dict[str, dict[tuple[str, Grade | None], Price]] = {}
    lists: dict[str, PriceList] = {}
    for row in await db.execute(_LISTS, {"ids": sorted(set(ids))}):
        of_list = prices.setdefault(row.id, {})
        lists[row.id] = PriceList(row.id, row.reseller, row.currency, row.valid_from, row.valid_to, of_list)
        if row.service_type is not None:
            of_list[row.service_type, row.grade or None] = Price(row.setup, row.monthly)
    return lists


async def blocked(db: AsyncConnection, customers: Iterable[UUID]) -> set[UUID]:
    """Those of the customers whose account is blocked."""
    return set((await db.execute(_BLOCKED, {"customers": list(customers)})).scalars())


async def open_accounts(db: AsyncConnection, commands: Sequence[OpenBilling]) -> None:
    """An account for each customer; one that is there stays as it is."""
    reseller_of = {command.customer_id: command.reseller for command in commands}
    customers = sorted(reseller_of)
    await db.execute(_OPEN, {"customers": customers, "resellers": [reseller_of[c] for c in customers]})


async def charge(db: AsyncConnection, charges: Sequence[Charge], commands: Sequence[OpenBilling]) -> None:
    """Write charges, pending; those that were written before stay as they are."""
    if not charges:
        return
    of_order = {command.order_id: command for command in commands}
    rows = sorted(charges, key=lambda charge: (charge.order_id, charge.position))
    await db.execute(
        _CHARGE,
        {
            "order_id": [c.order_id for c in rows],
            "position": [c.position for c in rows],
            "line": [c.line for c in rows],
            "reseller": [of_order[c.order_id].reseller for c in rows],
            "customer_id": [of_order[c.order_id].customer_id for c in rows],
            "service_type": [c.service_type for c in rows],
            "grade": [c.grade or "" for c in rows],
            "numbers": ["{" + ",".join(map(str, c.numbers)) + "}" for c in rows],
            "quantity": [c.quantity for c in rows],
            "setup": [c.price.setup for c in rows],
            "monthly": [c.price.monthly for c in rows],
            "currency": [c.currency for c in rows],
        },
    )


async def void(db: AsyncConnection, orders: Iterable[UUID]) -> None:
    """The orders' charges never start."""
    await db.execute(_VOID, {"orders": sorted(orders)})


async def start(db: AsyncConnection, orders: Iterable[UUID]) -> None:
    """The orders' charges start now."""
    await db.execute(_START, {"orders": sorted(orders)})
