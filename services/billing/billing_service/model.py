"""Rules about prices without IO: what things and orders cost, or why they have no price. Money is never a float."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import get_args
from uuid import UUID

from patchbay_contracts import prices as contract
from patchbay_contracts.v1.billing import BilledLine, BillingRefused, OpenBilling
from patchbay_contracts.words import Grade, Money

ZERO = Decimal(0)


@dataclass(frozen=True)
class Price:
    """Set-up and monthly, in the price list's currency."""

    setup: Decimal
    monthly: Decimal


@dataclass(frozen=True)
class PriceList:
    """A price list with its prices by service type and grade; grade None is the service itself.

    `reseller` None: the house's own, for everybody.
    """

    id: str
    reseller: str | None
    currency: str
    valid_from: date
    valid_to: date | None
    prices: Mapping[tuple[str, Grade | None], Price]


@dataclass(frozen=True)
class NoPrice:
    """Why there is no price: a reason of `BillingRefused`, the field that asked for it, and what to do."""

    reason: str
    field: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Charge:
    """So many of one thing at one price; `numbers` are those that it is for, none for services."""

    order_id: UUID
    position: int
    line: int
    service_type: str
    grade: Grade | None
    numbers: tuple[int, ...]
    quantity: int
    price: Price
    currency: str


def usable(lists: Mapping[str, PriceList], id_: str, reseller: str, today: date) -> PriceList | NoPrice:
    """The price list, if that reseller may buy by it today."""
    list_ = lists.get(id_)
    if list_ is None or list_.reseller not in (None, reseller):
        return NoPrice("unknown_price_list", "price_list", f"there is no price list {id_!r}", "choose one of yours")
    if not list_.valid_from <= today <= (list_.valid_to or today):
        message = f"{id_!r} is in force from {list_.valid_from} to {list_.valid_to or 'further notice'}"
        return NoPrice("price_list_not_in_force", "price_list", message, "choose another")
    return list_


def prices(query: contract.PriceQuery, lists: Mapping[str, PriceList], today: date) -> contract.Prices | NoPrice:
    """What the price list says about the service type, or about all that can be bought by it."""
    list_ = usable(lists, query.price_list, query.reseller, today)
    if isinstance(list_, NoPrice):
        return list_
    types = sorted(type_ for type_, grade in list_.prices if grade is None and query.service_type in (None, type_))
    if query.service_type and not types:
        message = f"{list_.id!r} has no price for service type {query.service_type!r}"
        return NoPrice("no_price", "service_type", message, "choose another service type or another price list")
    return contract.Prices(
        price_list=list_.id,
        currency=list_.currency,
        valid_from=list_.valid_from,
        valid_to=list_.valid_to,
        services=tuple(_service(list_, type_) for type_ in types),
    )


def _service(list_: PriceList, service_type: str) -> contract.ServicePrices:
    of_type = {grade: _price(list_, price) for (type_, grade), price in list_.prices.items() if type_ == service_type}
    return contract.ServicePrices(
        service_type=service_type,
        service=of_type[None],
        grades={grade: of_type[grade] for grade in get_args(Grade) if grade in of_type},
    )


def _price(list_: PriceList, price: Price) -> contract.Price:
    return contract.Price(
        setup=Money(amount=price.setup, currency=list_.currency),
        monthly=Money(amount=price.monthly, currency=list_.currency),
    )


def priced(command: OpenBilling, lists: Mapping[str, PriceList], today: date) -> list[Charge] | BillingRefused:
    """The charges of an order, or the refusal of the first line that has no price."""
    charges: list[Charge] = []
    for line in command.lines:
        list_ = usable(lists, line.price_list, command.reseller, today)
        if isinstance(list_, NoPrice):
            detail = f"{list_.message}: {list_.remedy}"
            return refusal(command, list_.reason, detail, line.line, list_.field)
        for grade, quantity, numbers in _things(line):
            price = list_.prices.get((line.service_type, grade))
            if price is None:
                what = f"{grade} numbers of {line.service_type!r}" if grade else f"service type {line.service_type!r}"
                detail = f"{line.price_list!r} has no price for {what}: choose another price list"
                return refusal(command, "no_price", detail, line.line, "price_list")
            charges.append(
                Charge(
                    command.order_id,
                    len(charges),
                    line.line,
                    line.service_type,
                    grade,
                    numbers,
                    quantity,
                    price,
                    list_.currency,
                )
            )
    return charges


def _things(line: BilledLine) -> Iterable[tuple[Grade | None, int, tuple[int, ...]]]:
    """What a line is charged for: its services, then its numbers grade by grade."""
    yield None, line.services, ()
    for grade in Counter(number.grade for number in line.numbers):
        numbers = tuple(number.e164 for number in line.numbers if number.grade == grade)
        yield grade, len(numbers), numbers


def sums(charges: Iterable[Charge]) -> tuple[tuple[Money, ...], tuple[Money, ...]]:
    """Set-up and monthly, one sum per currency in alphabetical order."""
    setup: dict[str, Decimal] = {}
    monthly: dict[str, Decimal] = {}
    for charge in charges:
        setup[charge.currency] = setup.get(charge.currency, ZERO) + charge.quantity * charge.price.setup
        monthly[charge.currency] = monthly.get(charge.currency, ZERO) + charge.quantity * charge.price.monthly
    return _money(setup), _money(monthly)


def _money(by_currency: Mapping[str, Decimal]) -> tuple[Money, ...]:
    return tuple(Money(amount=by_currency[currency], currency=currency) for currency in sorted(by_currency))


def refusal(command: OpenBilling, reason: str, detail: str, line: int | None = None, field: str = "") -> BillingRefused:
    """A refusal that names the field."""
    where = f"/lines/{line}/{field}: " if line is not None else ""
    given = {"order_id": command.order_id, "reseller": command.reseller, "reason": reason, "line": line}
    return BillingRefused.model_validate(given | {"detail": where + detail})
