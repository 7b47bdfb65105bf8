"""What is written to whom: mails as data, rendered only when they are sent."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, Literal
from uuid import UUID

from notifier_service import composing
from notifier_service.composing import one_line
from notifier_service.placeholders import money
from patchbay_contracts.mails import MailFacts, RecipientKind
from patchbay_contracts.v1.notifier import SendMails
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed


@dataclass(frozen=True)
class Mail:
    """A mail to send: `facts` are what its text needs, as plain data; of one that an operator asked for, its subject
    and text themselves. `order_facts` are what its attachments are made from. `sending` counts how often it was asked
    for."""

    order_id: UUID
    recipient: str
    name: str
    kind: RecipientKind
    reseller: str
    outcome: Literal["completed", "failed", "asked"]
    facts: dict[str, Any]
    tries: int = 0
    asked_at: datetime | None = None
    purpose: str = "order_ended"
    said_by: str = ""
    customer_id: UUID | None = None
    order_facts: MailFacts | None = None
    sending: int = 1


def mails(event: OrderCompleted | OrderFailed) -> Iterator[Mail]:
    """One mail for each address that an ended order tells. A customer is not told of an order that failed: it
    placed none, its reseller did."""
    outcome: Literal["completed", "failed"] = "completed" if isinstance(event, OrderCompleted) else "failed"
    facts = _completed(event) if isinstance(event, OrderCompleted) else _failed(event)
    facts["reference"] = event.reference
    customer = event.customer_id if isinstance(event, OrderCompleted) else None
    told = set[str]()
    for one in event.recipients:
        if one.email.lower() not in told and (outcome == "completed" or one.kind == "reseller"):
            told.add(one.email.lower())
            yield Mail(
                event.order_id, one.email, one.name, one.kind, event.reseller, outcome, facts, customer_id=customer
            )


def asked_for(command: SendMails) -> Iterator[Mail]:
    """The mails that an operator asked for, word for word."""
    for one in command.mails:
        facts = {"subject": one.subject, "text": one.text, "html": one.html, "language": command.language}
        yield Mail(
            order_id=command.order_id,
            recipient=one.email,
            name=one.name,
            kind=one.kind,
            reseller=command.reseller,
            outcome="asked",
            facts=facts | {"attachments": list(one.attachments)},
            asked_at=command.asked_at,
            purpose=one.purpose,
            said_by=command.by,
            customer_id=command.facts.customer.id,
            order_facts=command.facts if one.attachments else None,
        )


def _completed(event: OrderCompleted) -> dict[str, Any]:
    return {
        "services": [[service.service_type, [f"+{n}" for n in service.numbers]] for service in event.services],
        "setup": [money(one) for one in event.setup],
        "monthly": [money(one) for one in event.monthly],
        "left_out": [
            f"line {one.line + 1}, {one.reason}: {one.detail}" for one in event.lines if one.state == "refused"
        ],
    }


def _failed(event: OrderFailed) -> dict[str, Any]:
    return {"step": event.step, "reason": event.reason, "detail": event.detail}


def message_id(mail: Mail) -> str:
    """The same for each sending of a mail, so that a receiver can tell a repetition after a crash (RFC 5322, 3.6.4);
    another when somebody asked for it again."""
    about = mail.recipient.lower()
    if mail.purpose != "order_ended" or mail.sending > 1:
        about += f"/{mail.purpose}/{mail.sending}"
    return f"<{mail.order_id}.{hashlib.sha256(about.encode()).hexdigest()[:16]}@patchbay>"


def rendered(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it goes out: what an order says by itself as plain text, what an operator asked for with its HTML and
    attachments. Raises TooLarge."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = subject(mail)
    message["Date"] = mail.asked_at or datetime.now(UTC)
    message["Message-ID"] = message_id(mail)
    message["Auto-Submitted"] = "auto-generated"
    composing.put_together(message, text(mail), html(mail), attachments(mail))
    return message


def subject(mail: Mail) -> str:
    """In one line."""
    return one_line(mail.facts["subject"]) if mail.outcome == "asked" else _subject(mail)


def text(mail: Mail) -> str:
    """The text as it goes out."""
    if mail.outcome == "asked":
        return str(mail.facts["text"])
    return "\n".join([f"Dear {one_line(mail.name)},", "", *_body(mail), "", "Patchbay", ""])


def html(mail: Mail) -> str:
    """The HTML as it goes out; empty if there is none."""
    if mail.outcome != "asked":
        return ""
    return composing.html_of(subject(mail), text(mail), mail.facts["html"], mail.facts["language"])


def attachments(mail: Mail) -> list[composing.Attached]:
    """Made from the order's facts; the same each time. Raises TooLarge."""
    kinds = mail.facts.get("attachments")
    if not kinds or mail.order_facts is None:
        return []
    return composing.attachments(kinds, mail.order_facts, mail.kind, mail.asked_at)


def _subject(mail: Mail) -> str:
    order = one_line(mail.facts["reference"] or str(mail.order_id))
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
        lines += ["", *(f"Set-up: {one}" for one in facts["setup"])]
        lines += [f"Monthly: {one}" for one in facts["monthly"]]
    if mail.kind == "reseller" and facts.get("left_out"):
        lines += ["", "These lines were left out:", *(f"- {line}" for line in facts["left_out"])]
    return lines


def pause(tries: int) -> timedelta:
    """How long to wait after so many failed tries: from two seconds doubling to an hour, with jitter."""
    return timedelta(seconds=min(3600.0, 2.0 ** min(tries, 12)) * random.uniform(0.75, 1.25))  # noqa: S311 - jitter
