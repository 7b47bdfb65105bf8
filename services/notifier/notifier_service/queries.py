"""All SQL of the notifier."""

from collections.abc import Sequence
from datetime import timedelta

import orjson

from notifier_service.model import Mail
from notifier_service.smtp import Delivery
from patchbay_chassis.database import Connection

_QUEUE = """
    INSERT INTO mail (order_id, recipient, name, kind, reseller, outcome, facts)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    ON CONFLICT (order_id, recipient) DO NOTHING"""
_TAKE = """
    WITH mine AS (
        SELECT order_id, recipient FROM mail WHERE state = 'queued' AND due <= now()
        ORDER BY order_id, recipient LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE mail SET due = now() + $2::interval, tries = tries + 1 FROM mine
    WHERE mail.order_id = mine.order_id AND mail.recipient = mine.recipient
    RETURNING mail.order_id, mail.recipient, name, kind, reseller, outcome, facts, tries, asked_at"""
_RECORD = """
    WITH results AS (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::interval[], $5::text[])
                      AS r(order_id, recipient, outcome, pause, reply)),
    logged AS (
        INSERT INTO delivery (order_id, recipient, outcome, reply)
        SELECT order_id, recipient, outcome, reply FROM results),
    mine AS (
        SELECT mail.order_id, mail.recipient, r.outcome, r.pause FROM mail JOIN results r USING (order_id, recipient)
        WHERE state = 'queued' ORDER BY mail.order_id, mail.recipient FOR UPDATE OF mail)
    UPDATE mail SET state = CASE mine.outcome WHEN 'delayed' THEN 'queued' ELSE mine.outcome END,
                    due = now() + mine.pause
    FROM mine WHERE mail.order_id = mine.order_id AND mail.recipient = mine.recipient"""


async def queue(db: Connection, mails: Sequence[Mail]) -> None:
    """Note mails to send; one that was noted before stays as it is."""
    if not mails:
        return
    rows = sorted(mails, key=lambda mail: (mail.order_id, mail.recipient))
    await db.execute(
        _QUEUE,
        [mail.order_id for mail in rows],
        [mail.recipient for mail in rows],
        [mail.name for mail in rows],
        [mail.kind for mail in rows],
        [mail.reseller for mail in rows],
        [mail.outcome for mail in rows],
        [orjson.dumps(mail.facts).decode() for mail in rows],
    )


async def take(db: Connection, most: int, lease: timedelta) -> list[Mail]:
    """Claim mails that are due; nobody else gets them while the lease lasts."""
    rows = await db.fetch(_TAKE, most, lease)
    return [
        Mail(r.order_id, r.recipient, r.name, r.kind, r.reseller, r.outcome, orjson.loads(r.facts), r.tries, r.asked_at)
        for r in rows
    ]


async def record(db: Connection, deliveries: Sequence[Delivery]) -> None:
    """Write what became of mails, in the log and in their state."""
    await db.execute(
        _RECORD,
        [d.mail.order_id for d in deliveries],
        [d.mail.recipient for d in deliveries],
        [d.outcome for d in deliveries],
        [d.pause for d in deliveries],
        [_kept(d.reply) for d in deliveries],
    )


def _kept(reply: str) -> str:
    """As much of a relay's reply as can be kept: it may hold any bytes, and a database takes no NUL."""
    return reply[:500].encode(errors="replace").decode().replace("\0", "")
