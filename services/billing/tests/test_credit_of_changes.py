"""A customer's credit limits what changes of its services may come to: judged in the saga, and beforehand alike.

A voice line is 8.50 a month, a gold number 5.00 and a standard one 1.10; by `future` it is twice that, by `cheap` half.
"""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.v1.billing import BillingRefused
from patchbay_contracts.v1.changes import BillingAmended, BillingAmendRefused, PricedFrom, RestoreBilling

from .test_amending import FUTURE, HOUSE, amend, done, ordered
from .test_change_checks import checked
from .test_handlers import GOLD, OTHER, PLAIN, line, number, opening

LATER = PricedFrom(price_list="future", from_date=FUTURE)
CHEAP_LATER = PricedFrom(price_list="cheap", from_date=FUTURE)
CHEAP = PricedFrom(price_list="cheap", from_date=date(2020, 1, 1))
ADDS: dict[str, Any] = {"adds": (number(OTHER),), "price_lists": HOUSE}
ADDS_GOLD: dict[str, Any] = {"adds": (number(OTHER, "gold"),), "price_lists": HOUSE}
ADDS_BOTH: dict[str, Any] = {"adds": (number(OTHER), number(OTHER + 1)), "price_lists": HOUSE}


@pytest_asyncio.fixture(autouse=True)
async def dearer_and_cheaper(db: Connection, prices: None) -> None:
    await db.execute("UPDATE price SET monthly = monthly * 2 WHERE price_list = 'future'")
    await db.execute(
        "INSERT INTO price_list (id, name, currency, valid_from) VALUES ('cheap', '', 'GBP', '2020-01-01')"
    )
    await db.execute(
        """
        INSERT INTO price (price_list, service_type, grade, setup, monthly)
        SELECT 'cheap', service_type, grade, setup, monthly / 2 FROM price WHERE price_list = 'house'"""
    )


async def limit(db: Connection, customer: UUID, amount: str, currency: str = "GBP") -> None:
    query = "UPDATE account SET credit_limit = $2, credit_currency = $3 WHERE customer_id = $1"
    await db.execute(query, customer, Decimal(amount), currency)


def refused(answer: Message) -> str:
    assert isinstance(answer, BillingAmendRefused), answer
    assert answer.reason == "credit_exceeded"
    return answer.detail


@pytest.mark.parametrize(
    ("what", "least", "field", "since"),
    [
        (ADDS, "15.70", "numbers", ""),
        (ADDS_BOTH, "16.80", "numbers", ""),
        (ADDS_GOLD, "19.60", "numbers", ""),
        (ADDS_GOLD | {"price_lists": (*HOUSE, LATER)}, "24.60", "numbers", " from 2099-06-01 on"),
        ({"price_list": LATER}, "29.20", "price_list", " from 2099-06-01 on"),
    ],
)
async def test_what_a_change_comes_to_is_refused_beyond_the_limit_and_said_beforehand(
    deliver: Deliver,
    db: Connection,
    billing: httpx.AsyncClient,
    what: dict[str, Any],
    least: str,
    field: str,
    since: str,
) -> None:
    order = await ordered(deliver, number(GOLD, "gold"), number(PLAIN))
    await limit(db, order.customer_id, str(Decimal(least) - Decimal("0.01")))
    command = amend(order, GOLD, PLAIN, **what)
    (finding,) = await checked(billing, command)
    said = (finding.code, finding.severity, finding.pointer)
    assert said == ("billing.credit_exceeded", "error", f"/change/wanted/{field}")
    assert finding.message.startswith(f"{least} GBP a month in all{since}, ")
    assert refused((await deliver(command))[0]).endswith(f"{finding.message}: {finding.remedy}")
    assert await db.fetchval("SELECT count(*) FROM charge WHERE order_id = $1", command.order_id) == 0
    await limit(db, order.customer_id, least)
    again = amend(order, GOLD, PLAIN, **what)
    assert await checked(billing, again) == ()
    assert [type(one) for one in await deliver(again)] == [BillingAmended]


@pytest.mark.parametrize(
    "what",
    [
        {"removes": (GOLD,)},
        {"ends": True},
        {"price_list": PricedFrom(price_list="house", from_date=date(2020, 1, 1))},
        {"price_list": CHEAP},
        {"price_list": CHEAP_LATER},
        {"price_list": PricedFrom(price_list="euro", from_date=FUTURE)},
    ],
)
async def test_who_is_beyond_the_limit_already_may_pay_less_or_as_much(
    deliver: Deliver, db: Connection, billing: httpx.AsyncClient, what: dict[str, Any]
) -> None:
    order = await ordered(deliver, number(GOLD, "gold"), number(PLAIN))
    await limit(db, order.customer_id, "1.00")
    command = amend(order, GOLD, PLAIN, **what)
    assert [one for one in await checked(billing, command) if one.severity == "error"] == []
    assert [type(one) for one in await deliver(command)] == [BillingAmended]


async def test_two_changes_of_one_customer_at_once_do_not_exceed_it_together(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver, number(PLAIN))
    other = opening(line(number(GOLD, "gold")), customer_id=order.customer_id)
    await deliver(other)
    await limit(db, order.customer_id, "24.50")  # 23.10 are used
    first, second = await deliver(amend(order, PLAIN, **ADDS), amend(other, GOLD, **ADDS))
    assert isinstance(first, BillingAmended)
    assert "25.30 GBP a month in all, 24.50 is the customer's limit" in refused(second)
    (third,) = await deliver(amend(other, GOLD, **ADDS))
    assert "25.30 GBP a month in all, 24.50 is the customer's limit" in refused(third)


async def test_what_a_change_saves_can_be_spent_when_it_is_done(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver, number(GOLD, "gold"), number(PLAIN))
    await limit(db, order.customer_id, "14.60")
    removed = amend(order, GOLD, PLAIN, removes=(GOLD,))
    assert [type(one) for one in await deliver(removed, amend(order, GOLD, PLAIN, **ADDS))] == [
        BillingAmended,
        BillingAmendRefused,
    ]
    refused((await deliver(amend(order, GOLD, PLAIN, **ADDS)))[0])
    await deliver(done(removed))
    assert [type(one) for one in await deliver(amend(order, GOLD, PLAIN, **ADDS))] == [BillingAmended]


async def test_a_change_that_is_taken_back_uses_no_credit(deliver: Deliver, db: Connection) -> None:
    order = await ordered(deliver, number(PLAIN))
    await limit(db, order.customer_id, "10.70")
    await deliver(first := amend(order, PLAIN, **ADDS))
    refused((await deliver(amend(order, PLAIN, **ADDS)))[0])
    await deliver(RestoreBilling(order_id=first.order_id, reseller="acme"))
    assert [type(one) for one in await deliver(amend(order, PLAIN, **ADDS))] == [BillingAmended]


async def test_what_will_cost_less_later_costs_as_much_until_then_and_what_will_cost_more_counts_at_once(
    deliver: Deliver, db: Connection, billing: httpx.AsyncClient
) -> None:
    order = await ordered(deliver, number(PLAIN))
    await limit(db, order.customer_id, "18.10")

    async def used() -> str:
        query = {"resellers": ["acme"], "customer_id": str(order.customer_id)}
        return str((await billing.post("/accounts/get", json=query)).json()["used"]["amount"])

    await deliver(cheaper := amend(order, PLAIN, price_list=CHEAP_LATER))
    await deliver(done(cheaper))
    assert await used() == "9.6000"
    (more,) = await deliver(opening(line(number(OTHER)), customer_id=order.customer_id))
    assert "19.20 GBP a month in all, 18.10 is" in more.model_dump()["detail"]
    await limit(db, order.customer_id, "19.20")
    await deliver(dearer := amend(order, PLAIN, price_list=LATER))
    await deliver(done(dearer))
    assert await used() == "19.2000"
    assert isinstance((await deliver(opening(line(), customer_id=order.customer_id)))[0], BillingRefused)
