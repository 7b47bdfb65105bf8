"""Rules about prices without IO: what things and orders cost, or why they have no price. Money is never a float."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar, get_args
from uuid import UUID

from patchbay_contracts import prices as contract
from patchbay_contracts.order import RefusedLine
from patchbay_contracts.v1.billing import BilledLine, BillingRefused, OpenBilling
from patchbay_contracts.words import Grade, Money

ZERO = Decimal(0)
MOST_QUOTED = 60
"""Characters of what was typed that a message repeats."""


class Dated(Protocol):
    """What begins on a day; a draft on none yet."""

    @property
    def valid_from(self) -> date | None: ...


V = TypeVar("V", bound=Dated)


@dataclass(frozen=True)
class Price:
    """Set-up and monthly, in the price list's currency."""

    setup: Decimal
    monthly: Decimal


@dataclass(frozen=True)
class PriceList:
    """A published version of a price list, with its prices by service type and grade; grade None is the service itself.

    `reseller` None: the house's own, for everybody. `ends`: the last day on which it is in force, by itself
    (`valid_to`) or because another one follows.
    """

    id: str
    reseller: str | None
    currency: str
    valid_from: date
    valid_to: date | None
    prices: Mapping[tuple[str, Grade | None], Price]
    version: int = 1
    name: str = ""
    tax_note: str = ""
    ends: date | None = None


Lists = Mapping[str, Sequence[PriceList]]
"""The published versions of price lists by id, the oldest first."""


@dataclass(frozen=True)
class NoPrice:
    """Why there is no price: a reason of `BillingRefused`, the field that asked for it, and what to do."""

    reason: str
    field: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Charge:
    """So many of one thing at one price; `numbers` are those that it is for, none for services. `price_list` and
    `version`: what it was priced by."""

    order_id: UUID
    position: int
    line: int
    service_type: str
    grade: Grade | None
    numbers: tuple[int, ...]
    quantity: int
    price: Price
    currency: str
    price_list: str | None = None
    version: int | None = None


def newest_begun(versions: Sequence[V], day: date) -> V | None:
    """Of published versions, the oldest first, the one that counts on a day: the last of those that have begun. It is
    in force unless its last day has passed; what it replaced does not come back."""
    return next((one for one in reversed(versions) if one.valid_from is not None and one.valid_from <= day), None)


def usable(lists: Lists, id_: str, reseller: str, today: date) -> PriceList | NoPrice:
    """The price list's version in force, if that reseller may buy by it today."""
    versions = lists.get(id_, ())
    if not versions or versions[0].reseller not in (None, reseller):
        message = f"there is no price list {id_[:MOST_QUOTED]!r}"
        return NoPrice("unknown_price_list", "price_list", message, "choose one of yours")
    list_ = newest_begun(versions, today)
    if list_ is None or today > (list_.valid_to or today):
        near = list_ or versions[0]
        message = f"{id_!r} is in force from {near.valid_from} to {near.ends or near.valid_to or 'further notice'}"
        return NoPrice("price_list_not_in_force", "price_list", message, "choose another")
    return list_


def buys(
    lists: Lists, reseller: str, today: date, *, price_list: str, service_type: str, grades: Iterable[Grade]
) -> PriceList | NoPrice:
    """The version in force by which that reseller may buy a service of that type with numbers of these grades."""
    list_ = usable(lists, price_list, reseller, today)
    if isinstance(list_, NoPrice):
        return list_
    for grade in (None, *grades):
        if (service_type, grade) not in list_.prices:
            of = repr(service_type[:MOST_QUOTED])
            what = f"{grade} numbers of {of}" if grade else f"service type {of}"
            return NoPrice(
                "no_price", "price_list", f"{price_list!r} has no price for {what}", "choose another price list"
            )
    return list_


def prices(query: contract.PriceQuery, lists: Lists, today: date) -> contract.Prices | NoPrice:
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
        valid_to=list_.ends or list_.valid_to,
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


@dataclass(frozen=True)
class Priced:
    """What an order is charged, and the lines that it goes on without."""

    charges: Sequence[Charge]
    refused: Sequence[RefusedLine] = ()

    def without(self, line: int, why: NoPrice) -> "Priced":
        """The same without one line more."""
        kept = (charge for charge in self.charges if charge.line != line)
        left_out = RefusedLine(line=line, reason=why.reason, detail=told(why, line))
        return Priced([replace(charge, position=at) for at, charge in enumerate(kept)], (*self.refused, left_out))


def priced(
    command: OpenBilling, lists: Lists, today: date, quoted: Callable[[BilledLine], PriceList | NoPrice] | None = None
) -> Priced | BillingRefused:
    """The charges of an order, or the refusal of the first line that has no price and that it cannot do without.
    `quoted`: what a quote says of a line, if the order is charged by one."""
    charges: list[Charge] = []
    refused: list[RefusedLine] = []
    for line in command.lines:
        things = things_of(line)
        grades = [grade for grade, *_ in things if grade]
        list_ = (
            quoted(line)
            if quoted
            else buys(
                lists,
                command.reseller,
                today,
                price_list=line.price_list,
                service_type=line.service_type,
                grades=grades,
            )
        )
        if isinstance(list_, NoPrice):
            if not line.optional:
                return refusal(command, list_.reason, told(list_, line.line), line.line)
            refused.append(RefusedLine(line=line.line, reason=list_.reason, detail=told(list_, line.line)))
            continue
        charges += [
            Charge(
                command.order_id,
                position,
                line.line,
                line.service_type,
                grade,
                numbers,
                quantity,
                list_.prices[line.service_type, grade],
                list_.currency,
                list_.id,
                list_.version,
            )
            for position, (grade, quantity, numbers) in enumerate(things, len(charges))
        ]
    return Priced(charges, refused)


def things_of(line: BilledLine) -> list[tuple[Grade | None, int, tuple[int, ...]]]:
    """What a line is charged for: its services, then its numbers grade by grade."""
    by_grade: dict[Grade, list[int]] = {}
    for number in line.numbers:
        by_grade.setdefault(number.grade, []).append(number.e164)
    return [(None, line.services, ()), *((grade, len(of), tuple(of)) for grade, of in by_grade.items())]


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


def told(why: NoPrice, line: int) -> str:
    """In words, with the field of the order that it is about."""
    return f"/lines/{line}/{why.field}: {why.message}: {why.remedy}"


def refusal(
    command: OpenBilling, reason: str, detail: str, line: int | None = None, refused: Sequence[RefusedLine] = ()
) -> BillingRefused:
    """A refusal of the whole order."""
    given = {"order_id": command.order_id, "reseller": command.reseller, "reason": reason, "line": line}
    return BillingRefused.model_validate(given | {"detail": detail, "refused": tuple(refused)})
