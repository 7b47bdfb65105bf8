"""Mails that an operator asks for, and what became of mails. Asked of the notifier over HTTP by the gateway, which says
which resellers the caller may see; what is to be sent travels as `v1/notifier.py` says."""

from operator import not_
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from patchbay_contracts.field_faults import FieldFault
from patchbay_contracts.message import Frozen
from patchbay_contracts.patterns import pattern
from patchbay_contracts.words import E164, Email, Grade, Money, Reseller, Settings, Slug, Text

MOST_MAILS = 50
MOST_SERVICES = 1_000
MOST_BODY = 20_000
MOST_TERMS = 100_000

RecipientKind = Literal["customer", "reseller", "supplier", "contact", "own"]
"""`own`: an address that the operator typed, such as a colleague's."""
Purpose = Annotated[
    str, pattern(r"^[a-z][a-z0-9_]{0,39}$", "use up to 40 lower-case letters, digits and _, a letter first")
]
"""Why somebody is written to: `service_created`, `customer_created`, `service_changed`, `order_failed`, or a word of
one's own. `order_ended` is what the notifier writes by itself when an order asks for it by `notify`;
`webhook_disabled` tells a reseller of a webhook, under the id of the event in the place of an order's."""
AttachmentKind = Literal["summary", "settings", "terms"]
"""`summary`: the services as PDF, `services.pdf`; `settings`: a CSV, `settings.csv`; `terms`: a text, `terms.txt`."""
MailState = Literal["queued", "sent", "failed"]
Language = Annotated[
    str, pattern(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "write a language tag such as en-GB", max_length=20)
]
Cursor = Annotated[str, StringConstraints(max_length=200)]


def _body(text: str) -> str:
    """Lines end as everywhere in the house, however a browser sends them. Raises ValueError with the remedy."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any((ord(c) < 32 and c not in "\n\t") or ord(c) == 127 for c in text):
        raise ValueError("the text has control characters: remove all but line breaks and tabs")
    return text


Body = Annotated[str, StringConstraints(max_length=MOST_BODY), AfterValidator(_body)]
"""A mail's text. Paragraphs, `- ` lists, `# ` headings and `**strong**` words look so in the HTML made from it; nothing
else in it means anything."""


class MailNumber(Frozen):
    """A number of a service. `settings` are laid over the service's, and needed as those are."""

    e164: E164
    grade: Grade | None = None
    settings: Settings = Field(default_factory=dict, exclude_if=not_)


class MailService(Frozen):
    """A service that a mail speaks of. `settings` are needed only for the attachment `settings`; what its type's schema
    marks `writeOnly` stays out of them. `price_list_name`: what people call its price list, if that is known."""

    service_type: Slug
    name: Text
    id: UUID | None = None
    numbers: tuple[MailNumber, ...] = ()
    settings: Settings = Field(default_factory=dict)
    price_list: Text | None = None
    price_list_name: Text | None = Field(default=None, exclude_if=not_)
    setup: Money | None = None
    monthly: Money | None = None
    note: Annotated[str, StringConstraints(max_length=2_000)] = Field(default="", exclude_if=not_)


class MailTerms(Frozen):
    """Terms that were agreed to, word for word."""

    title: Text
    version: Text
    text: Annotated[str, StringConstraints(max_length=MOST_TERMS), AfterValidator(_body)]


class MailCustomer(Frozen):
    """The customer whom it is about."""

    name: Text
    id: UUID | None = None
    email: Text | None = None
    reference: Text | None = None


class MailFailure(Frozen):
    """Why an order was not carried out."""

    step: Text
    reason: Text
    detail: Annotated[str, StringConstraints(max_length=2_000)] = ""


class MailFacts(Frozen):
    """What mails about an order may speak of, and what their attachments are made from."""

    customer: MailCustomer
    reseller_name: Text
    reference: Text | None = None
    services: tuple[MailService, ...] = Field(default=(), max_length=MOST_SERVICES)
    setup: tuple[Money, ...] = ()
    monthly: tuple[Money, ...] = ()
    terms: tuple[MailTerms, ...] = Field(default=(), max_length=20)
    failure: MailFailure | None = None


class WantedMail(Frozen):
    """A mail as its operator wants it: `subject` and `text` go out as they stand, nothing in them is filled in."""

    purpose: Purpose
    kind: RecipientKind
    name: Text
    email: Email
    subject: Text
    text: Body
    html: bool = True
    attachments: tuple[AttachmentKind, ...] = Field(default=(), max_length=3)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.purpose == "order_ended":
            raise FieldFault("order_ended is what the notifier writes by itself: take another purpose", "purpose")
        return self


class Attachment(Frozen):
    """An attachment as it is sent."""

    name: str
    media_type: str
    size: int


class MailKey(Frozen):
    """One mail: an order's, to an address, for a purpose."""

    model_config = ConfigDict(extra="forbid")

    order_id: UUID
    recipient: Email
    purpose: Purpose


class MailQuery(Frozen):
    """Mails of these resellers, the newest first. Everything that is given has to be true of a mail; `order_ids`: that
    it is about one of these orders; `asked_from`, `asked_before`: when it was asked for."""

    model_config = ConfigDict(extra="forbid")

    resellers: tuple[Reseller, ...] = Field(min_length=1)
    order_id: UUID | None = None
    order_ids: tuple[UUID, ...] | None = Field(default=None, max_length=200, exclude_if=not_)
    customer_id: UUID | None = None
    recipient: Email | None = None
    state: MailState | None = None
    kind: RecipientKind | None = Field(default=None, exclude_if=not_)
    purpose: Purpose | None = Field(default=None, exclude_if=not_)
    asked_from: AwareDatetime | None = Field(default=None, exclude_if=not_)
    asked_before: AwareDatetime | None = Field(default=None, exclude_if=not_)
    after: Cursor | None = None
    limit: int = Field(default=50, ge=1, le=200)


class MailSummary(Frozen):
    """A mail in a list. `asked_at`: when it was asked for; `by`: by whom, empty for what an order asked for itself."""

    key: MailKey
    reseller: Reseller
    kind: RecipientKind
    name: str
    subject: str
    state: MailState
    tries: int
    asked_at: AwareDatetime
    by: str = ""
    customer_id: UUID | None = None


class MailPage(Frozen):
    """Mails; the next page is `after` what `next` says."""

    mails: tuple[MailSummary, ...]
    next: str | None = None


class OneMail(Frozen):
    """A mail of one of these resellers."""

    model_config = ConfigDict(extra="forbid")

    resellers: tuple[Reseller, ...] = Field(min_length=1)
    key: MailKey


class MailAttachment(OneMail):
    """An attachment of a mail; answered with its bytes."""

    name: Text


class DeliveryTry(Frozen):
    """One try and what the relay replied. `delayed`: tried again later."""

    at: AwareDatetime
    outcome: Literal["sent", "delayed", "failed"]
    reply: str


class SentAgain(Frozen):
    """That somebody asked for a mail once more."""

    at: AwareDatetime
    by: str
    why: str


class MailDetails(MailSummary):
    """A mail with its content and what became of it. `due`: when it is tried next, while it is queued."""

    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    deliveries: tuple[DeliveryTry, ...] = ()
    again: tuple[SentAgain, ...] = ()
    due: AwareDatetime | None = None


class SendAgain(OneMail):
    """Send a mail once more as it is. `request` is the caller's: the same again sends nothing further."""

    request: UUID
    by: Text
    why: Text
