"""Orders that are taken back: at every step until they complete, before they begin, twice, against every answer."""

from collections.abc import Callable
from uuid import UUID

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.saga import advance
from patchbay_chassis.taking_back import cancel
from patchbay_chassis.testing import Deliver
from patchbay_contracts.v1.billing import OpenBilling, VoidBilling
from patchbay_contracts.v1.customer import WithdrawCustomer
from patchbay_contracts.v1.numbers import HoldNumbers, ReleaseNumbers
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed
from patchbay_contracts.v1.provisioning import CancelOrder, PlaceOrder
from provisioning_service import cancelling
from provisioning_service.activation import (
    ServicesActivated,
    ServicesRefused,
    ServicesWithdrawn,
    WithdrawServices,
)
from provisioning_service.network import SimulatedNetwork
from provisioning_service.order_saga import ORDER

from .orders import FIRST, NOW, Answers, line, order
from .story import Story
from .test_handlers import _services, _to_the_pivot, _work

_STEPS: tuple[Callable[[Story], object], ...] = (
    lambda story: story.given(story.answers.customer_ready),
    lambda story: story.given(story.answers.numbers_held),
    lambda story: story.given(story.answers.billing_opened),
)


def cancelled(placed: PlaceOrder, reseller: str = "acme") -> CancelOrder:
    return CancelOrder(
        order_id=placed.order_id, reseller=reseller, by="key:test", why="not wanted", asked_at=NOW, reference="PO-1"
    )


def take_back(story: Story) -> Story:
    command = cancelled(story.placed)
    failure = cancelling.why(command, story.state.facts)
    assert failure is not None
    story.state, said = cancel(story.saga, story.state, command, failure, story.now)
    story._note(said)
    return story


@pytest.mark.parametrize("steps", range(len(_STEPS) + 1))
def test_at_any_step_all_that_was_asked_is_undone_and_late_answers_change_nothing(steps: int) -> None:
    story = Story(order(line(FIRST)))
    for step in _STEPS[:steps]:
        step(story)
    take_back(story)
    answers = story.answers
    late = (answers.customer_ready, answers.numbers_held, answers.billing_opened, story.local(ServicesActivated))
    undone = list(story.said)
    for _ in range(4):
        story.given(*late, answers.numbers_unavailable, answers.billing_refused)
        assert story.said == []
        for asked, done in (
            (WithdrawServices, story.local(ServicesWithdrawn)),
            (VoidBilling, answers.billing_voided),
            (WithdrawCustomer, answers.customer_withdrawn),
            (ReleaseNumbers, answers.numbers_released),
        ):
            if any(type(message) is asked for message in undone):
                story.given(done)
                undone += story.said
    (event,) = [message for message in undone if isinstance(message, OrderFailed)]
    assert (event.step, event.reason, event.detail) == ("cancel", "cancelled", "key:test: not wanted")
    assert any("provisioning.CancelOrder.v1 key:test: not wanted" in moment for moment in event.timeline)
    assert {type(m) for m in undone} >= {WithdrawCustomer, ReleaseNumbers}


def test_an_order_that_completed_stays_so_and_one_that_fails_keeps_its_reason() -> None:
    story = Story(order(line(FIRST)))
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_opened)
    story.given(story.local(ServicesActivated))
    before = story.state
    assert take_back(story).state is before
    story = Story(order(line(FIRST)))
    story.given(story.answers.customer_refused)
    assert take_back(story).given(story.answers.numbers_released).types == [OrderFailed]
    assert story.state.failure is not None
    assert story.state.failure.reason == "customer_blocked"


def test_a_network_that_refuses_what_is_taken_back_already_says_nothing_new() -> None:
    story = Story(order(line(FIRST)))
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_opened)
    assert take_back(story).types == [WithdrawServices]
    state, said = advance(ORDER, story.state, story.local(ServicesRefused, reason="no", detail="no"), story.now)
    assert (state, said) == (story.state, [])


@pytest.mark.usefixtures("catalogue")
async def test_an_order_is_cancelled_once_however_often_it_is_asked(deliver: Deliver, db: Connection) -> None:
    placed = order(line(FIRST))
    answers = Answers(placed)
    await deliver(placed, times=1)
    said = await deliver(cancelled(placed), times=1)
    assert [type(m) for m in said] == [WithdrawCustomer, ReleaseNumbers]
    assert await deliver(cancelled(placed), cancelled(placed), times=1) == []
    (event,) = await deliver(answers.customer_withdrawn, answers.numbers_released, times=1)
    assert isinstance(event, OrderFailed)
    assert event.reason == "cancelled"
    assert await deliver(cancelled(placed), times=1) == []


@pytest.mark.usefixtures("catalogue")
async def test_an_order_that_is_cancelled_before_it_is_placed_fails_at_once_and_never_begins(deliver: Deliver) -> None:
    placed = order(line(FIRST))
    (event,) = await deliver(cancelled(placed), times=1)
    assert isinstance(event, OrderFailed)
    assert (event.reason, event.reference, event.order_id) == ("cancelled", "PO-1", placed.order_id)
    assert await deliver(placed, times=1) == []
    assert await deliver(Answers(placed).customer_ready, cancelled(placed), times=1) == []


@pytest.mark.usefixtures("catalogue")
async def test_placed_and_cancelled_in_one_batch_it_is_undone(deliver: Deliver, db: Connection) -> None:
    placed = order(line(FIRST))
    said = await deliver(placed, cancelled(placed), times=1)
    assert [type(m) for m in said][-2:] == [WithdrawCustomer, ReleaseNumbers]


@pytest.mark.usefixtures("catalogue")
async def test_an_answer_and_a_cancel_in_one_batch_go_one_after_the_other(deliver: Deliver) -> None:
    placed = order(line(FIRST))
    answers = Answers(placed)
    await deliver(placed, times=1)
    said = await deliver(answers.customer_ready, answers.numbers_held, cancelled(placed), times=1)
    assert [type(m) for m in said] == [OpenBilling, VoidBilling]


@pytest.mark.usefixtures("catalogue")
async def test_services_that_are_being_activated_are_withdrawn(deliver: Deliver, db: Connection) -> None:
    placed = order(line(FIRST))
    answers = await _to_the_pivot(deliver, db, placed)
    await deliver(cancelled(placed), times=1)
    assert [type(m) for m in await _work(db, SimulatedNetwork())] == [VoidBilling]
    assert await _services(db, placed) == [("withdrawn", None)]
    said = await deliver(answers.billing_voided, times=1)
    assert [type(m) for m in said] == [WithdrawCustomer, ReleaseNumbers]


@pytest.mark.usefixtures("catalogue")
async def test_what_completed_is_not_taken_back(deliver: Deliver, db: Connection) -> None:
    placed = order(line(FIRST))
    await _to_the_pivot(deliver, db, placed)
    assert [type(m) for m in await _work(db, SimulatedNetwork())] == [OrderCompleted]
    assert await deliver(cancelled(placed), times=1) == []
    assert await _services(db, placed) == [("active", None)]


@pytest.mark.usefixtures("catalogue")
async def test_another_resellers_order_is_not_touched(deliver: Deliver) -> None:
    placed = order(line(FIRST))
    await deliver(placed, times=1)
    assert await deliver(cancelled(placed, "borealis"), times=1) == []
    other = order(line(FIRST), order_id=UUID(int=7))
    said = await deliver(cancelled(placed), other, times=1)
    assert [type(m) for m in said].count(HoldNumbers) == 1
