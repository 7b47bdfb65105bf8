"""Rules of amendments without IO: what a change ends of a service's charges, and what it begins (docs/adr/0027).

Charges are a ledger. What ends is charged again with the opposite quantity, from the day on which it ends; so what is
charged on a day is the sum of all that has started by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from billing_service.model import ZERO, Lists, NoPrice, Price, PriceList, usable
from billing_service.standing import BLOCKED, Course, Standing
from patchbay_contracts.v1.changes import AmendBilling, BillingAmended, BillingAmendRefused, PricedFrom
from patchbay_contracts.words import Grade, Money


class Thing(NamedTuple):
    """What is charged: the service itself (no number), or one of its numbers."""

    grade: Grade | None = None
    number: int | None = None


@dataclass(frozen=True)
class Entry:
    """So many of a thing at a price, from a time on; without one since it was ordered. A quantity below 0 ends some.
    `price_list` and `version`: what it was priced by, where that is known."""

    thing: Thing
    quantity: int
    price: Price
    currency: str
    starts_at: datetime | None = None
    price_list: str | None = None
    version: int | None = None


Ledgers = Mapping[UUID, Sequence[Entry]]
"""What is charged for the service of each change, by the change."""


class Amendment(NamedTuple):
    """A row of the ledger: entries of several numbers that have all else in common."""

    grade: Grade | None
    numbers: tuple[int, ...]
    quantity: int
    price: Price
    currency: str
    starts_at: datetime | None
    price_list: str | None
    version: int | None


def amended(command: AmendBilling, ledger: Sequence[Entry], lists: Lists, today: date) -> list[Entry] | NoPrice:
    """What the change adds to the ledger, or why it has no price."""
    if command.ends:
        return list(_ended(ledger, None, today))
    if command.removes:
        return list(_ended([entry for entry in ledger if entry.thing.number in command.removes], None, today))
    if command.price_list is not None:
        return _repriced(command, ledger, lists, today)
    return _added(command, lists, today)


def judged(
    commands: Sequence[AmendBilling], standing: Standing, ledgers: Ledgers, lists: Lists, today: date
) -> Iterator[list[Entry] | NoPrice]:
    """The same of each change, unless it was taken back, or its customer cannot be charged for more: one after the
    other, of two that want the last of a customer's credit the first gets it."""
    credit = dict(standing.credit)
    for command in commands:
        found = _allowed(command, standing, ledgers[command.order_id], lists, today)
        if not isinstance(found, NoPrice) and (mine := credit.get(command.customer_id)) is not None:
            more = _course(found, mine.currency)
            if (refused := mine.beyond(more)) is not None:
                found = refused
            else:
                credit[command.customer_id] = mine.after(more)
        yield found


def _allowed(
    command: AmendBilling, standing: Standing, ledger: Sequence[Entry], lists: Lists, today: date
) -> list[Entry] | NoPrice:
    if command.order_id in standing.withdrawn:
        return WITHDRAWN
    if command.price_lists and command.customer_id in standing.blocked:  # which only a change has that adds numbers
        return BLOCKED
    return amended(command, ledger, lists, today)


def _course(entries: Iterable[Entry], currency: str) -> Course:
    """By how much the monthly charges in that currency rise and fall, and when."""
    course = defaultdict[datetime | None, Decimal](Decimal)
    for entry in entries:
        if entry.currency == currency:
            course[entry.starts_at] += entry.quantity * entry.price.monthly
    return course


def _ended(ledger: Iterable[Entry], at: datetime | None, today: date) -> Iterator[Entry]:
    """The opposite of all that is charged from then on; None: from now on. What began before is charged until then."""
    sums = defaultdict[Entry, int](int)
    for entry in ledger:
        later = entry.starts_at is not None and entry.starts_at.date() > (today if at is None else at.date())
        starts = entry.starts_at if later else at
        alike = replace(entry, quantity=-1, price=Price(ZERO, entry.price.monthly), starts_at=starts)
        sums[alike] += entry.quantity
    for ended, quantity in sums.items():
        if quantity:
            yield replace(ended, quantity=-quantity)


def _repriced(command: AmendBilling, ledger: Sequence[Entry], lists: Lists, today: date) -> list[Entry] | NoPrice:
    assert command.price_list is not None
    day = max(today, command.price_list.from_date or today)
    if isinstance(list_ := usable(lists, command.price_list.price_list, command.reseller, day), NoPrice):
        return list_
    at, ends = _start(command.price_list, today), list[Entry]()
    begins = list[Entry]()
    ends += _ended(ledger, at, today)
    for thing in _charged(ledger):
        price = _price(command, list_, thing.grade)
        if isinstance(price, NoPrice):
            return price
        begins.append(_entry(thing, Price(ZERO, price.monthly), list_, at))
    return [*ends, *begins]


def _charged(ledger: Iterable[Entry]) -> list[Thing]:
    """What is charged at last."""
    sums = defaultdict[Thing, int](int)
    for entry in ledger:
        sums[entry.thing] += entry.quantity
    return [thing for thing, quantity in sums.items() if quantity > 0]


def _added(command: AmendBilling, lists: Lists, today: date) -> list[Entry] | NoPrice:
    """Added numbers are charged by the service's price lists, each from its day on."""
    entries = list[Entry]()
    for number in command.adds:
        before: Entry | None = None
        for priced in command.price_lists:
            day = max(today, priced.from_date or today)
            if isinstance(list_ := usable(lists, priced.price_list, command.reseller, day), NoPrice):
                return list_
            own = _price(command, list_, number.grade)
            if isinstance(own, NoPrice):
                return own
            at = _start(priced, today)
            if before is not None:
                entries.append(replace(before, quantity=-1, price=Price(ZERO, before.price.monthly), starts_at=at))
            setup = own.setup if before is None else ZERO
            before = _entry(Thing(number.grade, number.e164), Price(setup, own.monthly), list_, at)
            entries.append(before)
    return entries


def _entry(thing: Thing, price: Price, list_: PriceList, at: datetime | None) -> Entry:
    return Entry(thing, 1, price, list_.currency, at, list_.id, list_.version)


def _start(priced: PricedFrom, today: date) -> datetime | None:
    if priced.from_date is None or priced.from_date <= today:
        return None
    return datetime.combine(priced.from_date, time(), UTC)


def _price(command: AmendBilling, list_: PriceList, grade: Grade | None) -> Price | NoPrice:
    price = list_.prices.get((command.service.service_type, grade))
    if price is None:
        what = f"{grade} numbers of {command.service.service_type!r}" if grade else repr(command.service.service_type)
        return NoPrice("no_price", "price_list", f"{list_.id!r} has no price for {what}", "choose another price list")
    return price


def lists_of(command: AmendBilling) -> set[str]:
    """The price lists that it is charged by."""
    return {one.price_list for one in (command.price_list, *command.price_lists) if one is not None}


def rows(entries: Iterable[Entry]) -> list[Amendment]:
    """The entries as the ledger has them, always in the same order."""
    numbers = defaultdict[Entry, list[int]](list)
    for entry in entries:
        of = numbers[replace(entry, thing=Thing(entry.thing.grade))]
        of += [] if entry.thing.number is None else [entry.thing.number]
    return [
        Amendment(
            one.thing.grade,
            tuple(sorted(of)),
            one.quantity * max(1, len(of)),
            one.price,
            one.currency,
            one.starts_at,
            one.price_list,
            one.version,
        )
        for one, of in numbers.items()
    ]


def answer(command: AmendBilling, entries: Sequence[Entry]) -> BillingAmended:
    """What the change costs once, and by how much it changes what is charged at last."""
    setup, monthly = defaultdict[str, Decimal](Decimal), defaultdict[str, Decimal](Decimal)
    for entry in entries:
        setup[entry.currency] += entry.quantity * entry.price.setup
        monthly[entry.currency] += entry.quantity * entry.price.monthly
    return BillingAmended(
        order_id=command.order_id, reseller=command.reseller, setup=_money(setup), monthly=_money(monthly)
    )


def _money(sums: Mapping[str, Decimal]) -> tuple[Money, ...]:
    return tuple(Money(amount=sums[currency], currency=currency) for currency in sorted(sums))


def refusal(command: AmendBilling, why: NoPrice) -> BillingAmendRefused:
    """A refusal that names the field, where the change has it."""
    where = f"/wanted/{why.field}: " if command.price_list is not None and why.field else ""
    ids = {"order_id": command.order_id, "reseller": command.reseller, "reason": why.reason}
    return BillingAmendRefused.model_validate(ids | {"detail": f"{where}{why.message}: {why.remedy}"})


WITHDRAWN = NoPrice("withdrawn", "", "the change was taken back before", "ask for it again")
