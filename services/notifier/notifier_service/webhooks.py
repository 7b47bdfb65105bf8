"""Mails about webhooks that were disabled, made from templates: what is written to their resellers. No IO."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from notifier_service import placeholders, templates
from notifier_service.composing import one_line
from notifier_service.model import Mail
from patchbay_contracts.mail_templates import Template
from patchbay_contracts.v1.notifier import TellWebhookDisabled

PURPOSE = "webhook_disabled"


def mails(commands: Sequence[TellWebhookDisabled], written: Mapping[str, Sequence[Template]]) -> Iterator[Mail]:
    """A mail for each, by the templates that its reseller and the house wrote, or else by the release's."""
    for one in commands:
        keys = templates.wanted(PURPOSE, one.reseller, one.to.kind, None, templates.HOUSE_LANGUAGE)
        yield Mail(
            order_id=one.event_id,
            recipient=one.to.email,
            name=one.to.name,
            kind=one.to.kind,
            reseller=one.reseller,
            outcome="asked",
            facts=templates.fill(keys, written.get(one.reseller, ()), _facts(one)),
            asked_at=one.disabled_at,
            purpose=PURPOSE,
        )


def _facts(of: TellWebhookDisabled) -> dict[str, Any]:
    """What its template may name: all that mails may, and what is not of orders is empty."""
    at = of.disabled_at.astimezone(UTC)
    webhook = {
        "id": str(of.webhook_id),
        "url": one_line(of.url),
        "reason": one_line(of.reason),
        "disabled_at": f"{at:%Y-%m-%d %H:%M} UTC",
    }
    return {**placeholders.nothing(), "recipient": {"name": of.to.name}, "reseller": {"name": of.to.name}} | {
        "webhook": webhook
    }
