"""Ended orders become mails, once per order and recipient."""

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver

from .ended import ACME, ADA, CHARLES, WIRES, completed, failed


async def queued(db: Connection) -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT recipient, outcome FROM mail WHERE state = 'queued' ORDER BY recipient")
    return [(row.recipient, row.outcome) for row in rows]


async def test_a_completed_order_queues_one_mail_for_each_recipient(deliver: Deliver, db: Connection) -> None:
    assert await deliver(completed(ADA, ACME)) == []
    assert await queued(db) == [(ADA.email, "completed"), (ACME.email, "completed")]


async def test_a_failed_order_queues_one_for_the_reseller_alone(deliver: Deliver, db: Connection) -> None:
    await deliver(failed(ADA, ACME, WIRES, CHARLES))
    assert await queued(db) == [(ACME.email, "failed")]


async def test_orders_that_end_together_are_queued_together(deliver: Deliver, db: Connection) -> None:
    await deliver(*(completed(ADA) for _ in range(30)), *(failed(ACME) for _ in range(30)))
    assert sorted(await queued(db)) == [(ADA.email, "completed")] * 30 + [(ACME.email, "failed")] * 30


async def test_an_order_that_tells_nobody_queues_nothing(deliver: Deliver, db: Connection) -> None:
    await deliver(completed(), failed(ADA))
    assert await queued(db) == []


async def test_a_mail_that_was_sent_is_not_queued_again(deliver: Deliver, db: Connection) -> None:
    await deliver(event := completed(ADA))
    await db.execute("UPDATE mail SET state = 'sent'")
    await deliver(event)
    assert await queued(db) == []
