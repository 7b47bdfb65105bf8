"""The saga of a change: given answers, then these commands. No IO."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from patchbay_chassis.envelope import Numbered, Said
from patchbay_chassis.saga import advance, begin, expire
from patchbay_contracts.message import Message, OrderMessage
from patchbay_contracts.order import ExistingCustomer, Numbers
from patchbay_contracts.services import (
    AddNumbers,
    End,
    NewPriceList,
    NewSettings,
    RemoveNumbers,
    Resume,
    Service,
    Suspend,
    Wanted,
)
from patchbay_contracts.v1.changes import (
    AmendBilling,
    BillingAmended,
    BillingAmendRefused,
    BillingRestored,
    PlaceChange,
    RestoreBilling,
)
from patchbay_contracts.v1.customer import CustomerReady, CustomerWithdrawn, PrepareCustomer, WithdrawCustomer
from patchbay_contracts.v1.numbers import (
    HeldLine,
    HoldNumbers,
    NumbersHeld,
    NumbersReleased,
    NumbersUnavailable,
    ReleaseNumbers,
)
from patchbay_contracts.v1.orders import OrderCompleted, OrderDelayed, OrderFailed
from patchbay_contracts.words import HeldNumber, Money
from provisioning_service.change_saga import CHANGE
from provisioning_service.changing import (
    ChangeNotTaken,
    ChangeRefused,
    ChangeService,
    ClaimService,
    LeaveService,
    RestoreService,
    ServiceChanged,
    ServiceClaimed,
    ServiceLeft,
    ServiceRestored,
)
from provisioning_service.order_saga import HOLD_MARGIN

from .orders import ADA, CUSTOMER, FIRST, NOW, SECOND

SERVICE = Service(
    id=uuid4(), version=2, reseller="acme", customer_id=CUSTOMER, order_id=uuid4(), line=0, service_type="voice-line",
    price_list="standard-gbp", state="active", numbers=(FIRST,), settings={"voicemail": True}, created_at=NOW,
)  # fmt: skip


class Story:
    """One change's saga: `given` answers, and what was `said` after the last event."""

    def __init__(self, wanted: Wanted, notify: Any = ()) -> None:
        self.ids: dict[str, Any] = {"order_id": uuid4(), "reseller": "acme"}
        placed = PlaceChange(
            **self.ids, service_id=SERVICE.id, version=2, wanted=wanted, why="asked", by="key:test", accepted_at=NOW,
            notify=notify,
        )  # fmt: skip
        self.now = NOW
        self.state, said = begin(CHANGE, placed, NOW)
        self._note(said)

    def _note(self, said: list[Said]) -> None:
        self.said = [one.message if isinstance(one, Numbered) else one for one in said]

    def given(self, *answers: OrderMessage) -> "Story":
        for answer in answers:
            self.state, said = advance(CHANGE, self.state, answer, self.now)
            self._note(said)
        return self

    def after(self, time: timedelta) -> "Story":
        self.now += time
        self.state, said = expire(CHANGE, self.state, self.now)
        self._note(said)
        return self

    def answer(self, kind: type[OrderMessage], **fields: Any) -> OrderMessage:
        return kind(**self.ids, **fields)

    def claimed(self) -> "Story":
        return self.given(self.answer(ServiceClaimed, service=SERVICE, made_with=(FIRST,)))

    def held(self) -> "Story":
        line = HeldLine(line=0, numbers=(HeldNumber(e164=SECOND, grade="gold", rule="a rule"),))
        until = max(NOW, datetime.now(UTC)) + timedelta(hours=24)
        return self.given(self.answer(NumbersHeld, lines=(line,), held_until=until))

    def amended(self) -> "Story":
        return self.given(self.answer(BillingAmended, monthly=(Money(amount=Decimal(-1), currency="GBP"),)))

    @property
    def types(self) -> list[type[Message]]:
        return [type(message) for message in self.said]


MORE = AddNumbers(numbers=Numbers(exact=(SECOND,)))


def test_a_change_claims_its_service_before_all_else() -> None:
    assert Story(Suspend()).types == [ClaimService]


@pytest.mark.parametrize("wanted", [NewSettings(), Suspend(), Resume()])
def test_what_costs_nothing_goes_to_the_network_at_once(wanted: Wanted) -> None:
    assert Story(wanted).claimed().types == [ChangeService]


@pytest.mark.parametrize(
    "wanted",
    [NewPriceList(price_list="wholesale-gbp", from_date=date(2099, 1, 1)), RemoveNumbers(numbers=(FIRST,)), End()],
)
def test_what_changes_charges_goes_to_billing_first(wanted: Wanted) -> None:
    story = Story(wanted).claimed()
    (asked,) = story.said
    assert isinstance(asked, AmendBilling)
    assert (asked.service.id, asked.service.numbers) == (SERVICE.id, (FIRST,))
    assert story.amended().types == [ChangeService]


def test_numbers_to_add_are_held_priced_and_then_brought_to_the_network() -> None:
    story = Story(MORE).claimed()
    assert story.types == [HoldNumbers]
    (asked,) = story.held().said
    assert isinstance(asked, AmendBilling)
    assert [number.e164 for number in asked.adds] == [SECOND]
    (asked,) = story.amended().said
    assert isinstance(asked, ChangeService)
    assert asked.plan.numbers == (FIRST, SECOND)


def test_a_change_that_is_done_says_what_came_and_what_left() -> None:
    story = Story(MORE).claimed().held().amended()
    (event,) = story.given(story.answer(ServiceChanged)).said
    assert isinstance(event, OrderCompleted)
    assert event.change is not None
    assert (event.change.id, event.change.kind, event.change.added, event.change.removed) == (
        SERVICE.id,
        "add_numbers",
        (SECOND,),
        (),
    )
    assert (event.services, event.recipients) == ((), ())


def told(story: "Story") -> OrderMessage:
    names = {"customer_name": "Ada", "reseller_name": "Acme Telecom"}
    return story.answer(CustomerReady, customer_id=SERVICE.customer_id, recipients=(ADA,), **names)


def test_whom_to_tell_is_asked_beside_the_numbers_and_said_at_the_end() -> None:
    story = Story(MORE, notify=("customer",)).claimed()
    assert story.types == [HoldNumbers, PrepareCustomer]
    (asked,) = [one for one in story.said if isinstance(one, PrepareCustomer)]
    assert (asked.customer, asked.notify) == (ExistingCustomer(id=SERVICE.customer_id), ("customer",))
    assert asked.only_told
    (event,) = story.given(told(story)).held().amended().given(story.answer(ServiceChanged)).said
    assert isinstance(event, OrderCompleted)
    assert event.recipients == (ADA,)
    assert event.change is not None
    assert event.change.told is not None
    assert (event.change.told.customer_name, event.change.told.numbers) == ("Ada", (FIRST, SECOND))


def test_a_change_that_fails_says_whom_to_tell_and_takes_the_question_back() -> None:
    story = Story(Suspend(), notify=("reseller",)).claimed()
    assert story.types == [PrepareCustomer]
    story.given(told(story), story.answer(ChangeNotTaken, reason="network_refused", detail="not this one"))
    assert story.types == [WithdrawCustomer]
    (event,) = story.given(story.answer(CustomerWithdrawn), story.answer(ServiceLeft)).said
    assert isinstance(event, OrderFailed)
    assert event.recipients == (ADA,)


def test_a_service_that_ends_lets_all_its_numbers_go() -> None:
    story = Story(End()).claimed().amended()
    (event,) = story.given(story.answer(ServiceChanged)).said
    assert isinstance(event, OrderCompleted)
    assert event.change is not None
    assert event.change.removed == (FIRST,)


def test_a_change_that_may_not_be_fails_with_nothing_to_undo() -> None:
    story = Story(Suspend())
    (event,) = story.given(story.answer(ChangeRefused, reason="changed_meanwhile", detail="/version: look")).said
    assert isinstance(event, OrderFailed)
    assert (event.step, event.reason, event.detail) == ("service", "changed_meanwhile", "/version: look")


def test_numbers_that_cannot_be_had_leave_the_service_to_others() -> None:
    story = Story(MORE).claimed()
    (asked,) = story.given(story.answer(NumbersUnavailable, reason="taken", detail="choose others")).said
    assert isinstance(asked, LeaveService)
    assert asked.detail == "choose others"
    assert story.given(story.answer(ServiceLeft)).types == [OrderFailed]


def test_a_price_that_is_not_there_gives_the_numbers_back() -> None:
    story = Story(MORE).claimed().held()
    story.given(story.answer(BillingAmendRefused, reason="no_price", detail="none"))
    assert story.types == [ReleaseNumbers]
    assert story.given(story.answer(NumbersReleased)).types == [LeaveService]


def test_a_network_that_refuses_undoes_charges_and_holds() -> None:
    story = Story(MORE).claimed().held().amended()
    story.given(story.answer(ChangeNotTaken, reason="network_refused", detail="not this one"))
    assert story.types == [RestoreBilling]
    assert story.given(story.answer(BillingRestored)).types == [ReleaseNumbers]
    assert story.given(story.answer(NumbersReleased)).types == [LeaveService]
    (event,) = story.given(story.answer(ServiceLeft)).said
    assert isinstance(event, OrderFailed)
    assert (event.step, event.reason) == ("network", "network_refused")


def test_a_network_that_stays_silent_is_told_what_was_before() -> None:
    story = Story(Suspend()).claimed()
    for _ in range(5):
        story.after(timedelta(minutes=1))
    assert story.types == [RestoreService, OrderDelayed]
    assert story.given(story.answer(ServiceChanged)).said == []
    assert story.given(story.answer(ServiceRestored)).types == [LeaveService]


def test_a_hold_outlasts_the_longest_change() -> None:
    assert CHANGE.longest() + HOLD_MARGIN < timedelta(hours=24)
