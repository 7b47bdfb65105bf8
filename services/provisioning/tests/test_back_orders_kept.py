"""Orders that wait for numbers, in the database: tried again set by set, judged anew, whoever else acts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from patchbay_chassis import old_sagas
from patchbay_chassis.database import Connection
from patchbay_chassis.saga_again import NOTED
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.v1.customer import PrepareCustomer
from patchbay_contracts.v1.numbers import HoldNumbers, NumbersUnavailable, ReleaseNumbers
from patchbay_contracts.v1.orders import OrderBackOrdered, OrderBegun, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import handlers

from .orders import FIRST, SECOND, Answers, line, order
from .test_cancelling import cancelled

pytestmark = pytest.mark.usefixtures("catalogue")


def patient(**other: Any) -> PlaceOrder:
    now = datetime.now(UTC)
    given = {"failure": "back_order", "accepted_at": now, "until": now + timedelta(days=30)}
    return order(line(FIRST), **(given | other))


def refused(placed: PlaceOrder) -> NumbersUnavailable:
    return Answers(placed).numbers_unavailable.model_copy(update={"line": 0})


async def tick(db: Connection) -> list[Message]:
    said = await handlers.try_for_numbers_again(db)
    return [one if isinstance(one, Message) else one.message for one in said]


async def let_it_be_time(db: Connection) -> None:
    await db.execute("UPDATE saga_waiting SET due = now()")


async def count(db: Connection, what: str) -> int:
    return int(await db.fetchval(f"SELECT count(*) FROM {what}"))


async def test_many_that_wait_are_tried_again_together_once_their_time_has_come(
    deliver: Deliver, db: Connection
) -> None:
    placed = [patient() for _ in range(3)]
    await deliver(*placed, times=1)
    told = await deliver(*map(refused, placed), times=1)
    assert [type(m) for m in told] == [OrderBackOrdered] * 3
    assert await count(db, "saga WHERE open") == 0
    assert await tick(db) == []
    await let_it_be_time(db)
    assert [type(m) for m in await tick(db)] == [HoldNumbers] * 3
    assert await tick(db) == []
    said = await deliver(Answers(placed[0]).numbers_held, refused(placed[1]), times=1)
    assert [type(m) for m in said] == [OrderBegun, PrepareCustomer, OrderBackOrdered]
    assert await count(db, "saga_waiting") == 1


async def test_tries_that_change_nothing_leave_no_trace_in_the_end(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := patient(), times=1)
    told = await deliver(refused(placed), times=1)
    for _ in range(NOTED - 1):
        await let_it_be_time(db)
        await tick(db)
        told += await deliver(refused(placed), times=1)
    assert [one.again for one in told if isinstance(one, OrderBackOrdered)] == [False, *[True] * (NOTED - 1)]
    moves = await count(db, "saga_move")
    for _ in range(3):
        await let_it_be_time(db)
        await tick(db)
        assert await deliver(refused(placed), times=1) == []
    assert await count(db, "saga_move") == moves
    assert await db.fetchval("SELECT moves FROM saga") == 2 * (NOTED + 3) - 1


async def test_what_the_catalogue_does_not_sell_any_more_ends_it(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := patient(), times=1)
    await deliver(refused(placed), times=1)
    await db.execute("UPDATE service_type_version SET entry = replace(entry::text, '\"least\":1', '\"least\":2')::json")
    handlers.catalogue.forget()
    await let_it_be_time(db)
    (event,) = await tick(db)
    assert isinstance(event, OrderFailed)
    assert event.reason == "too_few_numbers"


async def test_cancelled_while_it_waits_it_is_not_tried_again(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := patient(), times=1)
    await deliver(refused(placed), times=1)
    assert await deliver(cancelled(placed, "borealis"), times=1) == []
    (event,) = await deliver(cancelled(placed), times=1)
    assert isinstance(event, OrderFailed)
    assert event.reason == "cancelled"
    await let_it_be_time(db)
    assert await tick(db) == []
    assert await deliver(placed, cancelled(placed), Answers(placed).numbers_held, times=1) == []


async def test_cancelled_while_it_is_tried_its_numbers_are_released(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := patient(), times=1)
    await deliver(refused(placed), times=1)
    await let_it_be_time(db)
    await tick(db)
    said = await deliver(cancelled(placed), refused(placed), times=1)
    assert [type(m) for m in said] == [ReleaseNumbers]
    assert await count(db, "saga_waiting") == 0


async def test_it_waits_for_its_start_first_and_then_for_numbers(deliver: Deliver, db: Connection) -> None:
    start = datetime.now(UTC) + timedelta(days=3)
    await deliver(placed := patient(start=start), times=1)
    await db.execute("UPDATE waiting_order SET starts_at = now()")
    begun = await handlers.begin_orders_whose_time_has_come(db)
    assert [type(getattr(m, "message", m)) for m in begun] == [OrderBegun, HoldNumbers]
    assert [type(m) for m in await deliver(refused(placed), times=1)] == [OrderBackOrdered]


async def test_one_that_waits_is_not_forgotten_however_long(deliver: Deliver, db: Connection) -> None:
    await deliver(placed := patient(), order(line(SECOND)), times=1)
    await deliver(refused(placed), times=1)
    old = "00000000-0000-7000-8000-000000000001"
    await db.execute("UPDATE saga SET moved_at = now() - interval '400 days', id = $1 WHERE status = 'waiting'", old)
    assert await old_sagas.forget(db, timedelta(days=30), most=10) == 0
