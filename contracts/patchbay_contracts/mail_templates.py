"""Templates of mails, and what a mail would look like: asked of the notifier over HTTP by the gateway."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from patchbay_contracts.mails import (
    Attachment,
    AttachmentKind,
    Body,
    Language,
    MailFacts,
    Purpose,
    RecipientKind,
)
from patchbay_contracts.message import Frozen
from patchbay_contracts.words import Reseller, Slug, Text


class TemplateKey(Frozen):
    """Which template: a reseller's own or, without one, the house's; for a kind of recipient and a service type or,
    without them, for all."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose
    reseller: Reseller | None = None
    kind: RecipientKind | None = None
    service_type: Slug | None = None
    language: Language = "en-GB"


class TemplateText(Frozen):
    """Subject and text with placeholders: `{{ customer.name }}`, `{% for service in services %}` … `{% endfor %}`,
    `{% if order.reference %}` … `{% endif %}`. `html`: the mail has an HTML part too, made from the text."""

    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    text: Body
    html: bool = True


class Template(Frozen):
    """A version of a template. Version 0 comes with the release, and nobody wrote it; without `template` it was
    withdrawn."""

    key: TemplateKey
    version: int
    template: TemplateText | None
    by: str = ""
    why: str = ""
    at: AwareDatetime | None = None


class TemplateQuery(Frozen):
    """The templates that mails of this reseller are made from: its own and the house's. No reseller: the house's."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller | None = None
    purpose: Purpose | None = None


class Templates(Frozen):
    """By purpose, reseller, kind, service type and language. `placeholders`: what a template may name."""

    templates: tuple[Template, ...]
    placeholders: tuple[str, ...]


class TemplateVersions(Frozen):
    """A template as it was written, the newest first. None: only what it falls back on."""

    versions: tuple[Template, ...]


class PutTemplate(Frozen):
    """Write a template. `version` is that of the one it replaces, 0 for a new one; the same again changes nothing.
    Without `template` it is withdrawn, and what it fell back on holds again."""

    model_config = ConfigDict(extra="forbid")

    key: TemplateKey
    version: int = Field(ge=0)
    template: TemplateText | None
    by: Text
    why: Text


class PreviewQuery(Frozen):
    """What a mail would be. `typed`: as the operator typed it. `template`: a template that is being written. Neither:
    from the template in force for that purpose, kind and language and for the services' type; what it says is what an
    operator then changes."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    purpose: Purpose
    kind: RecipientKind
    name: Text
    language: Language = "en-GB"
    typed: TemplateText | None = None
    template: TemplateText | None = None
    attachments: tuple[AttachmentKind, ...] = Field(default=(), max_length=3)
    order_id: UUID | None = None
    facts: MailFacts


class Preview(Frozen):
    """Exactly what would be sent; `html` is a whole page, empty if the mail has none. `from_template`: where subject
    and text come from."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    from_template: TemplateKey | None = None
