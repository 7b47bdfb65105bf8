"""Billing against a real database: prices, refusals, and charges that start or never do."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_service.model import Charge, Price, sums
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.v1.billing import (
    BilledLine,
    BillingOpened,
    BillingRefused,
    BillingVoided,
    OpenBilling,
    VoidBilling,
)
from patchbay_contracts.v1.orders import OrderCompleted
from patchbay_contracts.words import Grade, HeldNumber, Money

pytestmark = pytest.mark.usefixtures("prices")

GOLD, PLAIN, OTHER = 441214960000, 441214960135, 441214960246


def number(e164: int, grade: Grade = "standard") -> HeldNumber:
    return HeldNumber(e164=e164, grade=grade, rule="a rule")


def line(*numbers: HeldNumber, **other: Any) -> BilledLine:
    given = {"line": 0, "service_type": "voice-line", "price_list": "house", "services": 1, "numbers": numbers}
    return BilledLine(**(given | other))


def opening(*lines: BilledLine, reseller: str = "acme", customer_id: UUID | None = None) -> OpenBilling:
    return OpenBilling(order_id=uuid4(), reseller=reseller, customer_id=customer_id or uuid4(), lines=lines)


def void(command: OpenBilling) -> VoidBilling:
    return VoidBilling(order_id=command.order_id, reseller=command.reseller)


def completed(command: OpenBilling) -> OrderCompleted:
    return OrderCompleted(order_id=command.order_id, reseller=command.reseller, customer_id=command.customer_id)


def gbp(amount: str) -> tuple[Money, ...]:
    return (Money(amount=Decimal(amount), currency="GBP"),)


async def charges(db: Connection, command: OpenBilling) -> list[tuple[Any, ...]]:
    query = "SELECT grade, quantity, numbers, state FROM charge WHERE order_id = $1 ORDER BY position"
    return [tuple(row) for row in await db.fetch(query, command.order_id)]


def refused(answer: Message) -> BillingRefused:
    assert isinstance(answer, BillingRefused), answer
    return answer


async def test_a_line_costs_its_service_and_its_numbers_by_grade(deliver: Deliver, db: Connection) -> None:
    (opened,) = await deliver(command := opening(line(number(GOLD, "gold"), number(PLAIN), number(OTHER))))
    assert isinstance(opened, BillingOpened)
    assert opened.setup == gbp("80.0000")
    assert opened.monthly == gbp("15.7000")
    assert await charges(db, command) == [
        ("", 1, [], "pending"),
        ("gold", 1, [GOLD], "pending"),
        ("standard", 2, [PLAIN, OTHER], "pending"),
    ]


async def test_one_service_for_each_number_is_priced_as_many_times(deliver: Deliver) -> None:
    (opened,) = await deliver(opening(line(number(PLAIN), number(OTHER), services=2)))
    assert isinstance(opened, BillingOpened)
    assert opened.monthly == gbp("19.2000")


async def test_lines_in_two_currencies_have_two_sums(deliver: Deliver) -> None:
    (opened,) = await deliver(opening(line(price_list="house"), line(line=1, price_list="euro")))
    assert isinstance(opened, BillingOpened)
    assert [(m.currency, m.amount) for m in opened.monthly] == [("EUR", Decimal("8.50")), ("GBP", Decimal("8.50"))]


async def test_an_order_without_lines_opens_an_account_for_nothing(deliver: Deliver, db: Connection) -> None:
    (opened,) = await deliver(command := opening())
    assert isinstance(opened, BillingOpened)
    assert (opened.setup, opened.monthly) == ((), ())
    account = "SELECT reseller, state FROM account WHERE customer_id = $1"
    assert [tuple(row) for row in await db.fetch(account, command.customer_id)] == [("acme", "active")]


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (line(line=3, price_list="gone"), "unknown_price_list", "/lines/3/price_list: there is no price list 'gone'"),
        (line(price_list="theirs"), "unknown_price_list", "there is no price list 'theirs'"),
        (line(price_list="past"), "price_list_not_in_force", "from 2020-01-01 to 2020-12-31: choose another"),
        (line(price_list="future"), "price_list_not_in_force", "from 2099-01-01 to further notice"),
        (line(service_type="teleport"), "no_price", "no price for service type 'teleport'"),
        (line(number(GOLD, "platinum")), "no_price", "no price for platinum numbers of 'voice-line'"),
    ],
)
async def test_a_line_without_a_price_is_refused_and_nothing_is_charged(
    deliver: Deliver, db: Connection, line: BilledLine, reason: str, detail: str
) -> None:
    (answer,) = await deliver(command := opening(line))
    assert refused(answer).reason == reason
    assert detail in refused(answer).detail
    assert await charges(db, command) == []


async def test_one_line_without_a_price_refuses_the_whole_order(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(command := opening(line(), line(line=1, price_list="gone")))
    assert refused(answer).line == 1
    assert await charges(db, command) == []


async def test_a_reseller_uses_its_own_price_list(deliver: Deliver) -> None:
    (answer,) = await deliver(opening(line(price_list="theirs"), reseller="borealis"))
    assert isinstance(answer, BillingOpened)


async def test_a_blocked_account_is_refused(deliver: Deliver, db: Connection) -> None:
    await deliver(first := opening(line()))
    await db.execute("UPDATE account SET state = 'blocked'")
    (answer,) = await deliver(opening(line(), customer_id=first.customer_id))
    assert refused(answer).reason == "account_blocked"


async def test_a_refused_order_does_not_touch_its_neighbours(deliver: Deliver) -> None:
    said = await deliver(opening(line()), opening(line(price_list="gone")), opening(line()))
    assert [type(answer) for answer in said] == [BillingOpened, BillingRefused, BillingOpened]


async def test_charges_start_when_the_order_completes(deliver: Deliver, db: Connection) -> None:
    await deliver(command := opening(line(number(PLAIN))))
    assert await deliver(completed(command)) == []
    assert [state for *_, state in await charges(db, command)] == ["active", "active"]


async def test_a_voided_order_is_never_charged(deliver: Deliver, db: Connection) -> None:
    await deliver(command := opening(line()))
    assert [type(m) for m in await deliver(void(command))] == [BillingVoided]
    await deliver(completed(command))
    assert [state for *_, state in await charges(db, command)] == ["void"]


async def test_voiding_first_forbids_the_charges(deliver: Deliver, db: Connection) -> None:
    command = opening(line())
    await deliver(void(command))
    assert refused((await deliver(command))[0]).reason == "withdrawn"
    assert await charges(db, command) == []


_amounts = st.decimals(min_value=0, max_value=100_000, places=4)


@given(st.lists(st.tuples(_amounts, st.integers(0, 1000), st.sampled_from(["EUR", "GBP"])), max_size=20))
def test_sums_are_exact_to_the_last_digit(items: list[tuple[Decimal, int, str]]) -> None:
    made = [
        Charge(UUID(int=1), at, 0, "t", None, (), quantity, Price(amount, amount), currency)
        for at, (amount, quantity, currency) in enumerate(items)
    ]
    setup, monthly = sums(made)
    in_units = {c: sum(int(a * 10_000) * q for a, q, of in items if of == c) for c in {of for *_, of in items}}
    assert {money.currency: int(money.amount * 10_000) for money in setup} == in_units
    assert setup == monthly
