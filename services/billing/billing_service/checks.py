"""What billing finds in a draft or an order: the rules that guard it in the saga, asked beforehand."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from billing_service import model, quoting
from billing_service.model import Lists, NoPrice, PriceList
from billing_service.standing import BLOCKED, Standing
from patchbay_contracts.validity import CheckedLine, Finding, ValidityQuery
from patchbay_contracts.words import Grade

SOON = timedelta(days=7)
"""A price list that ends within this time is pointed out."""
QUOTE_SOON = timedelta(minutes=30)
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


@dataclass(frozen=True)
class Known:
    """What billing knows about what a query names."""

    lists: Lists
    standing: Standing
    quote: quoting.Locked | None
    today: date


def price_lists_of(query: ValidityQuery) -> set[str]:
    """The price lists that it names, as far as they can be any."""
    return {line.price_list for line in query.lines if _SLUG.fullmatch(line.price_list)}


def findings(query: ValidityQuery, known: Known) -> tuple[Finding, ...]:
    """All that billing has to say, line by line, then about the whole."""
    refused = _quote(query, known)
    by_quote = known.quote if query.quote is not None and refused is None else None
    costs = [_cost(at, line, query, known, by_quote) for at, line in enumerate(query.lines)]
    found = [one for at, cost in enumerate(costs) for one in _of_line(at, cost, known, by_quote)]
    if refused is not None:
        found.append(_finding(refused, "/quote"))
    elif by_quote is not None and by_quote.left <= QUOTE_SOON:
        minutes = max(int(by_quote.left.total_seconds()) // 60, 0)
        message = f"the quote ends in {minutes} minutes"
        found.append(_said("quote_ends_soon", "info", "/quote", message, "create the services before, or quote again"))
    return (*found, *_currencies(costs), *_account(query, known, costs))


Cost = tuple[PriceList, dict[str, Decimal]] | NoPrice
"""What a line is priced by, and what it costs a month by currency; or why it has no price."""


def _cost(at: int, line: CheckedLine, query: ValidityQuery, known: Known, quote: quoting.Locked | None) -> Cost:
    if not line.price_list:
        return NoPrice("no_price_list", "price_list", "no price list is chosen", "choose a price list")
    grades: Counter[Grade] = Counter(line.grades[number] for number in line.numbers if number in line.grades)
    grades.update(line.given)
    services = max(line.many, 1) if line.grouping == "each" else 1
    wanted: dict[Grade | None, int] = dict([(None, services), *grades.items()])
    by = (
        quoting.covers(quote, at, line.service_type, line.price_list, wanted)
        if quote is not None
        else model.buys(
            known.lists,
            query.reseller,
            known.today,
            price_list=line.price_list,
            service_type=line.service_type,
            grades=grades,
        )
    )
    if isinstance(by, NoPrice):
        return by
    monthly = sum((by.prices[line.service_type, grade].monthly * n for grade, n in wanted.items()), model.ZERO)
    return by, {by.currency: monthly}


def _quote(query: ValidityQuery, known: Known) -> NoPrice | None:
    if query.quote is None:
        return None
    customer = query.customer.id if query.customer else None
    return quoting.unusable(known.quote, query.quote, query.reseller, customer)


def _of_line(at: int, cost: Cost, known: Known, quote: quoting.Locked | None) -> Iterator[Finding]:
    where = f"/lines/{at}/price_list"
    if isinstance(cost, NoPrice):
        if cost.reason == "quote_differs":
            yield _said(cost.reason, "error", "/quote", f"line {at + 1}: {cost.message}", cost.remedy)
        else:
            yield _finding(cost, f"/lines/{at}/{cost.field}")
        return
    list_, _ = cost
    if quote is None and list_.ends is not None and list_.ends - known.today <= SOON:
        message = f"{list_.id!r} has these prices until {list_.ends}"
        yield _said("price_list_ends_soon", "info", where, message, "create the services before, or quote them now")


def _currencies(costs: list[Cost]) -> Iterator[Finding]:
    lists = [(at, cost[0]) for at, cost in enumerate(costs) if not isinstance(cost, NoPrice)]
    for at, list_ in lists[1:]:
        if list_.currency != lists[0][1].currency:
            message = f"this line is in {list_.currency}, the first in {lists[0][1].currency}: there will be two totals"
            where = f"/lines/{at}/price_list"
            yield _said("mixed_currencies", "warning", where, message, "choose price lists of one currency")
            return


def _account(query: ValidityQuery, known: Known, costs: list[Cost]) -> Iterator[Finding]:
    customer = query.customer.id if query.customer else None
    if customer is None:
        return
    if customer in known.standing.blocked:
        yield _finding(BLOCKED, "/customer/id")
    if (credit := known.standing.credit.get(customer)) is not None:
        monthly = [cost[1].get(credit.currency, model.ZERO) for cost in costs if not isinstance(cost, NoPrice)]
        if (refused := credit.beyond({None: sum(monthly, model.ZERO)})) is not None:
            yield _finding(refused, "/customer/id")


def _finding(why: NoPrice, pointer: str) -> Finding:
    return _said(why.reason, "error", pointer, why.message, why.remedy)


def _said(code: str, severity: Literal["error", "warning", "info"], pointer: str, message: str, remedy: str) -> Finding:
    return Finding(
        code=f"billing.{code}", severity=severity, tab="billing", pointer=pointer, message=message, remedy=remedy
    )
