"""Orders that are to start later: judged when they come, kept with nothing held, begun when their time has come."""

from datetime import UTC, datetime, timedelta

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.v1.customer import PrepareCustomer, WithdrawCustomer
from patchbay_contracts.v1.numbers import HoldNumbers, ReleaseNumbers
from patchbay_contracts.v1.orders import OrderBegun, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import catalogue_queries, handlers

from .entries import entry
from .orders import FIRST, SECOND, line, order
from .test_cancelling import cancelled

pytestmark = pytest.mark.usefixtures("catalogue")

LATER = datetime.now(UTC) + timedelta(days=30)


def later(**other: object) -> PlaceOrder:
    return order(line(FIRST), **({"start": LATER} | other))


async def tick(db: Connection) -> list[Message]:
    """What the clock begins."""
    said = await handlers.begin_orders_whose_time_has_come(db)
    return [one if isinstance(one, Message) else one.message for one in said]


async def let_it_be_time(db: Connection) -> None:
    await db.execute("UPDATE waiting_order SET starts_at = now()")


async def test_an_order_for_later_asks_nobody_anything_until_its_start(deliver: Deliver, db: Connection) -> None:
    placed, now = later(), order(line(SECOND))
    said = await deliver(placed, now, times=1)
    assert {getattr(message, "order_id", None) for message in said} == {now.order_id}
    assert await deliver(placed, times=1) == []
    assert await tick(db) == []
    await let_it_be_time(db)
    assert [type(m) for m in await tick(db)] == [OrderBegun, PrepareCustomer, HoldNumbers]
    assert await tick(db) == []


async def test_an_order_whose_start_is_over_when_it_arrives_begins_at_once(deliver: Deliver) -> None:
    said = await deliver(later(start=datetime.now(UTC) - timedelta(minutes=1)), times=1)
    assert [type(m) for m in said] == [PrepareCustomer, HoldNumbers]


async def test_what_is_not_valid_on_that_day_fails_when_it_comes(deliver: Deliver, db: Connection) -> None:
    (event,) = await deliver(placed := order(line(FIRST, service_type="teleport"), start=LATER), times=1)
    assert isinstance(event, OrderFailed)
    assert event.reason == "unknown_service_type"
    await let_it_be_time(db)
    assert await tick(db) == []
    assert await deliver(placed, times=1) == []


async def test_a_service_type_that_is_sold_from_that_day_on_can_be_ordered_before(
    deliver: Deliver, db: Connection
) -> None:
    await catalogue_queries.publish_first(db, "soon", entry(name="Soon"), LATER.date())
    assert await deliver(order(line(FIRST, service_type="soon"), start=LATER), times=1) == []
    (event,) = await deliver(order(line(FIRST, service_type="soon")), times=1)
    assert isinstance(event, OrderFailed)
    assert event.reason == "service_type_not_in_force"


async def test_it_is_judged_again_when_it_begins(deliver: Deliver, db: Connection) -> None:
    await deliver(later(), times=1)
    await db.execute("UPDATE service_type_version SET entry = replace(entry::text, '\"least\":1', '\"least\":2')::json")
    handlers.catalogue.forget()
    await let_it_be_time(db)
    begun, event = await tick(db)
    assert isinstance(begun, OrderBegun)
    assert isinstance(event, OrderFailed)
    assert event.reason == "too_few_numbers"


async def test_cancelled_while_it_waits_it_never_begins(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := later(), times=1)
    (event,) = await deliver(cancelled(placed), times=1)
    assert isinstance(event, OrderFailed)
    assert event.reason == "cancelled"
    await let_it_be_time(db)
    assert await tick(db) == []
    assert await deliver(placed, cancelled(placed), times=1) == []


async def test_cancelled_once_it_has_begun_it_is_undone(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := later(), times=1)
    await let_it_be_time(db)
    await tick(db)
    said = await deliver(cancelled(placed), times=1)
    assert [type(m) for m in said] == [WithdrawCustomer, ReleaseNumbers]


async def test_another_reseller_does_not_cancel_what_waits(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := later(), times=1)
    await deliver(cancelled(placed, "borealis"), times=1)
    assert await db.fetchval("SELECT count(*) FROM waiting_order") == 1
