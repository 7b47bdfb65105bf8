"""Rules of quotes without IO: what lines cost, when a quote holds for an order, and which lines it covers."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import get_args
from uuid import UUID

from billing_service import model
from billing_service.model import Lists, NoPrice, PriceList
from patchbay_contracts.prices import Price
from patchbay_contracts.quotes import (
    ComparedLine,
    CompareQuery,
    Comparison,
    Preview,
    QuotedLine,
    QuotedPart,
    QuoteLine,
    QuoteOwner,
    Unpriced,
)
from patchbay_contracts.v1.billing import BilledLine
from patchbay_contracts.words import Grade, Money

AGAIN = "quote again"


@dataclass(frozen=True)
class Locked:
    """A stored quote. `left`: until its end by the database's time; none or less when it has ended."""

    id: UUID
    reseller: str
    owner: QuoteOwner
    left: timedelta
    used_by: UUID | None
    lines: Mapping[int, QuotedLine]


def preview(lines: Sequence[QuoteLine], lists: Lists, reseller: str, today: date) -> Preview:
    """What the lines cost today, and why some have no price."""
    priced: list[QuotedLine] = []
    unpriced: list[Unpriced] = []
    for at, line in enumerate(lines):
        wanted = {grade: line.numbers[grade] for grade in get_args(Grade) if line.numbers.get(grade)}
        list_ = model.buys(
            lists, reseller, today, price_list=line.price_list, service_type=line.service_type, grades=wanted
        )
        if isinstance(list_, NoPrice):
            pointer = f"/lines/{at}/{list_.field}"
            unpriced.append(
                Unpriced(line=at, reason=list_.reason, pointer=pointer, message=list_.message, remedy=list_.remedy)
            )
        else:
            priced.append(_quoted(at, line, wanted, list_))
    return Preview(lines=tuple(priced), totals=totals(priced), unpriced=tuple(unpriced))


def _quoted(at: int, line: QuoteLine, wanted: Mapping[Grade, int], list_: PriceList) -> QuotedLine:
    parts = tuple(
        _part(grade, quantity, list_.prices[line.service_type, grade], list_.currency)
        for grade, quantity in ((None, line.services), *wanted.items())
    )
    return QuotedLine(
        line=at,
        service_type=line.service_type,
        price_list=list_.id,
        version=list_.version,
        name=list_.name,
        currency=list_.currency,
        valid_from=list_.valid_from,
        valid_to=list_.ends,
        tax_note=list_.tax_note,
        parts=parts,
        total=added(part.total for part in parts)[0],
    )


def _part(grade: Grade | None, quantity: int, price: model.Price, currency: str) -> QuotedPart:
    each, total = (of(price.setup, price.monthly, currency, times) for times in (1, quantity))
    return QuotedPart(grade=grade, quantity=quantity, each=each, total=total)


def of(setup: Decimal, monthly: Decimal, currency: str, times: int = 1) -> Price:
    """So many times set-up and monthly. Never rounded: prices have four decimals, and so have their multiples."""
    return Price(
        setup=Money(amount=setup * times, currency=currency), monthly=Money(amount=monthly * times, currency=currency)
    )


def added(prices: Iterable[Price], sign: int = 1) -> tuple[Price, ...]:
    """Their sums, one for each currency in alphabetical order."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for price in prices:
        setup, monthly = sums.get(price.setup.currency, (model.ZERO, model.ZERO))
        sums[price.setup.currency] = setup + price.setup.amount, monthly + price.monthly.amount
    return tuple(of(*sums[currency], currency, sign) for currency in sorted(sums))


def totals(lines: Iterable[QuotedLine]) -> tuple[Price, ...]:
    """What lines come to, one sum for each currency in alphabetical order."""
    return added(line.total for line in lines)


def unusable(
    quote: Locked | None, id_: UUID, reseller: str, customer_id: UUID | None, order_id: UUID | None = None
) -> NoPrice | None:
    """Why an order cannot be charged by the quote; None if it can. It does for one order, and goes on doing for that
    after its end. What is somebody else's is not told from what is not there."""
    if (
        quote is None
        or quote.reseller != reseller
        or (quote.owner.kind == "customer" and quote.owner.id != customer_id)
    ):
        return NoPrice("unknown_quote", "quote", f"there is no quote {id_}", AGAIN)
    if quote.used_by is not None:
        if quote.used_by == order_id:
            return None
        return NoPrice("quote_used", "quote", "the quote was used by another order", AGAIN)
    if quote.left <= timedelta(0):
        return NoPrice("quote_ended", "quote", "the quote has ended, and its prices are no longer locked", AGAIN)
    return None


def line_of(quote: Locked) -> Callable[[BilledLine], PriceList | NoPrice]:
    """What the quote says of a line of an order."""

    def said(line: BilledLine) -> PriceList | NoPrice:
        wanted = {grade: quantity for grade, quantity, _ in model.things_of(line)}
        return covers(quote, line.line, line.service_type, line.price_list, wanted)

    return said


def covers(
    quote: Locked, at: int, service_type: str, price_list: str, wanted: Mapping[Grade | None, int]
) -> PriceList | NoPrice:
    """The quoted prices of a line, if all that it wants was shown: the same service type and price list in the same
    place, no more services (no grade) and no more numbers of any grade. Fewer are covered."""
    line = quote.lines.get(at)
    if line is None:
        return NoPrice("quote_differs", "service_type", "the quote has no such line", AGAIN)
    for field, now, then in (
        ("service_type", service_type, line.service_type),
        ("price_list", price_list, line.price_list),
    ):
        if now != then:
            return NoPrice(
                "quote_differs", field, f"the quote is for {then!r}, not for {now[: model.MOST_QUOTED]!r}", AGAIN
            )
    shown = {part.grade: part for part in line.parts}
    for grade, quantity in wanted.items():
        covered = shown[grade].quantity if grade in shown else 0
        if quantity > covered:
            things = f"{grade} numbers" if grade else "services"
            return NoPrice("quote_differs", "numbers", f"{quantity} {things}, {covered} in the quote", AGAIN)
    prices = {
        (service_type, grade): model.Price(part.each.setup.amount, part.each.monthly.amount)
        for grade, part in shown.items()
    }
    return PriceList(
        price_list, None, line.currency, line.valid_from, line.valid_to, prices, line.version, line.name, line.tax_note
    )


def before_of(price_list: str) -> str:
    """What the version before of a list is called beside the one in force: nothing that a list itself may be called."""
    return f"{price_list} before"


def instead(query: CompareQuery, replaced: Collection[str]) -> list[QuoteLine]:
    """The lines as they are compared: by the list instead of their own, or by the version before, where it is known."""
    found = []
    for line, other in zip(query.lines, query.instead, strict=True):
        list_ = other or (before_of(line.price_list) if before_of(line.price_list) in replaced else line.price_list)
        found.append(line.model_copy(update={"price_list": list_}))
    return found


def with_those_that_stay(before: Preview, after: Preview, query: CompareQuery, replaced: Collection[str]) -> Preview:
    """The other side of a comparison: a line that is compared with nothing stays as it is, also as it was locked."""
    stay = {
        at
        for at, (line, other) in enumerate(zip(query.lines, query.instead, strict=True))
        if other is None and before_of(line.price_list) not in replaced
    }
    lines = sorted(
        [one for one in before.lines if one.line in stay] + [one for one in after.lines if one.line not in stay],
        key=lambda one: one.line,
    )
    unpriced = [one for one in before.unpriced if one.line in stay]
    unpriced += [one for one in after.unpriced if one.line not in stay]
    return Preview(lines=tuple(lines), totals=totals(lines), unpriced=tuple(unpriced))


def compared(before: Preview, after: Preview) -> Comparison:
    """Line by line, and altogether: after less before."""
    old, new = ({line.line: line for line in side.lines} for side in (before, after))
    lines = [
        ComparedLine(line=at, before=old.get(at), after=new.get(at), difference=_difference(old.get(at), new.get(at)))
        for at in sorted(old.keys() | new.keys())
    ]
    differences = added((*after.totals, *added(before.totals, -1)))
    return Comparison(lines=tuple(lines), before=before, after=after, differences=differences)


def _difference(before: QuotedLine | None, after: QuotedLine | None) -> Price | None:
    if before is None or after is None or before.currency != after.currency:
        return None
    (difference,) = added((after.total, *added((before.total,), -1)))
    return difference
