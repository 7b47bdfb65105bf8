"""What a mail consists of: its text, the HTML made from it, and its attachments, made anew each time from the facts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from notifier_service import page, settings_csv, terms_text
from notifier_service.placeholders import filled
from patchbay_contracts.mail_templates import TemplateText
from patchbay_contracts.mails import Attachment, AttachmentKind, MailFacts, RecipientKind

MOST_BYTES = 5_000_000
"""So large the attachments of a mail may be together; in transit they grow by a third."""
SEES_PRICES: frozenset[RecipientKind] = frozenset(("customer", "reseller", "own"))
"""What a customer pays is nobody else's business."""
_BLANK_LINES = re.compile(r"\n{3,}")


class TooLarge(ValueError):
    """The attachments are larger than a mail may carry."""


@dataclass(frozen=True)
class Attached:
    """An attachment with its bytes."""

    name: str
    media_type: str
    content: bytes

    @property
    def shown(self) -> Attachment:
        return Attachment(name=self.name, media_type=self.media_type, size=len(self.content))


def one_line(text: str) -> str:
    """A header takes no line break, whoever wrote the text and in whatever script the break is."""
    return " ".join(text.split())


def from_template(template: TemplateText, facts: dict[str, Any]) -> tuple[str, str]:
    """Subject and text, filled in. Raises BadTemplate."""
    subject = one_line(filled(template.subject, facts))[:200].strip()
    return subject, _BLANK_LINES.sub("\n\n", filled(template.text, facts)).strip() + "\n"


def attachments(
    kinds: Sequence[AttachmentKind], facts: MailFacts, to: RecipientKind, at: datetime | None
) -> list[Attached]:
    """The attachments. Raises TooLarge."""
    made = [_made(kind, facts, to, at) for kind in kinds]
    if (size := sum(len(one.content) for one in made)) > MOST_BYTES:
        raise TooLarge(f"the attachments have {size:,} bytes; {MOST_BYTES:,} may be: attach less")
    return made


def _made(kind: AttachmentKind, facts: MailFacts, to: RecipientKind, at: datetime | None) -> Attached:
    if kind == "settings":
        return Attached("settings.csv", "text/csv", settings_csv.written(facts, to in SEES_PRICES))
    if kind == "terms":
        return Attached("terms.txt", "text/plain", terms_text.written(facts))
    from notifier_service import summary_pdf  # noqa: PLC0415 - its library takes a second to import, and few mails need it

    return Attached("services.pdf", "application/pdf", summary_pdf.written(facts, to in SEES_PRICES, at))


def put_together(message: EmailMessage, text: str, html: str, attached: Sequence[Attached]) -> None:
    """Fill a message that has its headers."""
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for one in attached:
        main, _, sub = one.media_type.partition("/")
        charset = {"charset": "utf-8"} if main == "text" else None
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name, params=charset)


def html_of(subject: str, text: str, html: bool, language: str) -> str:
    """The HTML part, if the mail has one."""
    return page.html(subject, text, language) if html else ""
