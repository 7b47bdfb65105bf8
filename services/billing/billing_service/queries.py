"""All SQL of billing."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from billing_service.model import Charge, Price, PriceList
from patchbay_chassis.database import Connection
from patchbay_contracts.v1.billing import OpenBilling
from patchbay_contracts.words import Grade

_LISTS = """
    SELECT l.id, l.reseller, l.currency, l.valid_from, l.valid_to, p.service_type, p.grade, p.setup, p.monthly
    FROM price_list l LEFT JOIN price p ON p.price_list = l.id WHERE l.id = ANY($1::text[])"""
_BARRED = """
    SELECT customer_id, true FROM account WHERE customer_id = ANY($1::uuid[]) AND state = 'blocked'
    UNION ALL SELECT cause, false FROM undone WHERE step = $3 AND cause = ANY($2::uuid[])"""
_CHARGE = """
    WITH opened AS (
        INSERT INTO account (customer_id, reseller) SELECT * FROM unnest($1::uuid[], $2::text[])
        ON CONFLICT (customer_id) DO NOTHING)
    INSERT INTO charge (order_id, position, line, reseller, customer_id, service_type, grade, numbers, quantity,
                        setup, monthly, currency)
    SELECT c.order_id, c.position, c.line, c.reseller, c.customer_id, c.service_type, c.grade,
           c.numbers::bigint[], c.quantity, c.setup, c.monthly, c.currency
    FROM unnest($3::uuid[], $4::smallint[], $5::smallint[], $6::text[], $7::uuid[], $8::text[], $9::text[],
                $10::text[], $11::int[], $12::numeric[], $13::numeric[], $14::text[])
         AS c(order_id, position, line, reseller, customer_id, service_type, grade, numbers, quantity, setup, monthly,
              currency)
    ON CONFLICT (order_id, position) DO NOTHING"""
_VOID = """
    WITH mine AS (
        SELECT order_id, position FROM charge WHERE order_id = ANY($1::uuid[]) AND state = 'pending'
        ORDER BY order_id, position FOR UPDATE)
    UPDATE charge SET state = 'void' FROM mine
    WHERE charge.order_id = mine.order_id AND charge.position = mine.position"""
_START = """
    WITH mine AS (
        SELECT order_id, position FROM charge WHERE order_id = ANY($1::uuid[]) AND state = 'pending'
        ORDER BY order_id, position FOR UPDATE)
    UPDATE charge SET state = 'active', starts_at = now() FROM mine
    WHERE charge.order_id = mine.order_id AND charge.position = mine.position"""


async def price_lists(db: Connection, ids: Sequence[str]) -> dict[str, PriceList]:
    """Those price lists that there are, with all their prices."""
    prices: dict[str, dict[tuple[str, Grade | None], Price]] = {}
    lists: dict[str, PriceList] = {}
    for row in await db.fetch(_LISTS, ids):
        of_list = prices.setdefault(row.id, {})
        lists[row.id] = PriceList(row.id, row.reseller, row.currency, row.valid_from, row.valid_to, of_list)
        if row.service_type is not None:
            of_list[row.service_type, row.grade or None] = Price(row.setup, row.monthly)
    return lists


async def barred(db: Connection, commands: Sequence[OpenBilling], step: str) -> tuple[set[UUID], set[UUID]]:
    """The customers whose account is blocked, and the orders whose `step` was taken back before it came."""
    customers, orders = {c.customer_id for c in commands}, [c.order_id for c in commands]
    found = await db.fetch(_BARRED, list(customers), orders, step)
    return {id_ for id_, blocked in found if blocked}, {id_ for id_, blocked in found if not blocked}


async def charge(db: Connection, charges: Sequence[Charge], commands: Sequence[OpenBilling]) -> None:
    """Open an account for each customer and write charges, pending; what is there already stays as it is."""
    reseller_of = {command.customer_id: command.reseller for command in commands}
    customers = sorted(reseller_of)
    of_order = {command.order_id: command for command in commands}
    rows = sorted(charges, key=lambda charge: (charge.order_id, charge.position))
    await db.execute(
        _CHARGE,
        customers,
        [reseller_of[c] for c in customers],
        [c.order_id for c in rows],
        [c.position for c in rows],
        [c.line for c in rows],
        [of_order[c.order_id].reseller for c in rows],
        [of_order[c.order_id].customer_id for c in rows],
        [c.service_type for c in rows],
        [c.grade or "" for c in rows],
        ["{" + ",".join(map(str, c.numbers)) + "}" for c in rows],
        [c.quantity for c in rows],
        [c.price.setup for c in rows],
        [c.price.monthly for c in rows],
        [c.currency for c in rows],
    )


async def void(db: Connection, orders: Iterable[UUID]) -> None:
    """The orders' charges never start."""
    await db.execute(_VOID, sorted(orders))


async def start(db: Connection, orders: Iterable[UUID]) -> None:
    """The orders' charges start now."""
    await db.execute(_START, sorted(orders))
