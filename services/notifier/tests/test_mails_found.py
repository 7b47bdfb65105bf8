"""Mails found by what they are: everything that is asked for has to be true of a mail; what is rare has an index."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from notifier_service import asked, reading
from notifier_service.model import asked_for
from patchbay_chassis.database import Connection, Database
from patchbay_contracts.mails import MailQuery

from .wanted import send, wanted

AT = send().asked_at
BETWEEN = AT - timedelta(hours=12)


@pytest_asyncio.fixture
async def three(database: Database) -> AsyncIterator[Connection]:
    """Ada's and a supplier's of one day, Eve's welcome of the day before, which failed."""
    async with database.transaction() as db:
        commands = (
            send(wanted(), wanted("desk@supplier.example", kind="supplier"), order_id=uuid4()),
            send(wanted("eve@example.com", purpose="welcome"), order_id=uuid4()),
        )
        await asked.queue(db, [mail for command in commands for mail in asked_for(command)])
        await db.execute(
            "UPDATE mail SET asked_at = asked_at - interval '1 day', state = 'failed' WHERE purpose = 'welcome'"
        )
        yield db


FOUND: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"ada", "desk", "eve"}),
    ({"kind": "supplier"}, {"desk"}),
    ({"kind": "customer"}, {"ada", "eve"}),
    ({"purpose": "welcome"}, {"eve"}),
    ({"purpose": "service_created"}, {"ada", "desk"}),
    ({"state": "failed"}, {"eve"}),
    ({"state": "queued", "kind": "supplier"}, {"desk"}),
    ({"asked_from": BETWEEN}, {"ada", "desk"}),
    ({"asked_before": BETWEEN}, {"eve"}),
    ({"asked_before": BETWEEN, "kind": "supplier"}, set()),
]


@pytest.mark.parametrize(("query", "found"), FOUND)
async def test_mails_are_found_by_what_they_are(three: Connection, query: dict[str, Any], found: set[str]) -> None:
    page = await reading.search(three, MailQuery(resellers=("acme",), **query))
    assert {mail.key.recipient.partition("@")[0] for mail in page.mails} == found
    assert (await reading.search(three, MailQuery(resellers=("borealis",), **query))).mails == ()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"created": True}, "mail_newest"),
        ({"state": "failed"}, "mail_by_failed"),
        ({"kind": "supplier"}, "mail_by_kind"),
        ({"purpose": "welcome"}, "mail_by_purpose"),
    ],
)
async def test_what_is_rare_among_many_mails_has_its_index(
    database: Database, query: dict[str, Any], index: str
) -> None:
    if query.pop("created", False):
        query = {"asked_from": AT - timedelta(minutes=5), "asked_before": AT}
    async with database.transaction() as db:
        await db.execute(
            "INSERT INTO mail (order_id, recipient, name, kind, reseller, outcome, facts, state, asked_at)"
            " SELECT gen_random_uuid(), n || '@example.com', 'n', 'customer', 'acme', 'completed', '{}', 'sent',"
            " $1::timestamptz - n * interval '1 s' FROM generate_series(1, 5000) n",
            AT,
        )
        await db.execute("ANALYZE mail")
        plans = list[str]()

        class Explained:
            async def fetch(self, statement: str, *values: object) -> list[object]:
                plans.extend(row[0] for row in await db.fetch(f"EXPLAIN {statement}", *values))
                return []

        await reading.search(Explained(), MailQuery(resellers=("acme",), **query))  # type: ignore[arg-type]
    assert any(index in line for line in plans), "\n".join(plans)
