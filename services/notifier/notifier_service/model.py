"""What is written to whom: mails as data, rendered only when they are sent."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, Literal
from uuid import UUID

from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed

Kind = Literal["customer", "reseller", "supplier", "contact"]


@dataclass(frozen=True)
class Mail:
    """A mail to send: `facts` are what its text needs, as plain data."""

    order_id: UUID
    recipient: str
    name: str
    kind: Kind
    reseller: str
    outcome: Literal["completed", "failed"]
    facts: dict[str, Any]
    tries: int = 0
    asked_at: datetime | None = None


def mails(event: OrderCompleted | OrderFailed) -> Iterator[Mail]:
    """One mail for each address that an ended order tells. A customer is not told of an order that failed: it
    placed none, its reseller did."""
    outcome: Literal["completed", "failed"] = "completed" if isinstance(event, OrderCompleted) else "failed"
    facts = _completed(event) if isinstance(event, OrderCompleted) else _failed(event)
    facts["reference"] = event.reference
    told = set[str]()
    for one in event.recipients:
        if one.email.lower() not in told and (outcome == "completed" or one.kind == "reseller"):
            told.add(one.email.lower())
            yield Mail(event.order_id, one.email, one.name, one.kind, event.reseller, outcome, facts)


def _completed(event: OrderCompleted) -> dict[str, Any]:
    return {
        "services": [[service.service_type, [f"+{n}" for n in service.numbers]] for service in event.services],
        "setup": [f"{money.amount} {money.currency}" for money in event.setup],
        "monthly": [f"{money.amount} {money.currency}" for money in event.monthly],
    }


def _failed(event: OrderFailed) -> dict[str, Any]:
    return {"step": event.step, "reason": event.reason, "detail": event.detail}


def message_id(mail: Mail) -> str:
    """The same for each sending of a mail, so that a receiver can tell a repetition after a crash (RFC 5322, 3.6.4)."""
    of = hashlib.sha256(mail.recipient.lower().encode()).hexdigest()[:16]
    return f"<{mail.order_id}.{of}@patchbay>"


def rendered(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it goes out, as plain text."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = _subject(mail)
    message["Date"] = mail.asked_at or datetime.now(UTC)
    message["Message-ID"] = message_id(mail)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join([f"Dear {_one_line(mail.name)},", "", *_body(mail), "", "Patchbay", ""]))
    return message


def _subject(mail: Mail) -> str:
    order = _one_line(mail.facts["reference"] or str(mail.order_id))
    if mail.outcome == "failed":
        return f"Order {order} was not carried out"
    return "Your new services" if mail.kind == "customer" else f"Order {order} is complete"


def _body(mail: Mail) -> list[str]:
    facts = mail.facts
    if mail.outcome == "failed":
        return [
            f"order {mail.order_id} was not carried out, and everything done for it was taken back.",
            "",
            f"Step: {facts['step']}",
            f"Reason: {facts['reason']}",
            facts["detail"],
        ]
    opening = "these services are ready for you:" if mail.kind == "customer" else f"order {mail.order_id} is complete:"
    lines = [opening if facts["services"] else "the account is open. No service was ordered.", ""]
    lines += [f"- {type_}: {', '.join(numbers) or 'no number'}" for type_, numbers in facts["services"]]
    if mail.kind in ("customer", "reseller"):
        lines += ["", *(f"Set-up: {money}" for money in facts["setup"])]
        lines += [f"Monthly: {money}" for money in facts["monthly"]]
    return lines


def _one_line(text: str) -> str:
    """Header and greeting take no line breaks, whoever wrote the text."""
    return " ".join(text.split())


def pause(tries: int) -> timedelta:
    """How long to wait after so many failed tries: from two seconds doubling to an hour, with jitter."""
    return timedelta(seconds=min(3600.0, 2.0 ** min(tries, 12)) * random.uniform(0.75, 1.25))  # noqa: S311 - jitter
