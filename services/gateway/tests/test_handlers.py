"""The order read model against a real database: what is told of an order is noted once, and its end stays its end."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from gateway_service import handlers, queries
from gateway_service.accepting import Accepted, Key
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.order import ExistingCustomer
from patchbay_contracts.v1.orders import OrderCompleted, OrderDelayed, OrderFailed, OrderStuck
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.words import Organisation

ADA = Organisation(kind="customer", name="Ada", email="ada@example.com")


async def accepted(db: Connection, reseller: str = "acme") -> UUID:
    id_, customer = uuid4(), ExistingCustomer(id=uuid4())
    placed = PlaceOrder(order_id=id_, reseller=reseller, customer=customer, accepted_at=datetime.now(UTC))
    await queries.accept(db, reseller, [Accepted(id_, "{}", placed)])
    return id_


def completed(id_: UUID, reseller: str = "acme", **more: Any) -> OrderCompleted:
    return OrderCompleted(order_id=id_, reseller=reseller, customer_id=uuid4(), recipients=(ADA,), **more)


def failed(id_: UUID) -> OrderFailed:
    return OrderFailed(order_id=id_, reseller="acme", step="billing", reason="no_price", detail="ask for one")


def delayed(id_: UUID) -> OrderDelayed:
    return OrderDelayed(order_id=id_, reseller="acme", step="numbers", detail="asked again")


def stuck(id_: UUID) -> OrderStuck:
    return OrderStuck(order_id=id_, reseller="acme", step="numbers", detail="no answer to the undo")


async def state(db: Connection, id_: UUID) -> tuple[str, bool]:
    """The order's state, and whether it has ended."""
    ((state, ended_at),) = await db.fetch("SELECT state, ended_at FROM orders WHERE id = $1", id_)
    return state, ended_at is not None


async def test_a_completed_order_has_ended(deliver: Deliver, db: Connection) -> None:
    id_ = await accepted(db)
    assert await deliver(completed(id_)) == []
    assert await state(db, id_) == ("completed", True)


async def test_orders_that_end_together_are_noted_each_as_it_ended(deliver: Deliver, db: Connection) -> None:
    ids = [await accepted(db) for _ in range(20)]
    await deliver(*(completed(id_) if at % 2 else failed(id_) for at, id_ in enumerate(ids)))
    assert [(await state(db, id_))[0] for id_ in ids] == ["failed", "completed"] * 10


async def test_a_delayed_order_and_a_stuck_one_are_open(deliver: Deliver, db: Connection) -> None:
    first, second = await accepted(db), await accepted(db)
    await deliver(delayed(first), stuck(second))
    assert [await state(db, id_) for id_ in (first, second)] == [("delayed", False), ("stuck", False)]
    assert await queries.open_orders(db) == {"acme": 2}


async def test_an_order_that_was_stuck_can_still_end(deliver: Deliver, db: Connection) -> None:
    id_ = await accepted(db)
    await deliver(stuck(id_))
    await deliver(failed(id_))
    assert await state(db, id_) == ("failed", True)


async def test_an_order_that_has_ended_stays_as_it_ended(deliver: Deliver, db: Connection) -> None:
    id_ = await accepted(db)
    await deliver(event := failed(id_))
    late: list[Message] = [delayed(id_), stuck(id_), completed(id_)]
    for one in late:
        await deliver(one)
    assert await state(db, id_) == ("failed", True)
    assert orjson.loads(await db.fetchval("SELECT event FROM orders WHERE id = $1", id_))["detail"] == event.detail


async def test_a_delay_and_the_end_in_one_batch_come_to_the_end(deliver: Deliver, db: Connection) -> None:
    id_ = await accepted(db)
    await deliver(delayed(id_), completed(id_))
    assert await state(db, id_) == ("completed", True)


async def test_another_resellers_order_is_untouched(deliver: Deliver, db: Connection) -> None:
    id_ = await accepted(db)
    await deliver(completed(id_, reseller="borealis"))
    assert await state(db, id_) == ("accepted", False)


async def test_an_order_that_nobody_accepted_here_is_passed_over(deliver: Deliver) -> None:
    assert await deliver(completed(uuid4())) == []


async def test_whom_an_order_tells_is_not_kept(deliver: Deliver, db: Connection) -> None:
    id_ = await accepted(db)
    await deliver(completed(id_))
    assert "ada@example.com" not in await db.fetchval("SELECT event FROM orders")


async def test_an_idempotency_key_is_forgotten_after_seven_days_and_not_before(db: Connection) -> None:
    for name, days in (("old", 8), ("young", 6)):
        await queries.remember(db, "acme", Key(name, b""), uuid4())
        age = "UPDATE idempotency SET at = now() - make_interval(days => $1) WHERE key = $2"
        await db.execute(age, days, name)
    assert await handlers.forget_old_idempotency_keys(db) == []
    assert [key for (key,) in await db.fetch("SELECT key FROM idempotency")] == ["young"]
