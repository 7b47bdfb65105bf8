"""Lines that an order can do without: those without a price, or beyond the customer's credit, are left out."""

from uuid import uuid4

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.v1.billing import BilledLine, BillingOpened, BillingRefused, OpenBilling

from .test_handlers import GOLD, charges, gbp, line, number, opening

pytestmark = pytest.mark.usefixtures("prices")


def spare(at: int, *, price_list: str = "house") -> BilledLine:
    return line(line=at, price_list=price_list, optional=True)


def opened(answer: Message) -> BillingOpened:
    assert isinstance(answer, BillingOpened), answer
    return answer


async def lines(db: Connection, command: OpenBilling) -> list[tuple[int, int]]:
    rows = await db.fetch("SELECT position, line FROM charge WHERE order_id = $1 ORDER BY 1", command.order_id)
    return [(row.position, row.line) for row in rows]


async def test_a_line_without_a_price_is_left_out_and_the_others_are_charged(deliver: Deliver, db: Connection) -> None:
    command = opening(spare(0, price_list="gone"), line(number(GOLD, "gold"), line=1), spare(2))
    (answer,) = await deliver(command)
    assert [(one.line, one.reason) for one in opened(answer).refused] == [(0, "unknown_price_list")]
    assert opened(answer).refused[0].detail.startswith("/lines/0/price_list: there is no price list 'gone'")
    assert await lines(db, command) == [(0, 1), (1, 1), (2, 2)]


async def test_a_needed_line_without_a_price_refuses_the_order(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(command := opening(spare(0, price_list="gone"), line(line=1, price_list="gone")))
    assert isinstance(answer, BillingRefused)
    assert answer.line == 1
    assert await charges(db, command) == []


async def test_an_order_all_of_whose_lines_have_no_price_is_refused_with_each(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(command := opening(spare(0, price_list="gone"), spare(1, price_list="past")))
    assert isinstance(answer, BillingRefused)
    assert (answer.reason, answer.line) == ("unknown_price_list", 0)
    assert [(one.line, one.reason) for one in answer.refused] == [
        (0, "unknown_price_list"),
        (1, "price_list_not_in_force"),
    ]
    assert await charges(db, command) == []


async def test_beyond_the_customers_credit_the_last_lines_are_left_out_first(deliver: Deliver, db: Connection) -> None:
    customer = uuid4()
    await db.execute(
        "INSERT INTO account (customer_id, reseller, credit_limit, credit_currency) VALUES ($1, 'acme', 20, 'GBP')",
        customer,
    )
    command = opening(spare(0), spare(1), line(line=2), spare(3), customer_id=customer)
    (answer,) = await deliver(command)
    assert [(one.line, one.reason) for one in opened(answer).refused] == [
        (1, "credit_exceeded"),
        (3, "credit_exceeded"),
    ]
    assert opened(answer).monthly == gbp("17.0000")
    assert await lines(db, command) == [(0, 0), (1, 2)]
    (answer,) = await deliver(opening(line(), spare(1), customer_id=customer))
    assert isinstance(answer, BillingRefused)
    assert answer.reason == "credit_exceeded"
