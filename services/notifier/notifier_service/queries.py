"""SQL of mails to send, and of what became of each try."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import orjson

from notifier_service.model import Mail
from notifier_service.smtp import Delivery
from patchbay_chassis.database import Connection, Row
from patchbay_contracts.mails import MailFacts

_QUEUE = """
    INSERT INTO mail (order_id, recipient, name, kind, reseller, outcome, facts, customer_id)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[])
    ON CONFLICT (order_id, lower(recipient), purpose) DO NOTHING"""
_TAKE = """
    WITH mine AS (
        SELECT order_id, recipient, purpose FROM mail WHERE state = 'queued' AND due <= now() {those}
        ORDER BY order_id, recipient LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE mail SET due = now() + $2::interval, tries = tries + 1 FROM mine
    WHERE mail.order_id = mine.order_id AND mail.recipient = mine.recipient AND mail.purpose = mine.purpose
    RETURNING mail.*"""
_TAKE_ASKED, _TAKE_ANY = _TAKE.format(those="AND said_by <> ''"), _TAKE.format(those="")
_FACTS = """
    SELECT order_id, digest, facts FROM mail_facts
    JOIN unnest($1::uuid[], $2::bytea[]) AS t(order_id, digest) USING (order_id, digest)"""
_RECORD = """
    WITH results AS (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::interval[], $5::text[], $6::text[])
                      AS r(order_id, recipient, outcome, pause, reply, purpose)),
    logged AS (
        INSERT INTO delivery (order_id, recipient, outcome, reply, purpose)
        SELECT order_id, recipient, outcome, reply, purpose FROM results),
    mine AS (
        SELECT mail.order_id, mail.recipient, mail.purpose, r.outcome, r.pause
        FROM mail JOIN results r USING (order_id, recipient, purpose)
        WHERE state = 'queued' ORDER BY mail.order_id, mail.recipient FOR UPDATE OF mail)
    UPDATE mail SET state = CASE mine.outcome WHEN 'delayed' THEN 'queued' ELSE mine.outcome END,
                    due = now() + mine.pause
    FROM mine
    WHERE mail.order_id = mine.order_id AND mail.recipient = mine.recipient AND mail.purpose = mine.purpose"""
_BOUNCED = """
    INSERT INTO bounced (reseller, address, reply)
    SELECT DISTINCT ON (1, 2) * FROM unnest($1::text[], $2::text[], $3::text[]) ORDER BY 1, 2
    ON CONFLICT (reseller, address) DO UPDATE SET at = now(), reply = excluded.reply"""
_ARRIVED = """
    DELETE FROM bounced USING unnest($1::text[], $2::text[]) AS t(reseller, address)
    WHERE bounced.reseller = t.reseller AND bounced.address = t.address"""


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
        [mail.customer_id for mail in rows],
    )


async def take(db: Connection, most: int, lease: timedelta) -> list[Mail]:
    """Claim mails that are due, first those that an operator asked for; nobody else gets them while the lease lasts."""
    rows = list(await db.fetch(_TAKE_ASKED, most, lease))
    if len(rows) < most:
        rows += await db.fetch(_TAKE_ANY, most - len(rows), lease)
    return await with_facts(db, rows)


async def with_facts(db: Connection, rows: Sequence[Row]) -> list[Mail]:
    """Rows of `mail` as mails, each with what its attachments are made from."""
    wanted = {(row.order_id, row.facts_digest) for row in rows if row.facts_digest is not None}
    found = await db.fetch(_FACTS, [one for one, _ in wanted], [digest for _, digest in wanted]) if wanted else ()
    return mails_of(rows, {(row.order_id, row.digest): MailFacts.model_validate_json(row.facts) for row in found})


def mails_of(rows: Sequence[Row], facts: Mapping[tuple[UUID, bytes], MailFacts]) -> list[Mail]:
    """Rows of `mail` as mails."""
    return [
        Mail(
            r.order_id, r.recipient, r.name, r.kind, r.reseller, r.outcome, orjson.loads(r.facts), r.tries,
            r.again_at or r.asked_at, r.purpose, r.said_by, r.customer_id, facts.get((r.order_id, r.facts_digest)),
            r.sending,
        )
        for r in rows
    ]  # fmt: skip


async def record(db: Connection, deliveries: Sequence[Delivery]) -> None:
    """Write what became of mails, in the log and in their state."""
    await db.execute(
        _RECORD,
        [d.mail.order_id for d in deliveries],
        [d.mail.recipient for d in deliveries],
        [d.outcome for d in deliveries],
        [d.pause for d in deliveries],
        [_kept(d.reply) for d in deliveries],
        [d.mail.purpose for d in deliveries],
    )
    bounced = [d for d in deliveries if d.bounced]
    if bounced:
        await db.execute(_BOUNCED, *_to(bounced), [_kept(d.reply) for d in bounced])
    if sent := [d for d in deliveries if d.outcome == "sent"]:
        await db.execute(_ARRIVED, *_to(sent))


def _to(deliveries: Sequence[Delivery]) -> tuple[list[str], list[str]]:
    return [d.mail.reseller for d in deliveries], [d.mail.recipient.lower() for d in deliveries]


def _kept(reply: str) -> str:
    """As much of a relay's reply as can be kept: it may hold any bytes, and a database takes no NUL."""
    return reply[:500].encode(errors="replace").decode().replace("\0", "")
