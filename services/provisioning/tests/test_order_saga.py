"""The order saga: given answers, when one more comes or time passes, then these commands. No IO."""

from dataclasses import replace
from datetime import timedelta

from patchbay_chassis.envelope import Numbered
from patchbay_chassis.saga import Failure, begin, expire
from patchbay_contracts.v1.billing import OpenBilling, VoidBilling
from patchbay_contracts.v1.customer import PrepareCustomer, WithdrawCustomer
from patchbay_contracts.v1.numbers import HoldNumbers, ReleaseNumbers
from patchbay_contracts.v1.orders import LineOutcome, OrderCompleted, OrderDelayed, OrderFailed, OrderStuck
from provisioning_service.activation import (
    ActivateServices,
    ServicesActivated,
    ServicesRefused,
    ServicesWithdrawn,
    WithdrawServices,
)
from provisioning_service.order_saga import HOLD_MARGIN, ORDER, moved
from provisioning_service.settings import Settings

from .orders import ADA, ADA_DRAFT, FIRST, NOW, SECOND, line, order
from .story import Story

TRY = timedelta(seconds=10)


def test_an_order_asks_for_its_customer_and_its_numbers_at_once(story: Story) -> None:
    assert story.types == [PrepareCustomer, HoldNumbers]


def test_billing_waits_for_both_customer_and_numbers(story: Story) -> None:
    assert story.given(story.answers.customer_ready).said == []
    assert story.given(story.answers.numbers_held).types == [OpenBilling]


def test_billing_waits_for_both_in_the_other_order_too(story: Story) -> None:
    assert story.given(story.answers.numbers_held).said == []
    assert story.given(story.answers.customer_ready).types == [OpenBilling]


def test_billing_prices_the_numbers_that_were_held(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_held)
    (asked,) = story.said
    assert isinstance(asked, OpenBilling)
    assert asked.customer_id == story.answers.customer_ready.customer_id
    assert [n.e164 for n in asked.lines[0].numbers] == [FIRST]


def test_what_was_given_instead_stands_in_the_timeline_and_at_the_service(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.fewer_held, story.answers.billing_opened)
    story.given(story.local(ServicesActivated))
    (event,) = story.said
    assert isinstance(event, OrderCompleted)
    notes = [moment.partition("numbers.NumbersHeld.v1")[2] for moment in event.timeline]
    assert " line 0: 1 of 2 were available" in notes
    assert [service.note for service in event.services] == ["1 of 2 were available"]
    assert event.lines == (LineOutcome(line=0, state="reduced", reason="too_few", detail="1 of 2 were available"),)


def test_an_order_that_was_made_as_it_was_asked_for_says_nothing_of_its_lines(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_opened)
    (event,) = story.given(story.local(ServicesActivated)).said
    assert '"lines"' not in event.model_dump_json()


def test_an_order_names_the_draft_whose_numbers_it_takes_over() -> None:
    story = Story(order(line(FIRST), held_by=ADA_DRAFT))
    hold = next(one for one in story.said if isinstance(one, HoldNumbers))
    assert hold.held_by == ADA_DRAFT


def test_billing_is_told_by_which_quote_the_order_is_charged() -> None:
    story = Story(order(line(), quote=ADA_DRAFT))
    asked = next(one for one in story.given(story.answers.customer_ready).said if isinstance(one, OpenBilling))
    assert asked.quote == ADA_DRAFT


def test_services_are_activated_when_billing_is_open(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_opened)
    (asked,) = story.said
    assert isinstance(asked, ActivateServices)
    assert [s.numbers for s in asked.services] == [(FIRST,)]


def test_an_order_completes_when_its_services_are_active(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_opened)
    story.given(story.local(ServicesActivated))
    (event,) = story.said
    assert isinstance(event, OrderCompleted)
    assert event.recipients == (ADA,)
    assert [moment.split()[1] for moment in event.timeline] == [
        "provisioning.PlaceOrder.v1",
        "customer.PrepareCustomer.v1",
        "numbers.HoldNumbers.v1",
        "customer.CustomerReady.v1",
        "numbers.NumbersHeld.v1",
        "billing.OpenBilling.v1",
        "billing.BillingOpened.v1",
        "provisioning.ActivateServices.v1",
        "provisioning.ServicesActivated.v1",
    ]
    assert story.state.status == "completed"


def test_one_service_each_makes_as_many_services_as_numbers() -> None:
    story = Story(order(line(FIRST, SECOND, grouping="each")))
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_opened)
    (asked,) = story.said
    assert isinstance(asked, ActivateServices)
    assert [s.numbers for s in asked.services] == [(FIRST,), (SECOND,)]
    assert len({s.id for s in asked.services}) == 2


def test_an_order_without_lines_needs_a_customer_and_an_account_only() -> None:
    story = Story(order())
    assert story.types == [PrepareCustomer]
    assert story.given(story.answers.customer_ready).types == [OpenBilling]
    assert story.given(story.answers.billing_opened).types == [OrderCompleted]


def test_a_refused_customer_gives_back_the_numbers_that_may_be_held(story: Story) -> None:
    assert story.given(story.answers.customer_refused).types == [ReleaseNumbers]
    assert story.given(story.answers.numbers_released).types == [OrderFailed]


def test_no_free_number_withdraws_the_customer(story: Story) -> None:
    assert story.given(story.answers.customer_ready, story.answers.numbers_unavailable).types == [WithdrawCustomer]
    story.given(story.answers.customer_withdrawn)
    (event,) = story.said
    assert isinstance(event, OrderFailed)
    assert (event.step, event.reason, event.detail) == ("numbers", "taken", "choose others")


def test_two_refusals_leave_nothing_to_undo(story: Story) -> None:
    story.given(story.answers.customer_refused, story.answers.numbers_unavailable)
    assert story.given(story.answers.numbers_released).types == [OrderFailed]
    assert story.state.failure is not None
    assert story.state.failure.step == "customer"


def test_a_refused_bill_undoes_customer_and_numbers_together(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_refused)
    assert story.types == [WithdrawCustomer, ReleaseNumbers]
    assert story.given(story.answers.numbers_released).said == []
    assert story.given(story.answers.customer_withdrawn).types == [OrderFailed]


def test_a_network_that_refuses_undoes_everything_backwards(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_held, story.answers.billing_opened)
    story.given(story.local(ServicesRefused, reason="network_refused", detail="not this number"))
    assert story.types == [WithdrawServices]
    assert story.given(story.local(ServicesWithdrawn)).types == [VoidBilling]
    assert story.given(story.answers.billing_voided).types == [WithdrawCustomer, ReleaseNumbers]
    assert story.given(story.answers.customer_withdrawn, story.answers.numbers_released).types == [OrderFailed]


def test_a_hold_that_ends_soon_does_not_pass_the_pivot(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.held_briefly, story.answers.billing_opened)
    assert story.types == [VoidBilling]
    assert story.state.failure is not None
    assert story.state.failure.reason == "not_ready"


def test_a_hold_outlasts_the_longest_saga() -> None:
    assert ORDER.longest() + HOLD_MARGIN < timedelta(hours=24)


def test_an_order_that_is_not_valid_fails_before_anything_is_asked() -> None:
    state, said = begin(
        ORDER, order(line(FIRST)), NOW, Failure("validity", "unknown_service_type", "see the catalogue")
    )
    (event,) = said
    assert isinstance(event, OrderFailed)
    assert event.reason == "unknown_service_type"
    assert state.status == "failed"


def test_repeated_answers_change_nothing(story: Story) -> None:
    story.given(story.answers.customer_ready)
    before = story.state
    assert story.given(story.answers.customer_ready).said == []
    assert story.state is before


def test_answers_to_questions_never_asked_change_nothing(story: Story) -> None:
    before = story.state
    assert story.given(story.answers.billing_opened, story.answers.customer_withdrawn).said == []
    assert story.state is before


def test_a_late_success_after_an_undo_changes_nothing(story: Story) -> None:
    story.given(story.answers.customer_refused)
    assert story.given(story.answers.numbers_held).said == []
    assert story.given(story.answers.numbers_released).types == [OrderFailed]


def test_nothing_moves_an_ended_saga(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_unavailable, story.answers.customer_withdrawn)
    before = story.state
    assert story.given(story.answers.customer_ready, story.answers.numbers_held).said == []
    assert story.after(timedelta(days=1)).said == []
    assert story.state is before


def test_time_that_has_not_come_moves_nothing(story: Story) -> None:
    before = story.state
    assert story.after(TRY / 2).said == []
    assert story.state is before


def test_a_silent_service_is_asked_again_under_the_same_message_id(story: Story) -> None:
    story.given(story.answers.customer_ready).after(TRY)
    assert story.types == [HoldNumbers, OrderDelayed]
    first, again = story.ids[HoldNumbers]
    assert first == again


def test_a_service_that_stays_silent_is_undone_with_what_it_may_have_done(story: Story) -> None:
    story.given(story.answers.customer_ready).after(TRY).after(TRY).after(TRY)
    assert story.types == [WithdrawCustomer, ReleaseNumbers, OrderDelayed]
    story.given(story.answers.customer_withdrawn, story.answers.numbers_released)
    (event,) = story.said
    assert isinstance(event, OrderFailed)
    assert event.reason == "timed_out"
    assert "30 s" in event.detail
    assert any(" no answer within " in moment for moment in event.timeline)


def test_a_late_answer_before_the_last_try_is_still_welcome(story: Story) -> None:
    story.given(story.answers.customer_ready).after(TRY).after(TRY)
    assert story.given(story.answers.numbers_held).types == [OpenBilling]


def test_an_undo_that_does_not_get_through_is_stuck_and_says_so_once(story: Story) -> None:
    story.given(story.answers.customer_refused)
    story.after(TRY).after(TRY)
    assert story.after(TRY).types == [ReleaseNumbers, OrderStuck]
    assert story.state.status == "stuck"
    assert story.after(2 * TRY).types == [ReleaseNumbers]


def test_a_stuck_order_ends_when_its_undo_gets_through_after_all(story: Story) -> None:
    story.given(story.answers.customer_refused)
    story.after(TRY).after(TRY).after(TRY)
    assert story.given(story.answers.numbers_released).types == [OrderFailed]
    assert story.state.status == "failed"


def test_patience_stretches_every_limit() -> None:
    hasty = replace(ORDER, patience=0.01)
    state, _ = begin(hasty, order(line(FIRST)), NOW)
    _, said = expire(hasty, state, NOW + TRY * 0.01)
    assert [type(one.message) for one in said if isinstance(one, Numbered)] == [PrepareCustomer, HoldNumbers]


def test_patience_is_one_unless_the_environment_says_otherwise() -> None:
    assert Settings().patience == 1.0


def test_a_watched_order_says_each_of_its_moves_and_another_says_none(story: Story) -> None:
    watched = Story(story.placed.model_copy(update={"watched": True}))
    told = moved(watched.given(watched.answers.numbers_unavailable, watched.answers.customer_ready).state)
    assert told is not None
    assert [(move.step, move.what) for move in told.moves] == [
        ("customer", "asked"),
        ("numbers", "asked"),
        ("numbers", "refused"),
        ("customer", "undoing"),
    ]
    assert moved(story.state) is None
