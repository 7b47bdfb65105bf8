"""All SQL of amendments: what is charged for a service, and what a change adds to that."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from billing_service.amending import Amendment, Entry, Thing
from billing_service.model import Price
from patchbay_chassis.database import Connection
from patchbay_contracts.v1.changes import AmendBilling

# What a service was ordered with stands in the rows of its line, shared with the services beside it; what changed since
# names it. What is still pending of an order that made the service is about to start.
_ORDERED = """
    SELECT a.change_id, c.grade, c.quantity, c.setup, c.monthly, c.currency, NULL::timestamptz AS starts_at,
           c.price_list, c.version,
           ARRAY(SELECT n FROM unnest(c.numbers) n WHERE n = ANY(a.numbers::bigint[])) AS numbers
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::smallint[], $5::text[])
         AS a(change_id, reseller, order_id, line, numbers)
    JOIN charge c ON c.order_id = a.order_id AND c.line = a.line AND c.reseller = a.reseller
    WHERE c.service_id IS NULL AND c.state <> 'void' ORDER BY c.order_id, c.position"""
_CHANGED = """
    SELECT a.change_id, c.grade, c.quantity, c.setup, c.monthly, c.currency, c.starts_at, c.numbers, c.price_list,
           c.version
    FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS a(change_id, reseller, service_id)
    JOIN charge c ON c.service_id = a.service_id AND c.reseller = a.reseller
    WHERE c.service_id IS NOT NULL AND c.state <> 'void' AND c.order_id <> a.change_id
    ORDER BY c.order_id, c.position"""
_AMEND = """
    INSERT INTO charge (order_id, position, line, reseller, customer_id, service_id, service_type, grade, numbers,
                        quantity, setup, monthly, currency, starts_at, price_list, version)
    SELECT c.order_id, c.position, c.line, c.reseller, c.customer_id, c.service_id, c.service_type, c.grade,
           c.numbers::bigint[], c.quantity, c.setup, c.monthly, c.currency, c.starts_at,
           c.price_list, c.version
    FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
                $9::text[], $10::int[], $11::numeric[], $12::numeric[], $13::text[], $14::timestamptz[],
                $15::text[], $16::int[])
         AS c(order_id, position, line, reseller, customer_id, service_id, service_type, grade, numbers, quantity,
              setup, monthly, currency, starts_at, price_list, version)
    ORDER BY 1, 2 ON CONFLICT (order_id, position) DO NOTHING"""


async def ledgers(db: Connection, commands: Sequence[AmendBilling]) -> dict[UUID, list[Entry]]:
    """What is charged for the service of each change, and will be; by the change."""
    found: dict[UUID, list[Entry]] = {command.order_id: [] for command in commands}
    asked = [command.order_id for command in commands], [command.reseller for command in commands]
    services = [command.service for command in commands]
    ordered = await db.fetch(
        _ORDERED,
        *asked,
        [service.order_id for service in services],
        [service.line for service in services],
        ["{" + ",".join(map(str, service.numbers)) + "}" for service in services],
    )
    for row in ordered:
        found[row.change_id] += _entries(row, 1)
    for row in await db.fetch(_CHANGED, *asked, [service.id for service in services]):
        found[row.change_id] += _entries(row, -1 if row.quantity < 0 else 1)
    return found


def _entries(row: Any, quantity: int) -> list[Entry]:
    """A row thing by thing: of the services of a line, this is one."""
    grade = row.grade or None
    things = [Thing()] if grade is None else [Thing(grade, number) for number in row.numbers]
    price, by = Price(row.setup, row.monthly), (row.price_list, row.version)
    return [Entry(thing, quantity, price, row.currency, row.starts_at, *by) for thing in things]


async def amend(db: Connection, amendments: Sequence[tuple[AmendBilling, Sequence[Amendment]]]) -> None:
    """Write amendments, pending; what is there already stays as it is."""
    rows = [
        (
            command.order_id,
            position,
            command.service.line,
            command.reseller,
            command.customer_id,
            command.service.id,
            command.service.service_type,
            one.grade or "",
            "{" + ",".join(map(str, one.numbers)) + "}",
            one.quantity,
            one.price.setup,
            one.price.monthly,
            one.currency,
            one.starts_at,
            one.price_list,
            one.version,
        )
        for command, of_command in amendments
        for position, one in enumerate(of_command)
    ]
    if rows:
        await db.execute(_AMEND, *map(list, zip(*rows, strict=True)))
