"""Mails about services that were changed, made from templates: what is written to whom. No IO."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from notifier_service import composing, placeholders, templates
from notifier_service.model import Mail
from patchbay_contracts.mail_templates import PreviewQuery, Template
from patchbay_contracts.v1.orders import ChangedService, OrderCompleted, ToldOfChange
from patchbay_contracts.words import Organisation

PURPOSE = "service_changed"
MOST_NAMED = 20


def told(event: OrderCompleted) -> bool:
    """Whether somebody is written to about a changed service."""
    return event.change is not None and event.change.told is not None and bool(event.recipients)


def mails(events: Sequence[OrderCompleted], written: Mapping[str, Sequence[Template]], now: datetime) -> Iterator[Mail]:
    """A mail for each address, by the templates that its reseller and the house wrote, or else by the release's."""
    for event in events:
        change = event.change
        if change is None or change.told is None:
            continue
        seen = set[str]()
        for one in event.recipients:
            if one.email.lower() not in seen:
                seen.add(one.email.lower())
                yield _mail(event, change, change.told, one, written.get(event.reseller, ()), now)


def _mail(  # noqa: PLR0917
    event: OrderCompleted, change: ChangedService, of: ToldOfChange, to: Organisation, written: Sequence[Template],
    now: datetime,
) -> Mail:  # fmt: skip
    facts = _facts(event, change, of, to)
    keys = templates.wanted(PURPOSE, event.reseller, to.kind, of.service_type, templates.HOUSE_LANGUAGE)
    return Mail(
        order_id=event.order_id,
        recipient=to.email,
        name=to.name,
        kind=to.kind,
        reseller=event.reseller,
        outcome="asked",
        facts=templates.fill(keys, written, facts),
        asked_at=now,
        purpose=PURPOSE,
        customer_id=event.customer_id,
    )


def _facts(event: OrderCompleted, change: ChangedService, of: ToldOfChange, to: Organisation) -> dict[str, Any]:
    """What its template may name. What something costs is the business of those who see prices alone."""
    prices = to.kind in composing.SEES_PRICES
    service = {
        "service_type": of.service_type,
        "name": of.service_name,
        "id": change.id,
        "numbers": [{"e164": number} for number in of.numbers],
    }
    known = {
        "customer": {"name": of.customer_name, "id": event.customer_id},
        "reseller_name": of.reseller_name,
        "reference": event.reference,
        "services": [service],
        "setup": event.setup,
    }
    query = {"reseller": event.reseller, "purpose": PURPOSE, "kind": to.kind, "name": to.name, "facts": known}
    facts = placeholders.facts_of(PreviewQuery.model_validate(query | {"order_id": event.order_id}), prices)
    facts["change"] = {
        "kind": change.kind if prices or change.kind != "price_list" else "",
        "added": _named(change.added),
        "removed": _named(change.removed),
        "price_list": (of.price_list or "") if prices else "",
        "from_date": of.from_date.isoformat() if of.from_date is not None and prices else "",
        "monthly": ", ".join(placeholders.money(one) for one in event.monthly) if prices else "",
    }
    return facts


def _named(numbers: Sequence[int]) -> str:
    more = f" (+ {len(numbers) - MOST_NAMED})" if len(numbers) > MOST_NAMED else ""
    return ", ".join(f"+{number}" for number in numbers[:MOST_NAMED]) + more
