"""SQL of mails that an operator asks for: queued once for an order, an address and a purpose; and sent again."""

import hashlib
from collections.abc import Sequence

import orjson

from notifier_service.model import Mail
from patchbay_chassis.database import Connection, affected
from patchbay_chassis.problems import Problem
from patchbay_contracts.mails import SendAgain

_FACTS = """
    INSERT INTO mail_facts (order_id, digest, facts) SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[])
    ON CONFLICT DO NOTHING"""
_QUEUE = """
    INSERT INTO mail (order_id, recipient, name, kind, reseller, outcome, facts, customer_id,
                      purpose, said_by, asked_at, facts_digest)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],
                         $9::text[], $10::text[], $11::timestamptz[], $12::bytea[])
    ON CONFLICT (order_id, lower(recipient), purpose) DO NOTHING"""
_LOCKED = """
    SELECT state, facts_digest IS NOT NULL AND NOT EXISTS (
               SELECT FROM mail_facts f WHERE f.order_id = mail.order_id AND f.digest = mail.facts_digest) AS bare
    FROM mail
    WHERE reseller = ANY($1::text[]) AND order_id = $2 AND lower(recipient) = lower($3) AND purpose = $4 FOR UPDATE"""
_NOTED = """
    INSERT INTO sent_again (request, order_id, recipient, purpose, said_by, why)
    VALUES ($1, $2, lower($3), $4, $5, $6) ON CONFLICT DO NOTHING"""
_AGAIN = """
    UPDATE mail SET state = 'queued', due = now(), tries = 0, sending = sending + 1, again_at = now()
    WHERE order_id = $1 AND lower(recipient) = lower($2) AND purpose = $3"""


async def queue(db: Connection, mails: Sequence[Mail]) -> None:
    """Note mails to send. What was noted before for the same order, address and purpose stays as it is, whatever a
    later command would write: who was written to is not written to twice."""
    facts: dict[tuple[object, bytes], str] = {}
    digests: dict[int, bytes] = {}
    for mail in mails:
        if mail.order_facts is not None:
            kept = mail.order_facts.model_dump_json()
            digests[id(mail)] = digest = hashlib.sha256(kept.encode()).digest()
            facts[mail.order_id, digest] = kept
    if facts:
        await db.execute(_FACTS, [o for o, _ in facts], [d for _, d in facts], list(facts.values()))
    rows = sorted(mails, key=lambda mail: (mail.order_id, mail.recipient, mail.purpose))
    columns = ("order_id", "recipient", "name", "kind", "reseller", "outcome")
    await db.execute(
        _QUEUE,
        *([getattr(mail, column) for mail in rows] for column in columns),
        [orjson.dumps(mail.facts).decode() for mail in rows],
        *([getattr(mail, column) for mail in rows] for column in ("customer_id", "purpose", "said_by", "asked_at")),
        [digests.get(id(mail)) for mail in rows],
    )


async def send_again(db: Connection, asked: SendAgain) -> None:
    """Queue a mail once more, as it is. Raises Problem if it is not there, or is on its way."""
    key = asked.key
    row = await db.fetchrow(_LOCKED, list(asked.resellers), key.order_id, key.recipient, key.purpose)
    if row is None:
        raise unknown()
    request = (asked.request, key.order_id, key.recipient, key.purpose, asked.by, asked.why)
    if affected(await db.execute(_NOTED, *request)) == 0:
        return
    if row.state == "queued":
        raise Problem(
            409,
            "The mail is on its way",
            "It will be tried until it is through: send it again after that.",
            code="mail_under_way",
        )
    if row.bare:
        detail = "What they were made from is forgotten after a while (PATCHBAY_KEEP_FACTS): write a new mail."
        raise Problem(409, "The mail's attachments are not kept any more", detail, code="attachments_gone")
    await db.execute(_AGAIN, key.order_id, key.recipient, key.purpose)


def unknown() -> Problem:
    """Another reseller's mail is answered like one that is not there."""
    message = "you have no mail of this order to this address for this purpose"
    return Problem(
        404,
        "No such mail",
        errors=[{"pointer": "/key", "message": message, "remedy": "search for it"}],
        code="no_such_mail",
    )
