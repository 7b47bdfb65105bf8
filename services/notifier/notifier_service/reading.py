"""Mails as they are read: a page of them, and one with its content and all that became of it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from notifier_service import asked, composing, model, queries
from patchbay_chassis.database import Connection, Row
from patchbay_chassis.problems import invalid_at
from patchbay_contracts.mails import MailDetails, MailKey, MailPage, MailQuery, MailSummary, OneMail, SentAgain

_PAGE = """
    SELECT m.* FROM unnest($1::text[]) AS mine(reseller) CROSS JOIN LATERAL (
        SELECT * FROM mail WHERE mail.reseller = mine.reseller {where}
        ORDER BY asked_at DESC, order_id DESC, lower(recipient) DESC, purpose DESC LIMIT $2) m
    ORDER BY asked_at DESC, order_id DESC, lower(recipient) DESC, purpose DESC LIMIT $2"""
_WHERE = {
    "order_id": "order_id = ${n}",
    "order_ids": "order_id = ANY(${n}::uuid[])",
    "customer_id": "customer_id = ${n}",
    "recipient": "lower(recipient) = lower(${n})",
    "kind": "kind = ${n}",
    "purpose": "purpose = ${n}",
    "asked_from": "asked_at >= ${n}",
    "asked_before": "asked_at < ${n}",
}
_AFTER = "(asked_at, order_id, lower(recipient), purpose) < (${n}::timestamptz, ${m}::uuid, ${o}::text, ${p}::text)"
_ONE = """
    SELECT * FROM mail
    WHERE reseller = ANY($1::text[]) AND order_id = $2 AND lower(recipient) = lower($3) AND purpose = $4"""
_TRIES = """
    SELECT at, outcome, reply FROM delivery
    WHERE order_id = $1 AND lower(recipient) = lower($2) AND purpose = $3 ORDER BY at, outcome LIMIT 200"""
_AGAIN = """
    SELECT at, said_by AS by, why FROM sent_again
    WHERE order_id = $1 AND recipient = lower($2) AND purpose = $3 ORDER BY at LIMIT 200"""
_BOUNCED = """
    SELECT address, at, reply FROM bounced WHERE reseller = $1 AND address = ANY($2::text[])"""


async def search(db: Connection, query: MailQuery) -> MailPage:
    """The newest that match, or those behind the cursor. Raises Problem for a cursor that is none."""
    values: list[Any] = [sorted(set(query.resellers)), query.limit]
    conditions = []
    for field, condition in _WHERE.items():
        if (value := getattr(query, field)) is not None:
            values.append(value)
            conditions.append(condition.format(n=len(values)))
    conditions += _in_the_words_of_indexes(query)
    if query.after is not None:
        n = len(values)
        values += _place(query.after)
        conditions.append(_AFTER.format(n=n + 1, m=n + 2, o=n + 3, p=n + 4))
    where = "".join(f" AND {condition}" for condition in conditions)
    rows = await db.fetch(_PAGE.format(where=where), *values)
    mails = tuple(
        MailSummary(**_summary(row, mail)) for row, mail in zip(rows, queries.mails_of(rows, {}), strict=True)
    )
    return MailPage(mails=mails, next=_cursor(rows[-1]) if len(rows) == query.limit else None)


def _in_the_words_of_indexes(query: MailQuery) -> Iterator[str]:
    """There are indexes of those alone that are few."""
    if query.state is not None:
        yield f"state = '{query.state}'"
    if query.kind not in (None, "customer", "reseller"):
        yield "kind NOT IN ('customer', 'reseller')"
    if query.purpose not in (None, "order_ended"):
        yield "purpose <> 'order_ended'"


async def one(db: Connection, asked_: OneMail) -> tuple[Row, model.Mail]:
    """A mail of one of these resellers. Raises Problem if there is none."""
    key = asked_.key
    rows = await db.fetch(_ONE, list(asked_.resellers), key.order_id, key.recipient, key.purpose)
    if not rows:
        raise asked.unknown()
    (mail,) = await queries.with_facts(db, rows)
    return rows[0], mail


async def details(db: Connection, asked_: OneMail) -> tuple[Row, model.Mail, dict[str, Any]]:
    """A mail, and what became of it."""
    row, mail = await one(db, asked_)
    key = (row.order_id, row.recipient, row.purpose)
    tries, again = await db.fetch(_TRIES, *key), await db.fetch(_AGAIN, *key)
    fate = {"deliveries": [dict(t) for t in tries], "again": [SentAgain.model_validate(dict(a)) for a in again]}
    return row, mail, fate


def shown(row: Row, mail: model.Mail, fate: dict[str, Any]) -> MailDetails:
    """With its content; its attachments are made to see how large they are."""
    try:
        attached = [one.shown for one in model.attachments(mail)]
    except composing.TooLarge:
        attached = []  # the delivery log says so
    content = {"text": model.text(mail), "html": model.html(mail), "attachments": attached}
    due = {"due": row.due if row.state == "queued" else None}
    return MailDetails.model_validate(_summary(row, mail) | content | fate | due)


async def bounced(db: Connection, reseller: str, addresses: Sequence[str]) -> dict[str, str]:
    """Of these addresses those that a relay did not know when this reseller last wrote to them, and its reply."""
    rows = await db.fetch(_BOUNCED, reseller, [one.lower() for one in addresses])
    return {row.address: row.reply for row in rows}


def _summary(row: Row, mail: model.Mail) -> dict[str, Any]:
    return {
        "key": MailKey.model_construct(order_id=row.order_id, recipient=row.recipient, purpose=row.purpose),
        "reseller": row.reseller,
        "kind": row.kind,
        "name": row.name,
        "subject": model.subject(mail),
        "state": row.state,
        "tries": row.tries,
        "asked_at": row.asked_at,
        "by": row.said_by,
        "customer_id": row.customer_id,
    }


def _cursor(row: Row) -> str:
    place = [row.asked_at.isoformat(), str(row.order_id), row.recipient.lower(), row.purpose]
    return urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, UUID, str, str]:
    try:
        at, order_id, recipient, purpose = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        when = datetime.fromisoformat(at)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return when, UUID(order_id), str(recipient).replace("\0", ""), str(purpose).replace("\0", "")
    except (ValueError, TypeError, AttributeError):
        raise invalid_at("/after", "not a cursor", "take it from `next` of the page before") from None
