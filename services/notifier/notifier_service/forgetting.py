"""SQL of what is forgotten after a while: what attachments are made from, and mails with their delivery log.

Ids of orders begin with their time, so the keys of these tables find the oldest: no index is needed for it.
"""

from datetime import UTC, datetime, timedelta

from patchbay_chassis.database import Connection, affected
from patchbay_chassis.envelope import earliest_id

_FACTS = """
    DELETE FROM mail_facts WHERE (order_id, digest) IN (
        SELECT order_id, digest FROM mail_facts f
        WHERE order_id < $1 AND NOT EXISTS (
            SELECT FROM mail m WHERE m.order_id = f.order_id AND m.facts_digest = f.digest
                                 AND (m.state = 'queued' OR coalesce(m.again_at, m.asked_at) > now() - $2::interval))
        ORDER BY order_id LIMIT $3 FOR UPDATE SKIP LOCKED)"""
_MAILS = """
    WITH old AS (
        DELETE FROM mail WHERE (order_id, recipient, purpose) IN (
            SELECT order_id, recipient, purpose FROM mail
            WHERE order_id < $1 AND state <> 'queued' AND coalesce(again_at, asked_at) < now() - $2::interval
            ORDER BY order_id LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING order_id, recipient, purpose),
    tries AS (
        DELETE FROM delivery d USING old
        WHERE d.order_id = old.order_id AND d.recipient = old.recipient AND d.purpose = old.purpose)
    DELETE FROM sent_again a USING old
    WHERE a.order_id = old.order_id AND a.recipient = lower(old.recipient) AND a.purpose = old.purpose"""


async def facts(db: Connection, keep: timedelta, most: int) -> int:
    """Forget what attachments were made from, unless a mail with them is still to be sent; how many."""
    return affected(await db.execute(_FACTS, earliest_id(datetime.now(UTC) - keep), keep, most))


async def mails(db: Connection, keep: timedelta, most: int) -> None:
    """Forget mails that were asked for so long ago, with what became of them."""
    await db.execute(_MAILS, earliest_id(datetime.now(UTC) - keep), keep, most)
