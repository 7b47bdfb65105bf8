"""What the gateway itself finds: what a draft lacks, terms that are not agreed to, owners that are away."""

from collections.abc import Iterable, Mapping, Sequence

from gateway_service.draft import Document
from gateway_service.quoting import PricesChanged, quote_of
from gateway_service.upstream import Owner
from patchbay_contracts.catalogue import TermsInForce
from patchbay_contracts.prices import Price
from patchbay_contracts.validity import Finding, Severity, Tab
from patchbay_contracts.words import Money

_TAB_OF: Mapping[Owner, Tab] = {
    "customer": "customer",
    "numbers": "numbers",
    "provisioning": "settings",
    "billing": "billing",
    "notifier": "notifications",
}
UNCHECKED = "unchecked"
"""What is found where an owner could not be asked."""


def own(
    document: Document, terms: Sequence[TermsInForce] | None, *, agreed: bool, changed: PricesChanged | None = None
) -> list[Finding]:
    """What the gateway itself knows to be missing, or to be other than it was."""
    found = []
    if not document.only_customer and not document.services and document.customer.kind == "new":
        message = "No service is chosen, and the draft is not for a customer account alone."
        remedy = "Choose a service type, or Only Create a Customer Account."
        found.append(_own("nothing_chosen", "service", "/services", message, remedy))
    if document.customer.kind == "existing" and (document.only_customer or not document.services):
        message = "The customer is there already, and no service is to be created: there is nothing to create."
        found.append(_own("nothing_to_create", "service", "/services", message, "Choose a service type."))
    if document.customer.kind == "existing" and document.customer.id is None:
        message = "No existing customer is chosen."
        found.append(_own("no_customer", "customer", "/customer/id", message, "Find and choose the customer."))
    if terms is None:
        found.append(_own("terms_unknown", "creation", "/agreement", "The terms could not be read.", "Try again."))
    elif not agreed:
        code, message = "terms_not_agreed", "The terms and conditions of these services are not agreed to."
        if document.agreement is not None:
            code, message = "terms_changed", "These are not the terms and conditions that were agreed to before."
        found.append(_own(code, "creation", "/agreement", message, "Read them, tick I Agree and press Update."))
    quote = document.quote
    if changed is not None:
        (setup, monthly), (setup_now, monthly_now) = map(_told, changed)
        message = (
            f"The prices have changed since they were locked: they were {setup} once and {monthly} a month, and are"
            f" {setup_now} once and {monthly_now} a month now."
        )
        remedy = "Make sure that the customer knows, or choose another price list."
        found.append(_own("prices_changed", "billing", "/quote", message, remedy, severity="warning"))
    elif quote is not None and document.ordered and quote_of(document) is None:
        message = (
            "The prices were quoted, but the quote has ended or is for other lines: today's prices will be charged."
        )
        found.append(_own("quote_ended", "billing", "/quote", message, "Look at the Billing tab.", severity="info"))
    return found


def _told(prices: Sequence[Price]) -> tuple[str, str]:
    """Set-up and monthly, each a sum for each currency."""
    return _sums(price.setup for price in prices), _sums(price.monthly for price in prices)


def _sums(sums: Iterable[Money]) -> str:
    return ", ".join(f"{one.amount:.4f}".removesuffix("00") + f" {one.currency}" for one in sums)


def unchecked(owner: Owner) -> Finding:
    """That the owner could not be asked."""
    return Finding(
        code=f"{owner}.{UNCHECKED}",
        severity="error",
        tab=_TAB_OF[owner],
        pointer="",
        message=f"The {owner} service could not be asked, so its part is not checked.",
        remedy="Try again in a moment. Nothing that you typed is lost.",
    )


def _own(code: str, tab: Tab, pointer: str, message: str, remedy: str, *, severity: Severity = "error") -> Finding:
    return Finding(code=f"draft.{code}", severity=severity, tab=tab, pointer=pointer, message=message, remedy=remedy)
