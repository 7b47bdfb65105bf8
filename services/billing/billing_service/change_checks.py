"""What billing finds in a change of a service before it is placed: the rules that guard it in the saga. No IO."""

from collections.abc import Iterator, Sequence
from datetime import date

from billing_service import amending, checks, model
from billing_service.amending import Entry, Ledgers
from billing_service.model import Lists, NoPrice
from billing_service.standing import Standing
from patchbay_contracts.v1.changes import AmendBilling
from patchbay_contracts.validity import Finding, Severity


def findings(
    command: AmendBilling, standing: Standing, ledgers: Ledgers, lists: Lists, today: date
) -> Iterator[Finding]:
    """Why it would be refused; else what is worth a thought."""
    (entries,) = amending.judged([command], standing, ledgers, lists, today)
    if isinstance(entries, NoPrice):
        yield _refused(command, entries)
    else:
        yield from _thoughts(command, entries, lists, today)


def _thoughts(command: AmendBilling, entries: Sequence[Entry], lists: Lists, today: date) -> Iterator[Finding]:
    if command.price_list is None:
        return
    old = {entry.currency for entry in entries if entry.quantity < 0}
    new = {entry.currency for entry in entries if entry.quantity > 0}
    if old and new - old:
        message = f"it is charged in {', '.join(sorted(new))} from then on, and was in {', '.join(sorted(old))}"
        remedy = "choose a price list of the same currency, or make sure that the customer knows"
        yield _said("other_currency", "warning", "/wanted/price_list", message, remedy)
    day = max(today, command.price_list.from_date or today)
    list_ = model.usable(lists, command.price_list.price_list, command.reseller, day)
    if not isinstance(list_, NoPrice) and list_.ends is not None and list_.ends - day <= checks.SOON:
        message = f"{list_.id!r} has these prices until {list_.ends}: what it says then counts for new services alone"
        yield _said("price_list_ends_soon", "info", "/wanted/price_list", message, "look at its next version as well")


def _refused(command: AmendBilling, why: NoPrice) -> Finding:
    """At the price list that is wanted, or at the numbers to come."""
    field = why.field if command.price_list is not None else "numbers" if command.price_lists else ""
    return _said(why.reason, "error", f"/wanted/{field}".rstrip("/"), why.message, why.remedy)


def _said(code: str, severity: Severity, pointer: str, message: str, remedy: str) -> Finding:
    return Finding(
        code=f"billing.{code}", severity=severity, tab="billing", pointer=f"/change{pointer}", message=message,
        remedy=remedy,
    )  # fmt: skip
