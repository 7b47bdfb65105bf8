"""All SQL of the notifier."""

from collections.abc import Sequence
from datetime import timedelta

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier_service.model import Mail
from notifier_service.smtp import Delivery

_QUEUE = text("""
    INSERT INTO mail (order_id, recipient, name, kind, reseller, outcome, facts)
    SELECT * FROM unnest(CAST(:order_ids AS uuid[]), CAST(:recipients AS text[]), CAST(:names AS text[]),
                         CAST(:kinds AS text[]), CAST(:resellers AS text[]), CAST(:outcomes AS text[]),
                         CAST(:facts AS text[]))
    ON CONFLICT (order_id, recipient) DO NOTHING""")
_TAKE = text("""
    WITH mine AS (
        SELECT order_id, recipient FROM mail WHERE state = 'queued' AND due <= now()
        ORDER BY order_id, recipient LIMIT :most FOR UPDATE SKIP LOCKED)
    UPDATE mail SET due = now() + make_interval(secs => :lease), tries = tries + 1 FROM mine
    WHERE mail.order_id = mine.order_id AND mail.recipient = mine.recipient
    RETURNING mail.order_id, mail.recipient, name, kind, reseller, outcome, facts, tries, asked_at""")
_RECORD = text("""
    WITH results AS (
        SELECT * FROM unnest(CAST(:order_ids AS uuid[]), CAST(:recipients AS text[]), CAST(:outcomes AS text[]),
                             CAST(:pauses AS float8[]), CAST(:replies AS text[]))
                      AS r(order_id, recipient, outcome, pause, reply)),
    logged AS (
        INSERT INTO delivery (order_id, recipient, outcome, reply)
        SELECT order_id, recipient, outcome, reply FROM results),
    mine AS (
        SELECT mail.order_id, mail.recipient FROM mail JOIN results USING (order_id, recipient)
        ORDER BY mail.order_id, mail.recipient FOR UPDATE OF mail)
    UPDATE mail SET state = CASE r.outcome WHEN 'delayed' THEN 'queued' ELSE r.outcome END,
                    due = now() + make_interval(secs => r.pause)
    FROM results r, mine
    WHERE mail.order_id = r.order_id AND mail.recipient = r.recipient AND mail.state = 'queued'
      AND mine.order_id = mail.order_id AND mine.recipient = mail.recipient""")


async def queue(db: AsyncConnection, mails: Sequence[Mail]) -> None:
    """Note mails to send; one that was noted before stays as it is."""
    if not mails:
        return
    rows = sorted(mails, key=lambda mail: (mail.order_id, mail.recipient))
    await db.execute(
        _QUEUE,
        {
            "order_ids": [mail.order_id for mail in rows],
            "recipients": [mail.recipient for mail in rows],
            "names": [mail.name for mail in rows],
            "kinds": [mail.kind for mail in rows],
            "resellers": [mail.reseller for mail in rows],
            "outcomes": [mail.outcome for mail in rows],
            "facts": [orjson.dumps(mail.facts).decode() for mail in rows],
        },
    )


async def take(db: AsyncConnection, most: int, lease: timedelta) -> list[Mail]:
    """Claim mails that are due; nobody else gets them while the lease lasts."""
    rows = await db.execute(_TAKE, {"most": most, "lease": lease.total_seconds()})
    return [
        Mail(r.order_id, r.recipient, r.name, r.kind, r.reseller, r.outcome, orjson.loads(r.facts), r.tries, r.asked_at)
        for r in rows
    ]


async def record(db: AsyncConnection, deliveries: Sequence[Delivery]) -> None:
    """Write what became of mails, in the log and in their state."""
    await db.execute(
        _RECORD,
        {
            "order_ids": [d.mail.order_id for d in deliveries],
            "recipients": [d.mail.recipient for d in deliveries],
            "outcomes": [d.outcome for d in deliveries],
            "pauses": [d.pause.total_seconds() for d in deliveries],
            "replies": [_kept(d.reply) for d in deliveries],
        },
    )


def _kept(reply: str) -> str:
    """As much of a relay's reply as can be kept: it may hold any bytes, and a database takes no NUL."""
    return reply[:500].encode(errors="replace").decode().replace("\0", "")
