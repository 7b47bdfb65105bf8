"""Orders that wait for numbers: what they wait after, what they hold meanwhile, and how they end. No IO."""

from datetime import timedelta
from typing import Any

import pytest

from patchbay_chassis.saga_again import NOTED
from patchbay_chassis.saga_stored import from_store, to_store
from patchbay_contracts.order import Line, Numbers
from patchbay_contracts.v1.customer import PrepareCustomer
from patchbay_contracts.v1.numbers import HoldNumbers, NumbersHeld, NumbersUnavailable, ReleaseNumbers
from patchbay_contracts.v1.orders import OrderBackOrdered, OrderBegun, OrderCompleted, OrderDelayed, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import back_orders
from provisioning_service.activation import ActivateServices, ServicesActivated
from provisioning_service.order_saga import ORDER

from .orders import FIRST, NOW, SECOND, line, order
from .story import BACK_ORDER, LONGEST, SHORTEST, Story
from .test_cancelling import take_back

UNTIL = NOW + timedelta(days=30)


def patient(*lines: Line, **other: Any) -> PlaceOrder:
    return order(*(lines or (line(FIRST),)), **({"failure": "back_order", "until": UNTIL} | other))


def some(count: int = 3) -> Line:
    return line(numbers=Numbers(count=count, prefix="0121"))


def lacking(story: Story, at: int = 0, **fields: Any) -> NumbersUnavailable:
    return story.answers.numbers_unavailable.model_copy(
        update={"reason": "too_few", "line": at, "detail": f"/lines/{at}/numbers: 3 wanted, 0 free", "numbers": ()}
        | fields
    )


@pytest.fixture
def waiting() -> Story:
    """An order that has been told that there are no numbers."""
    story = Story(patient())
    return story.given(lacking(story))


def test_numbers_are_asked_for_alone_so_that_nothing_is_held_when_they_lack() -> None:
    story = Story(patient())
    (asked,) = story.said
    assert isinstance(asked, HoldNumbers)
    assert [(want.waits, want.optional) for want in asked.wants] == [(True, False)]
    (event,) = story.given(lacking(story)).said
    assert isinstance(event, OrderBackOrdered)
    assert (event.reason, event.line, event.waiting, event.until) == ("too_few", 0, (0,), UNTIL)
    assert any("NumbersUnavailable.v1 too_few: /lines/0" in moment for moment in event.timeline)
    assert story.state.status == "waiting"


def test_an_order_that_gets_its_numbers_at_once_never_waits() -> None:
    story = Story(patient())
    assert story.given(story.answers.numbers_held).types == [PrepareCustomer]


def test_tried_again_it_goes_on_when_the_numbers_are_there(waiting: Story) -> None:
    assert waiting.tried_again().types == [HoldNumbers]
    assert waiting.given(waiting.answers.numbers_held).types == [OrderBegun, PrepareCustomer]
    waiting.given(waiting.answers.customer_ready, waiting.answers.billing_opened)
    assert waiting.given(waiting.local(ServicesActivated)).types == [OrderCompleted]


def test_each_try_is_a_question_of_its_own(waiting: Story) -> None:
    waiting.tried_again().given(lacking(waiting)).tried_again()
    assert len(set(waiting.ids[HoldNumbers])) == 3


def tried_often(story: Story) -> Story:
    """So often that another try in vain is noted no more."""
    while story.state.tried < NOTED:
        story.tried_again().given(lacking(story))
    return story


def test_the_first_tries_are_noted_each_and_told_as_no_news(waiting: Story) -> None:
    moments = waiting.state.log.moments()
    (event,) = waiting.tried_again().given(lacking(waiting)).said
    assert isinstance(event, OrderBackOrdered)
    assert event.again
    assert [line.split(" ", 1)[1] for line in event.timeline[len(moments) :]] == [
        "numbers.HoldNumbers.v1 tried again, try 2",
        "numbers.NumbersUnavailable.v1 too_few: /lines/0/numbers: 3 wanted, 0 free",
    ]
    assert sum("NumbersUnavailable" in line for line in tried_often(waiting).state.log.moments()) == NOTED


def test_a_later_try_is_noted_and_told_only_if_it_is_answered_otherwise(waiting: Story) -> None:
    moments = tried_often(waiting).state.log.moments()
    for _ in range(3):
        assert waiting.tried_again().given(lacking(waiting)).said == []
    assert waiting.state.log.moments() == moments
    asked_at = waiting.tried_again().now
    waiting.now += timedelta(seconds=5)
    (event,) = waiting.given(lacking(waiting, detail="/lines/0/numbers: 3 wanted, 2 free")).said
    assert isinstance(event, OrderBackOrdered)
    assert not event.again
    asked, answered = event.timeline[len(moments) :]
    assert asked == f"{asked_at.isoformat()} numbers.HoldNumbers.v1 tried again, try {NOTED + 4}"
    assert "NumbersUnavailable" in answered


def test_the_try_that_gets_its_numbers_stands_with_its_question_whoever_stores_it(waiting: Story) -> None:
    state = tried_often(waiting).tried_again().state
    assert "HoldNumbers" not in state.log.moments()[-1]
    waiting.state = from_store(to_store(state), state.facts.added(), state.log.added)
    waiting.given(waiting.answers.numbers_held)
    assert [line.split(" ")[1] for line in waiting.state.log.moments()[-3:-1]] == [HoldNumbers.type, NumbersHeld.type]


def test_pauses_grow_with_the_time_that_has_passed_and_end_with_the_order(waiting: Story) -> None:
    assert waiting.pause() == SHORTEST
    waiting.now += timedelta(hours=2)
    assert waiting.tried_again().given(lacking(waiting)).pause() == timedelta(minutes=30)
    waiting.now += timedelta(days=2)
    assert waiting.tried_again().given(lacking(waiting)).pause() == LONGEST
    waiting.now = UNTIL - timedelta(minutes=5)
    assert waiting.tried_again().given(lacking(waiting)).pause() == timedelta(minutes=5)


def test_at_its_end_it_is_tried_for_the_last_time_and_fails_for_a_reason_of_its_own(waiting: Story) -> None:
    waiting.now = UNTIL
    (asked,) = waiting.tried_again().said
    assert isinstance(asked, HoldNumbers)
    assert not any(want.waits for want in asked.wants)
    (event,) = waiting.given(lacking(waiting)).said
    assert isinstance(event, OrderFailed)
    assert (event.step, event.reason) == ("numbers", "back_order_ended")
    assert event.detail.startswith("/lines/0/numbers: 3 wanted, 0 free; waited for until 2026-12-24 12:00Z")


def test_a_line_that_the_order_can_do_without_is_left_out_at_the_end_and_not_before() -> None:
    story = Story(patient(some(), line(SECOND), failure="keep_what_worked").model_copy(
        update={"lines": (some().model_copy(update={"back_order": True}), line(SECOND))}))  # fmt: skip
    (asked,) = story.said
    assert isinstance(asked, HoldNumbers)
    assert [(want.optional, want.waits) for want in asked.wants] == [(False, True), (True, False)]
    story.given(lacking(story))
    story.now = UNTIL
    (asked,) = story.tried_again().said
    assert isinstance(asked, HoldNumbers)
    assert [(want.optional, want.waits) for want in asked.wants] == [(True, False), (True, False)]


@pytest.mark.parametrize(
    ("at", "fields"), [(0, {"reason": "unknown_number"}), (0, {"reason": "wrong_grade"}), (1, {}), (0, {"line": None})]
)
def test_what_will_not_be_otherwise_and_lines_that_do_not_wait_fail_at_once(at: int, fields: dict[str, Any]) -> None:
    story = Story(patient(line(FIRST), line(SECOND, back_order=False)))
    (event,) = story.given(lacking(story, at, **fields)).said
    assert isinstance(event, OrderFailed)
    assert event.reason == fields.get("reason", "too_few")


def test_orders_without_a_line_that_waits_are_carried_out_as_ever() -> None:
    for placed in (order(line(FIRST)), patient(line(FIRST, back_order=False)), patient(line())):
        assert ORDER.takes is not None
        assert ORDER.takes(placed)
        assert not (BACK_ORDER.takes and BACK_ORDER.takes(placed))


def test_late_and_repeated_answers_change_nothing_while_it_waits(waiting: Story) -> None:
    before = waiting.state
    answers = waiting.answers
    waiting.given(lacking(waiting), answers.numbers_held, answers.numbers_released, answers.customer_ready)
    assert waiting.state is before
    assert waiting.after(timedelta(days=1)).said == []


def test_taken_back_while_it_waits_it_fails_at_once_with_nothing_to_undo(waiting: Story) -> None:
    (event,) = take_back(waiting).said
    assert isinstance(event, OrderFailed)
    assert event.reason == "cancelled"
    assert waiting.tried_again().said == []
    assert waiting.given(waiting.answers.numbers_held).said == []


def test_taken_back_while_it_is_tried_what_may_be_held_is_released(waiting: Story) -> None:
    waiting.tried_again()
    assert take_back(waiting).types == [ReleaseNumbers]
    assert waiting.given(lacking(waiting), waiting.answers.numbers_held).said == []
    (event,) = waiting.given(waiting.answers.numbers_released).said
    assert isinstance(event, OrderFailed)
    assert event.reason == "cancelled"


def test_a_numbers_service_that_is_away_for_hours_ends_no_order_that_waits(waiting: Story) -> None:
    waiting.tried_again()
    for _ in range(20):
        assert waiting.after(timedelta(minutes=15)).types == [HoldNumbers, OrderDelayed]
    assert waiting.given(lacking(waiting)).types == [OrderBackOrdered]


def test_it_is_judged_by_the_day_on_which_it_is_tried_and_what_it_cannot_be_any_more_ends_it(waiting: Story) -> None:
    waiting.now += timedelta(days=3)
    waiting.tried_again().given(waiting.answers.numbers_held, waiting.answers.customer_ready)
    (asked,) = waiting.given(waiting.answers.billing_opened).said
    assert isinstance(asked, ActivateServices)
    assert asked.day == waiting.now.date()


def test_nothing_is_stored_that_was_known_before(waiting: Story) -> None:
    facts = waiting.tried_again().state.facts
    assert back_orders.known(facts, back_orders.as_of(waiting.placed, waiting.now), waiting.now) == []


def test_a_watched_order_tells_no_move_where_nothing_is_said(waiting: Story) -> None:
    state = tried_often(waiting).tried_again().state
    assert ORDER.announce.moved is not None
    watched = waiting.placed.model_copy(update={"watched": True})
    quiet = state._replace(facts=state.facts.plus(watched), log=state.log.kept())
    assert ORDER.announce.moved(quiet) is None
