"""What billing finds in a change of a service before it is placed: the rules that guard it in the saga. No IO."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import get_args

from billing_service import amending, checks, model
from billing_service.amending import Barred, Entry
from billing_service.model import Lists, NoPrice
from patchbay_contracts.change_checks import AmendmentFindings, AmendmentQuery
from patchbay_contracts.v1.changes import AmendBilling
from patchbay_contracts.validity import Finding, Severity
from patchbay_contracts.words import Grade, HeldNumber

ANY = 441214960000
"""Stands for a number that is not held yet."""


def findings(
    asked: AmendmentQuery, barred: Barred, ledger: Sequence[Entry], lists: Lists, today: date
) -> AmendmentFindings:
    """Why it would be refused, and what is worth a thought. Of numbers to come, by grade what would be refused."""
    command = asked.amends
    if asked.adds:
        return _added(command, barred, ledger, lists, today)
    entries = amending.judged(command, barred, ledger, lists, today)
    if isinstance(entries, NoPrice):
        return AmendmentFindings(findings=(_refused(command, entries),))
    return AmendmentFindings(findings=tuple(_thoughts(command, entries, lists, today)))


def _added(
    command: AmendBilling, barred: Barred, ledger: Sequence[Entry], lists: Lists, today: date
) -> AmendmentFindings:
    by_grade = dict[Grade, Finding]()
    for grade in get_args(Grade):
        one = command.model_copy(update={"adds": (HeldNumber(e164=ANY, grade=grade, rule="any"),)})
        entries = amending.judged(one, barred, ledger, lists, today)
        if isinstance(entries, NoPrice):
            by_grade[grade] = _refused(one, entries)
    same = {(one.code, one.message) for one in by_grade.values()}
    if len(by_grade) == len(get_args(Grade)) and len(same) == 1:
        return AmendmentFindings(findings=(next(iter(by_grade.values())),))
    return AmendmentFindings(by_grade=by_grade)


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
    field = f"/{why.field}" if command.price_list is not None and why.field else "/numbers" if command.adds else ""
    return _said(why.reason, "error", f"/wanted{field}", why.message, why.remedy)


def _said(code: str, severity: Severity, pointer: str, message: str, remedy: str) -> Finding:
    return Finding(
        code=f"billing.{code}", severity=severity, tab="billing", pointer=f"/change{pointer}", message=message,
        remedy=remedy,
    )  # fmt: skip
