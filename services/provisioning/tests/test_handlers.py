"""Provisioning against a real database: orders, answers, the network's results and the clock."""

from datetime import timedelta
from typing import Any

import pytest

from patchbay_chassis.database import Connection, Database
from patchbay_chassis.facts import Facts
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.order import Numbers
from patchbay_contracts.v1.billing import OpenBilling, VoidBilling
from patchbay_contracts.v1.customer import PrepareCustomer, WithdrawCustomer
from patchbay_contracts.v1.numbers import HoldNumbers, ReleaseNumbers
from patchbay_contracts.v1.orders import OrderCompleted, OrderDelayed, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import handlers, queries
from provisioning_service.network import SimulatedNetwork
from provisioning_service.order_saga import activate_services
from provisioning_service.settings import settings

from .orders import FIRST, NOW, SECOND, Answers, line, order

pytestmark = pytest.mark.usefixtures("catalogue")


async def _services(db: Connection, placed: PlaceOrder) -> list[tuple[Any, ...]]:
    query = "SELECT state, verb FROM service WHERE order_id = $1 ORDER BY line, numbers"
    return [tuple(row) for row in await db.fetch(query, placed.order_id)]


async def _work(db: Connection, network: SimulatedNetwork, most: int = 100) -> list[Message]:
    """One round of the activations errand."""
    errand = handlers.activations(network)
    results = await errand.run(await errand.take(db, most))
    said = await errand.record(results, db)
    return [one if isinstance(one, Message) else one.message for one in said]


async def _to_the_pivot(deliver: Deliver, db: Connection, placed: PlaceOrder) -> Answers:
    """Bring an order so far that its services wait to be activated, for longer than they are their replica's alone."""
    answers = Answers(placed)
    await deliver(placed, times=1)
    await deliver(answers.customer_ready, answers.numbers_held, times=1)
    await deliver(answers.billing_opened, times=1)
    await db.execute("UPDATE service SET due = now()")
    return answers


async def test_orders_placed_together_each_ask_for_customer_and_numbers(deliver: Deliver) -> None:
    said = await deliver(order(line(FIRST)), order(line(SECOND)), times=1)
    assert [type(m) for m in said] == [PrepareCustomer, HoldNumbers] * 2


async def test_as_many_as_are_available_must_do_for_the_service_type(deliver: Deliver, db: Connection) -> None:
    await db.execute("UPDATE service_type_version SET entry = replace(entry::text, '\"least\":1', '\"least\":2')::json")
    some = line().model_copy(update={"numbers": Numbers(count=2, policy="available")})
    said = await deliver(order(some), times=1)
    (hold,) = [message for message in said if isinstance(message, HoldNumbers)]
    assert [want.least for want in hold.wants] == [2]


async def test_an_order_placed_twice_begins_once(deliver: Deliver, db: Connection) -> None:
    placed = order(line(FIRST))
    await deliver(placed, times=1)
    assert await deliver(placed, times=1) == []
    assert await db.fetchval("SELECT count(*) FROM saga") == 1


async def test_an_order_placed_twice_in_one_batch_begins_once(deliver: Deliver) -> None:
    placed = order(line(FIRST))
    assert [type(m) for m in await deliver(placed, placed, times=1)] == [PrepareCustomer, HoldNumbers]


async def test_two_answers_of_one_order_in_one_batch_both_count(deliver: Deliver) -> None:
    placed = order(line(FIRST))
    answers = Answers(placed)
    await deliver(placed, times=1)
    said = await deliver(answers.customer_ready, answers.numbers_held, times=1)
    assert [type(m) for m in said] == [OpenBilling]


async def test_answers_delivered_again_say_nothing_new(deliver: Deliver) -> None:
    placed = order(line(FIRST))
    answers = Answers(placed)
    await deliver(placed, times=1)
    await deliver(answers.customer_ready, answers.numbers_held, times=1)
    assert await deliver(answers.customer_ready, answers.numbers_held) == []


async def test_an_answer_for_an_order_nobody_placed_is_passed_over(deliver: Deliver) -> None:
    assert await deliver(Answers(order()).customer_ready) == []


@pytest.mark.parametrize(
    ("lines", "reason", "detail"),
    [
        (
            (line(FIRST).model_copy(update={"service_type": "teleport"}),),
            "unknown_service_type",
            "/lines/0/service_type",
        ),
        ((line(),), "too_few_numbers", "/lines/0/numbers"),
        ((line(FIRST, SECOND, FIRST + 2),), "too_many_numbers", "grouping"),
        ((line(FIRST, settings={"voicemail": "yes"}),), "bad_settings", "/lines/0/settings/voicemail"),
        ((line(FIRST, settings={"colour": "red"}),), "bad_settings", "colour"),
        (
            (line(FIRST), line(SECOND, settings_by_number={SECOND: {"voicemail": 1}})),
            "bad_settings",
            f"/lines/1/settings_by_number/+{SECOND}/voicemail",
        ),
        ((line(FIRST, settings_by_number={SECOND: {}}),), "unknown_number", f"+{SECOND}"),
    ],
)
async def test_an_order_that_is_not_valid_fails_at_once_and_says_where(
    deliver: Deliver, db: Connection, lines: Any, reason: str, detail: str
) -> None:
    (event,) = await deliver(placed := order(*lines), times=1)
    assert isinstance(event, OrderFailed)
    assert (event.step, event.reason) == ("validity", reason)
    assert detail in event.detail
    assert await deliver(placed, times=1) == []


async def test_a_refusal_of_a_huge_setting_is_no_huge_message(deliver: Deliver) -> None:
    (event,) = await deliver(order(line(FIRST, settings={"voicemail": "x" * 400_000})), times=1)
    assert isinstance(event, OrderFailed)
    assert event.detail.startswith("/lines/0/settings/voicemail: ")
    assert len(event.model_dump_json()) < 5_000


async def test_services_are_planned_in_the_same_transaction_and_activated_after_it(
    deliver: Deliver, db: Connection
) -> None:
    placed = order(line(FIRST, SECOND, grouping="each"))
    await _to_the_pivot(deliver, db, placed)
    assert await _services(db, placed) == [("planned", "activate")] * 2
    (event,) = await _work(db, SimulatedNetwork())
    assert isinstance(event, OrderCompleted)
    assert [s.numbers for s in event.services] == [(FIRST,), (SECOND,)]
    assert await _services(db, placed) == [("active", None)] * 2


async def test_a_service_keeps_the_version_of_its_type_that_it_was_sold_by(deliver: Deliver, db: Connection) -> None:
    draft = "INSERT INTO service_type_version SELECT service_type, 2, revision, state, $1, valid_to, resellers, entry"
    await db.execute(f"{draft}, changed_at, changed_by FROM service_type_version", NOW.date())
    yesterday, today = order(line(FIRST), accepted_at=NOW - timedelta(days=1)), order(line(SECOND))
    for placed in (yesterday, today):
        await _to_the_pivot(deliver, db, placed)
    versions = await db.fetch("SELECT order_id, type_version FROM service")
    assert dict(map(tuple, versions)) == {yesterday.order_id: 1, today.order_id: 2}


async def test_an_order_completes_only_when_its_last_service_is_active(deliver: Deliver, db: Connection) -> None:
    await _to_the_pivot(deliver, db, order(line(FIRST, SECOND, grouping="each")))
    assert await _work(db, SimulatedNetwork(), most=1) == []
    assert [type(m) for m in await _work(db, SimulatedNetwork(), most=1)] == [OrderCompleted]


async def test_a_claimed_activation_is_not_claimed_twice(deliver: Deliver, db: Connection) -> None:
    await _to_the_pivot(deliver, db, order(line(FIRST)))
    assert len(await queries.take(db, 10, settings().activation_lease, "1")) == 1
    assert await queries.take(db, 10, settings().activation_lease, "1") == []


async def test_a_replica_that_died_finds_its_activations_due_when_it_is_back(deliver: Deliver, db: Connection) -> None:
    await _to_the_pivot(deliver, db, order(line(FIRST)))
    lease = settings().activation_lease
    assert len(await queries.take(db, 10, lease, "1")) == 1
    await queries.inherit(db, "2")
    assert await queries.take(db, 10, lease, "2") == []
    await queries.inherit(db, "1")
    assert [job.tries for job in await queries.take(db, 10, lease, "1")] == [3]


async def test_planned_services_are_handed_to_the_errand_when_and_only_when_they_are_committed(
    database: Database,
) -> None:
    placed = order(line(FIRST, SECOND, grouping="each"))
    answers = Answers(placed)
    command = activate_services(Facts().plus(placed).plus(answers.customer_ready).plus(answers.numbers_held))
    handlers.to_do.next(most=10)  # what earlier tests left
    async with database.connection() as db:
        rolled_back = db.transaction()
        await rolled_back.start()
        await handlers.create_services([command], db)
        await rolled_back.rollback()
    assert handlers.to_do.next(most=10) == []
    async with database.transaction() as db:
        await handlers.create_services([command], db)
    assert [job.numbers for job in handlers.to_do.next(most=10)] == [(FIRST,), (SECOND,)]
    async with database.transaction() as db:
        assert await queries.take(db, 10, settings().activation_lease, "2") == []


async def test_a_network_that_is_down_is_tried_again_later(deliver: Deliver, db: Connection) -> None:
    placed = order(line(FIRST))
    await _to_the_pivot(deliver, db, placed)
    assert await _work(db, SimulatedNetwork(down=True)) == []
    assert await _services(db, placed) == [("planned", "activate")]
    await db.execute("UPDATE service SET due = now()")
    assert [type(m) for m in await _work(db, SimulatedNetwork())] == [OrderCompleted]


async def test_a_refused_service_takes_the_whole_order_back(deliver: Deliver, db: Connection) -> None:
    placed = order(line(FIRST, SECOND, grouping="each"))
    answers = await _to_the_pivot(deliver, db, placed)
    network = SimulatedNetwork(refuses=str(SECOND))
    assert await _work(db, network) == []
    assert await _services(db, placed) == [("active", "withdraw"), ("refused", "withdraw")]
    assert [type(m) for m in await _work(db, network)] == [VoidBilling]
    assert await _services(db, placed) == [("withdrawn", None)] * 2
    assert [type(m) for m in await deliver(answers.billing_voided, times=1)] == [WithdrawCustomer, ReleaseNumbers]
    (event,) = await deliver(answers.customer_withdrawn, answers.numbers_released, times=1)
    assert isinstance(event, OrderFailed)
    assert (event.step, event.reason) == ("services", "network_refused")


async def test_a_result_that_comes_after_the_order_was_taken_back_does_not_activate(
    deliver: Deliver, db: Connection
) -> None:
    placed = order(line(FIRST))
    await _to_the_pivot(deliver, db, placed)
    errand = handlers.activations(SimulatedNetwork())
    results = await errand.run(await errand.take(db, 10))
    await queries.withdraw(db, [placed.order_id])
    assert await errand.record(results, db) == []
    assert await _services(db, placed) == [("planned", "withdraw")]


async def test_the_clock_asks_again_what_nobody_answered(deliver: Deliver, db: Connection) -> None:
    first = await deliver(order(line(FIRST)), times=1)
    assert await handlers.ask_again_or_undo(db) == []
    await db.execute(
        "UPDATE saga SET due = now() - interval '1 s', state = replace(state, '\"due\":\"2', '\"due\":\"1')"
    )
    said = [one if isinstance(one, Message) else one.message for one in await handlers.ask_again_or_undo(db)]
    assert [m for m in said if not isinstance(m, OrderDelayed)] == first
