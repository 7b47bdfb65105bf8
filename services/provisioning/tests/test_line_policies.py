"""Orders that go on without lines that are refused: which are left out at which step, and what is made of the rest."""

from typing import Any, TypeVar

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.catalogue import CustomerRules
from patchbay_contracts.message import Message
from patchbay_contracts.order import Line, RefusedLine
from patchbay_contracts.v1.billing import BillingOpened, BillingRefused, OpenBilling, VoidBilling
from patchbay_contracts.v1.customer import PrepareCustomer, WithdrawCustomer
from patchbay_contracts.v1.numbers import HeldLine, HoldNumbers, NumbersHeld, ReleaseNumbers
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.words import HeldNumber
from provisioning_service import catalogue_queries
from provisioning_service.activation import ActivateServices, ServicesActivated, ServicesRefused, ServicesWithdrawn
from provisioning_service.catalogue import ALWAYS

from .entries import entry
from .orders import FIRST, SECOND, line, order
from .story import Story

M = TypeVar("M", bound=Message)
TAKEN = RefusedLine(line=0, reason="taken", detail="/lines/0/numbers: gone")
NO_PRICE = RefusedLine(line=1, reason="no_price", detail="/lines/1/price_list: none")
THIRD = SECOND + 1


def kept(*lines: Line, **other: Any) -> PlaceOrder:
    return order(*lines, **({"failure": "keep_what_worked"} | other))


def held(story: Story, numbers: dict[int, int], *refused: RefusedLine) -> NumbersHeld:
    lines = (
        HeldLine(line=at, numbers=(HeldNumber(e164=number, grade="standard", rule="no pattern"),))
        for at, number in numbers.items()
    )
    return story.answers.numbers_held.model_copy(update={"lines": tuple(lines), "refused": refused})


def opened(story: Story, *refused: RefusedLine) -> BillingOpened:
    return story.answers.billing_opened.model_copy(update={"refused": refused})


def one(said: list[Message], type_: type[M]) -> M:
    (found,) = [message for message in said if isinstance(message, type_)]
    return found


def test_billing_and_network_are_asked_for_the_lines_that_are_left_and_the_order_completes_without_the_others() -> None:
    story = Story(kept(line(FIRST), line(SECOND), line(THIRD)))
    assert [want.optional for want in one(story.said, HoldNumbers).wants] == [True, True, True]
    story.given(story.answers.customer_ready, held(story, {1: SECOND, 2: THIRD}, TAKEN))
    asked = one(story.said, OpenBilling)
    assert [(billed.line, billed.optional) for billed in asked.lines] == [(1, True), (2, True)]
    story.given(opened(story, NO_PRICE))
    assert [service.line for service in one(story.said, ActivateServices).services] == [2]
    event = one(story.given(story.local(ServicesActivated)).said, OrderCompleted)
    assert [(service.line, service.numbers) for service in event.services] == [(2, (THIRD,))]
    assert [(left.line, left.state, left.reason) for left in event.lines] == [
        (0, "refused", "taken"),
        (1, "refused", "no_price"),
    ]
    assert any("NumbersHeld.v1 line 0 is left out, taken: /lines/0" in moment for moment in event.timeline)
    assert any("BillingOpened.v1 line 1 is left out, no_price: /lines/1" in moment for moment in event.timeline)


def test_an_order_of_which_no_line_is_left_fails_for_the_first_reason_and_keeps_no_customer() -> None:
    story = Story(kept(line(FIRST)))
    story.given(story.answers.customer_ready, held(story, {}, TAKEN))
    assert story.types == [WithdrawCustomer, ReleaseNumbers]
    event = one(
        story.given(story.answers.customer_withdrawn, story.answers.numbers_released).said,
        OrderFailed,
    )
    assert (event.step, event.reason, event.detail) == ("numbers", "taken", TAKEN.detail)
    assert [(left.line, left.state) for left in event.lines] == [(0, "refused")]


def test_billing_that_refuses_every_line_that_was_left_fails_the_order_and_all_are_named() -> None:
    story = Story(kept(line(FIRST), line(SECOND)))
    story.given(story.answers.customer_ready, held(story, {1: SECOND}, TAKEN))
    refused = BillingRefused(
        order_id=story.placed.order_id, reseller="acme", reason="no_price", detail=NO_PRICE.detail, refused=(NO_PRICE,)
    )
    story.given(refused, story.answers.customer_withdrawn, story.answers.numbers_released)
    event = one(story.said, OrderFailed)
    assert [(left.line, left.reason) for left in event.lines] == [(0, "taken"), (1, "no_price")]


def test_a_line_may_be_optional_or_needed_whatever_its_order_says() -> None:
    mixed = Story(order(line(FIRST), line(SECOND, optional=True)))
    assert [want.optional for want in one(mixed.said, HoldNumbers).wants] == [False, True]
    other = Story(kept(line(FIRST, optional=False), line(SECOND)))
    assert [want.optional for want in one(other.said, HoldNumbers).wants] == [False, True]


def test_lines_without_numbers_are_made_though_those_with_numbers_were_left_out() -> None:
    story = Story(kept(line(FIRST), line()))
    story.given(story.answers.customer_ready, held(story, {}, TAKEN), story.answers.billing_opened)
    assert [service.line for service in one(story.said, ActivateServices).services] == [1]


def test_a_failure_later_undoes_the_lines_that_worked_as_well() -> None:
    story = Story(kept(line(FIRST), line(SECOND)))
    story.given(story.answers.customer_ready, held(story, {1: SECOND}, TAKEN))
    story.given(story.answers.billing_opened)
    story.given(story.local(ServicesRefused, reason="network_refused", detail="/lines/1: no"))
    assert VoidBilling in story.given(story.local(ServicesWithdrawn)).types


def test_what_was_given_instead_of_a_number_has_its_settings() -> None:
    story = Story(order(line(FIRST, SECOND, settings_by_number={FIRST: {"voicemail": True}})))
    numbers = tuple(HeldNumber(e164=n, grade="standard", rule="no pattern") for n in (THIRD, SECOND))
    given = HeldLine(line=0, numbers=numbers, acted="substitute", note="another", instead_of={FIRST: THIRD})
    story.given(story.answers.customer_ready, story.answers.numbers_held.model_copy(update={"lines": (given,)}))
    (service,) = one(story.given(story.answers.billing_opened).said, ActivateServices).services
    assert service.settings_by_number == {THIRD: {"voicemail": True}}
    event = one(story.given(story.local(ServicesActivated)).said, OrderCompleted)
    assert [(left.state, left.reason, left.instead_of) for left in event.lines] == [
        ("substituted", "taken", {FIRST: THIRD})
    ]


@pytest.mark.usefixtures("catalogue")
async def test_lines_that_are_not_valid_are_left_out_before_anything_is_asked(deliver: Deliver) -> None:
    placed = kept(line(FIRST, settings={"colour": "red"}), line(SECOND), line(THIRD, service_type="teleport"))
    said = await deliver(placed, times=1)
    assert [type(message) for message in said] == [PrepareCustomer, HoldNumbers]
    assert [want.line for want in one(said, HoldNumbers).wants] == [1]


@pytest.mark.usefixtures("catalogue")
async def test_an_order_is_refused_for_a_needed_line_that_is_not_valid_and_for_having_none_left(
    deliver: Deliver,
) -> None:
    bad = line(FIRST, settings={"colour": "red"})
    needed = bad.model_copy(update={"optional": False})
    event = one(await deliver(kept(line(SECOND), needed), times=1), OrderFailed)
    assert (event.step, event.reason) == ("validity", "bad_settings")
    assert event.detail.startswith("/lines/1/")
    event = one(await deliver(kept(bad), times=1), OrderFailed)
    assert (event.step, event.reason) == ("validity", "bad_settings")
    assert [left.line for left in event.lines] == [0]


@pytest.mark.usefixtures("catalogue")
async def test_what_is_left_is_judged_again_since_lines_may_need_each_other(deliver: Deliver, db: Connection) -> None:
    bridge = entry(name="Bridge", customers=CustomerRules(needs=("voice-line",)))
    await catalogue_queries.publish_first(db, "bridge", bridge, ALWAYS)
    lines = (line(FIRST, service_type="bridge"), line(SECOND, settings={"colour": "red"}))
    event = one(await deliver(kept(*lines), times=1), OrderFailed)
    assert [(left.line, left.reason) for left in event.lines] == [(0, "incompatible"), (1, "bad_settings")]
