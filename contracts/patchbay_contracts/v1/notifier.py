"""What is asked of the notifier. Owner: notifier."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from patchbay_contracts.mails import MOST_MAILS, Language, MailFacts, WantedMail
from patchbay_contracts.message import Message, OrderMessage
from patchbay_contracts.words import Organisation, Text

MOST_BYTES = 900_000
"""So large a message may be, with room for its headers below what a consumer reads."""


class SendMails(OrderMessage, topic="notifier.commands.v1", type="notifier.SendMails.v1"):
    """Send these mails about an order. Not answered; what becomes of them is asked by `POST /mails/search`.

    An order writes to an address for a purpose once: said again, with the same or another content, nothing further goes
    to those who were written to, and only what is new is sent. All mails share the facts, from which attachments are
    made; so they travel once, and hold settings or terms only if an attachment needs them.
    """

    by: Text
    asked_at: AwareDatetime
    language: Language = "en-GB"
    mails: tuple[WantedMail, ...] = Field(min_length=1, max_length=MOST_MAILS)
    facts: MailFacts

    @model_validator(mode="after")
    def _once_and_small(self) -> Self:
        to = [(mail.email.lower(), mail.purpose) for mail in self.mails]
        if len(set(to)) < len(to):
            raise ValueError("an address stands twice for the same purpose: write to each once")
        if (size := len(self.model_dump_json().encode())) > MOST_BYTES:
            raise ValueError(f"the mails and their facts have {size:,} bytes, {MOST_BYTES:,} may be: attach less")
        return self


class TellWebhookDisabled(Message, topic="notifier.commands.v1", type="notifier.TellWebhookDisabled.v1"):
    """Write to a reseller that nothing is sent to one of its webhooks any more, and why. Not answered.

    Once for the event `webhook.disabled` that told of it, whose id is `event_id`: in the log of mails it stands where
    otherwise an order's does.
    """

    event_id: UUID
    webhook_id: UUID
    url: str
    reason: str
    disabled_at: AwareDatetime
    to: Organisation

    @property
    def about(self) -> UUID:
        """The event."""
        return self.event_id
