"""Amendments against a real database: what is charged for a service on a day, after its changes."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.v1.billing import OpenBilling
from patchbay_contracts.v1.changes import (
    AmendBilling,
    BillingAmended,
    BillingAmendRefused,
    BillingRestored,
    ChargedService,
    PricedFrom,
    RestoreBilling,
)
from patchbay_contracts.v1.orders import ChangedService, OrderCompleted

from .test_handlers import GOLD, OTHER, PLAIN, completed, line, number, opening

pytestmark = pytest.mark.usefixtures("prices")

FUTURE = date(2099, 6, 1)
HOUSE = (PricedFrom(price_list="house"),)


def amend(of: OpenBilling, *made_with: int, **what: Any) -> AmendBilling:
    service = ChargedService(id=of.order_id, order_id=of.order_id, line=0, service_type="voice-line", numbers=made_with)
    return AmendBilling(order_id=uuid4(), reseller=of.reseller, customer_id=of.customer_id, service=service, **what)


def done(command: AmendBilling) -> OrderCompleted:
    changed = ChangedService(id=command.service.id, kind="end")
    return OrderCompleted(
        order_id=command.order_id, reseller=command.reseller, customer_id=command.customer_id, change=changed
    )


async def ordered(deliver: Deliver, *numbers: Any, services: int = 1) -> OpenBilling:
    await deliver(command := opening(line(*numbers, services=services)))
    await deliver(completed(command))
    return command


async def monthly(db: Connection, day: date | None = None) -> Decimal:
    """What is charged on that day; today, unless another is given."""
    at = datetime.now(UTC) + timedelta(minutes=1) if day is None else datetime.combine(day, time(12), UTC)
    query = "SELECT sum(quantity * monthly) FROM charge WHERE state = 'active' AND starts_at <= $1"
    return Decimal(await db.fetchval(query, at))


def difference(answer: Message) -> Decimal:
    assert isinstance(answer, BillingAmended), answer
    return sum((money.amount for money in answer.monthly), Decimal(0))


async def test_a_number_that_leaves_is_charged_no_more(deliver: Deliver, db: Connection) -> None:
    command = amend(await ordered(deliver, number(GOLD, "gold"), number(PLAIN)), GOLD, PLAIN, removes=(GOLD,))
    assert await monthly(db) == Decimal("14.60")
    (answer,) = await deliver(command)
    assert difference(answer) == Decimal("-5.00")
    assert await monthly(db) == Decimal("14.60")
    await deliver(done(command))
    assert await monthly(db) == Decimal("9.60")


async def test_of_several_services_of_a_line_one_ends(deliver: Deliver, db: Connection) -> None:
    command = amend(await ordered(deliver, number(PLAIN), number(OTHER), services=2), PLAIN, ends=True)
    await deliver(command)
    await deliver(done(command))
    assert await monthly(db) == Decimal("9.60")


async def test_a_number_is_added_at_the_price_of_its_grade_and_can_leave_again(
    deliver: Deliver, db: Connection
) -> None:
    order = await ordered(deliver, number(PLAIN))
    (answer,) = await deliver(added := amend(order, PLAIN, adds=(number(GOLD, "gold"),), price_lists=HOUSE))
    assert isinstance(answer, BillingAmended)
    assert [money.amount for money in answer.setup] == [Decimal("75.00")]
    await deliver(done(added))
    assert await monthly(db) == Decimal("14.60")
    await deliver(ended := amend(order, PLAIN, ends=True))
    await deliver(done(ended))
    assert await monthly(db) == 0


async def test_what_was_changed_before_is_charged_until_the_day_on_which_it_ends(
    deliver: Deliver, db: Connection
) -> None:
    order, before = await ordered(deliver, number(PLAIN)), datetime.now(UTC).date() - timedelta(days=30)
    await deliver(added := amend(order, PLAIN, adds=(number(GOLD, "gold"),), price_lists=HOUSE))
    await deliver(done(added))
    await db.execute("UPDATE charge SET starts_at = starts_at - interval '60 days'")
    await deliver(removed := amend(order, PLAIN, removes=(GOLD,)))
    await deliver(done(removed))
    assert (await monthly(db, before), await monthly(db)) == (Decimal("14.60"), Decimal("9.60"))


async def test_another_price_list_counts_from_its_day_on(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver, number(PLAIN))
    await db.execute("UPDATE price SET monthly = monthly * 2 WHERE price_list = 'future'")
    later = PricedFrom(price_list="future", from_date=FUTURE)
    (answer,) = await deliver(command := amend(order, PLAIN, price_list=later))
    assert difference(answer) == Decimal("9.60")
    await deliver(done(command))
    assert await monthly(db) == Decimal("9.60")
    assert await monthly(db, FUTURE) == Decimal("19.20")


async def by_list(db: Connection) -> dict[str, tuple[int, Decimal]]:
    """Services and numbers by price list and version, and what they come to a month at last."""
    sums = "SELECT price_list, version, sum(quantity), sum(quantity * monthly) FROM charge GROUP BY 1, 2"
    query = f"{sums} HAVING sum(quantity) <> 0"
    return {f"{list_} {version}": (things, sum_) for list_, version, things, sum_ in await db.fetch(query)}


async def test_what_a_change_takes_back_is_by_the_old_price_list_and_what_it_begins_by_the_new(
    deliver: Deliver, db: Connection
) -> None:
    order = await ordered(deliver, number(PLAIN))
    await deliver(added := amend(order, PLAIN, adds=(number(GOLD, "gold"),), price_lists=HOUSE))
    assert await by_list(db) == {"house 1": (3, Decimal("14.60"))}
    await deliver(moved := amend(order, PLAIN, price_list=PricedFrom(price_list="future", from_date=FUTURE)))
    assert await by_list(db) == {"future 1": (3, Decimal("14.60"))}
    await deliver(ended := amend(order, PLAIN, ends=True))
    assert await by_list(db) == {}
    for command in (added, moved, ended):
        await deliver(done(command))
    assert await monthly(db) == await monthly(db, FUTURE) == 0


async def test_what_is_added_before_another_price_list_comes_follows_it(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver)
    await db.execute("UPDATE price SET monthly = monthly * 2 WHERE price_list = 'future'")
    later = PricedFrom(price_list="future", from_date=FUTURE)
    await deliver(command := amend(order, adds=(number(PLAIN),), price_lists=(*HOUSE, later)))
    await deliver(done(command))
    assert await monthly(db) == Decimal("9.60")
    assert await monthly(db, FUTURE) == Decimal("10.70")


async def test_a_service_that_ends_is_not_charged_by_what_was_to_come_either(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver, number(PLAIN))
    await deliver(first := amend(order, PLAIN, price_list=PricedFrom(price_list="future", from_date=FUTURE)))
    await deliver(done(first))
    await deliver(second := amend(order, PLAIN, ends=True))
    await deliver(done(second))
    assert await monthly(db) == await monthly(db, FUTURE) == 0


async def test_a_change_that_is_taken_back_amends_nothing(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver, number(PLAIN))
    await deliver(command := amend(order, PLAIN, ends=True))
    back = RestoreBilling(order_id=command.order_id, reseller="acme")
    assert [type(one) for one in await deliver(back)] == [BillingRestored]
    await deliver(done(command))
    assert await monthly(db) == Decimal("9.60")


async def test_taking_back_first_forbids_the_amendment(deliver: Deliver, db: Connection) -> None:
    command = amend(await ordered(deliver, number(PLAIN)), PLAIN, ends=True)
    await deliver(RestoreBilling(order_id=command.order_id, reseller="acme"))
    (answer,) = await deliver(command)
    assert isinstance(answer, BillingAmendRefused)
    assert answer.reason == "withdrawn"


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"price_list": PricedFrom(price_list="gone", from_date=FUTURE)}, "unknown_price_list"),
        ({"price_list": PricedFrom(price_list="theirs", from_date=FUTURE)}, "unknown_price_list"),
        ({"price_list": PricedFrom(price_list="past", from_date=FUTURE)}, "price_list_not_in_force"),
        ({"price_list": PricedFrom(price_list="future", from_date=date(2026, 1, 1))}, "price_list_not_in_force"),
        ({"adds": (number(OTHER, "platinum"),), "price_lists": HOUSE}, "no_price"),
    ],
)
async def test_what_has_no_price_is_refused_and_nothing_is_written(
    deliver: Deliver, db: Connection, what: dict[str, Any], reason: str
) -> None:
    command = amend(await ordered(deliver, number(PLAIN)), PLAIN, **what)
    (answer,) = await deliver(command)
    assert isinstance(answer, BillingAmendRefused)
    assert answer.reason == reason
    assert answer.detail.startswith("/wanted/price_list: ") == ("price_list" in what)
    assert await db.fetchval("SELECT count(*) FROM charge WHERE order_id = $1", command.order_id) == 0


async def test_another_resellers_charges_are_not_amended(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver, number(PLAIN))
    theirs = amend(order, PLAIN, ends=True).model_copy(update={"reseller": "borealis"})
    (answer,) = await deliver(theirs)
    assert difference(answer) == 0
    await deliver(done(theirs))
    assert await monthly(db) == Decimal("9.60")
