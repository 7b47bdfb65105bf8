"""The audit of the books sees what it is there to see: each thing that may not be is made so, and found."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from bench.books import discrepancies
from patchbay_chassis.testing import Databases
from patchbay_local.processes import SERVICES
from patchbay_local.waiting import run_async
from tests.documents import REFUSED_PREFIX, line, order
from tests.suite import Suite

COMPLETED, FAILED = "completed", "failed"

WRONG = [
    ("gateway", "UPDATE orders SET state = 'accepted' WHERE id = $1", COMPLETED, "has not ended"),
    ("gateway", "UPDATE orders SET state = 'failed' WHERE id = $1", COMPLETED, "its saga is completed"),
    ("gateway", "UPDATE orders SET reseller = 'borealis' WHERE id = $1", COMPLETED, "one service of it is not"),
    ("gateway", "DELETE FROM orders WHERE id = $1", COMPLETED, "was never accepted"),
    ("provisioning", "DELETE FROM saga WHERE id = $1", COMPLETED, "has no saga"),
    (
        "provisioning",
        "UPDATE service SET state = 'planned' WHERE order_id = $1",
        COMPLETED,
        "its services are 1 planned",
    ),
    ("provisioning", "DELETE FROM service WHERE order_id = $1", COMPLETED, "others are there: 0"),
    ("provisioning", "UPDATE service SET numbers = '{1234567}' WHERE order_id = $1", COMPLETED, "others are there"),
    ("provisioning", "UPDATE service SET state = 'active' WHERE order_id = $1", FAILED, "its services are 1 active"),
    ("numbers", "UPDATE number SET owner = gen_random_uuid() WHERE owner = $1", COMPLETED, "it is not its own"),
    ("numbers", "DELETE FROM number WHERE owner = $1", COMPLETED, "it is not its own"),
    ("numbers", "UPDATE number SET e164 = 1234567 WHERE owner = $1", COMPLETED, "without a service for it"),
    (
        "numbers",
        "INSERT INTO number (e164, state, owner, line, reseller) VALUES (1234567, 'assigned', $1, 0, 'acme')",
        FAILED,
        "keeps +1234567",
    ),
    ("billing", "UPDATE charge SET state = 'pending' WHERE order_id = $1", COMPLETED, "its charges are 2 pending"),
    ("billing", "DELETE FROM charge WHERE order_id = $1 AND grade = ''", COMPLETED, "1 services, 0 charged"),
    ("billing", "DELETE FROM charge WHERE order_id = $1 AND grade <> ''", COMPLETED, "is charged for 0"),
    ("billing", "UPDATE charge SET state = 'active' WHERE order_id = $1", FAILED, "its charges are 2 active"),
    ("customer", "UPDATE customer SET state = 'withdrawn' WHERE order_id = $1", COMPLETED, "is withdrawn"),
    ("customer", "DELETE FROM customer WHERE order_id = $1", COMPLETED, "is not there"),
    ("customer", "UPDATE customer SET state = 'active' WHERE order_id = $1", FAILED, "is still there"),
    ("notifier", "DELETE FROM mail WHERE order_id = $1 AND kind = 'customer'", COMPLETED, "was not told"),
    ("notifier", "UPDATE mail SET recipient = 'x' || recipient WHERE order_id = $1", COMPLETED, "was told 1 times"),
    ("notifier", "UPDATE mail SET outcome = 'failed' WHERE order_id = $1", COMPLETED, "a mail says otherwise"),
    ("billing", "INSERT INTO journal (cause, said, sent) VALUES ($1, '', false)", COMPLETED, "said and never sent"),
]
TABLES = {
    "gateway": {"orders": "id"},
    "customer": {"customer": "order_id"},
    "numbers": {"number": "owner"},
    "billing": {"charge": "order_id"},
    "provisioning": {"saga": "id", "saga_move": "saga", "service": "order_id"},
    "notifier": {"mail": "order_id"},
}
"""What makes the books, and by which column it belongs to an order."""


class Copies:
    """Databases of all services with nothing in them but two orders."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.urls = urls
        self.ids: dict[str, str] = {}

    async def fill(self, suite: Suite, ids: dict[str, str]) -> None:
        """Copy what belongs to these orders, in place of whatever was there."""
        self.ids = ids
        for service, tables in TABLES.items():
            db = await asyncpg.connect(self.urls[service])
            await db.execute("TRUNCATE journal")
            for table, column in tables.items():
                dump = f"SELECT json_agg(t)::text AS rows FROM {table} t WHERE {column} = ANY($1::text[]::uuid[])"
                (dumped,) = await suite.rows(service, dump, list(ids.values()))
                await db.execute(f"TRUNCATE {table} CASCADE")
                await db.execute(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1::text::json)",
                    dumped["rows"],
                )
            await db.close()

    async def change(self, service: str, statement: str, ending: str) -> None:
        """Have a service's database say something else about the order that ended so."""
        db = await asyncpg.connect(self.urls[service])
        try:
            await db.execute(statement, UUID(self.ids[ending]))
        finally:
            await db.close()


@pytest.fixture(scope="module")
def _copies(postgres: str, databases: Databases) -> Iterator[Copies]:
    names = {service: f"books_{uuid4().hex[:8]}_{service}" for service in SERVICES}
    templates = {service: databases.template(f"{service}_service") for service in SERVICES}

    async def run(*statements: str) -> None:
        db = await asyncpg.connect(f"{postgres}/postgres")
        for statement in statements:
            await db.execute(statement)
        await db.close()

    run_async(run(*(f"CREATE DATABASE {names[s]} TEMPLATE {templates[s]}" for s in SERVICES)))
    yield Copies({service: f"{postgres}/{name}" for service, name in names.items()})
    run_async(run(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names.values())))


@pytest.fixture
async def copies(_copies: Copies, suite: Suite) -> Copies:
    """A completed order, and one that the network refused, as the services left them."""
    if not (ids := _copies.ids):
        refused = line(numbers={"count": 1, "prefix": REFUSED_PREFIX})
        ends = [await suite.ended(order(line())), await suite.ended(order(refused))]
        await suite.balanced()
        ids = {end["state"]: end["id"] for end in ends}
    await _copies.fill(suite, ids)
    return _copies


async def test_the_books_of_two_orders_balance(copies: Copies) -> None:
    assert await discrepancies(copies.urls) == []


@pytest.mark.parametrize(("service", "statement", "ending", "found"), WRONG)
async def test_what_may_not_be_is_found(copies: Copies, service: str, statement: str, ending: str, found: str) -> None:
    await copies.change(service, statement, ending)
    assert any(found in sentence for sentence in await discrepancies(copies.urls))


async def test_a_number_in_service_for_two_orders_is_found(copies: Copies) -> None:
    both = (
        "INSERT INTO orders SELECT reseller, overlay(id::text placing 'ffff' from 25)::uuid, state, reference,"
        " document, event, accepted_at, ended_at FROM orders WHERE id = $1"
    )
    await copies.change("gateway", both, COMPLETED)
    assert any("is in service for 2 orders" in sentence for sentence in await discrepancies(copies.urls))
