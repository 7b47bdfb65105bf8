"""The order saga: from an accepted order to its services, or back. Read it top to bottom as the order of business."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Announcements, Failure, Saga, State, Step
from patchbay_contracts.message import Message
from patchbay_contracts.order import ExistingCustomer
from patchbay_contracts.v1.billing import BillingOpened, BillingRefused, BillingVoided, OpenBilling, VoidBilling
from patchbay_contracts.v1.customer import (
    CustomerReady,
    CustomerRefused,
    CustomerWithdrawn,
    PrepareCustomer,
    WithdrawCustomer,
)
from patchbay_contracts.v1.numbers import (
    HeldLine,
    HoldNumbers,
    NumbersHeld,
    NumbersReleased,
    NumbersUnavailable,
    ReleaseNumbers,
)
from patchbay_contracts.v1.orders import (
    OrderCompleted,
    OrderDelayed,
    OrderFailed,
    OrderProgressed,
    OrderStuck,
    Progress,
)
from patchbay_contracts.v1.provisioning import CancelOrder, PlaceOrder
from patchbay_contracts.words import Organisation
from provisioning_service import back_orders, line_policies, model
from provisioning_service.activation import (
    ActivateServices,
    ServicesActivated,
    ServicesRefused,
    ServicesWithdrawn,
    WithdrawServices,
)

HOLD_MARGIN = timedelta(minutes=15)
"""So long before its end a hold no longer carries an order: activation and assignment must fit in."""


def _order(facts: Facts) -> PlaceOrder:
    return facts.the(PlaceOrder)


def _held(facts: Facts) -> tuple[HeldLine, ...]:
    held = facts.maybe(NumbersHeld)
    return held.lines if held is not None else ()


def _left_out(facts: Facts) -> Collection[int]:
    return model.left_out(line_policies.refused(facts))


def prepare_customer(facts: Facts) -> PrepareCustomer:
    order = _order(facts)
    return PrepareCustomer(
        order_id=order.order_id, reseller=order.reseller, customer=order.customer, notify=order.notify
    )


def hold_numbers(facts: Facts) -> HoldNumbers:
    order = _order(facts)
    customer_id = order.customer.id if isinstance(order.customer, ExistingCustomer) else None
    return HoldNumbers(
        order_id=order.order_id,
        reseller=order.reseller,
        wants=model.wants(order, last=back_orders.is_last(facts)),
        customer_id=customer_id,
        held_by=order.held_by,
    )


def open_billing(facts: Facts) -> OpenBilling:
    order = _order(facts)
    return OpenBilling(
        order_id=order.order_id,
        reseller=order.reseller,
        customer_id=facts.the(CustomerReady).customer_id,
        lines=model.billed(order, _held(facts), _left_out(facts)),
        quote=order.quote,
    )


def activate_services(facts: Facts) -> ActivateServices:
    order = _order(facts)
    return ActivateServices(
        order_id=order.order_id,
        reseller=order.reseller,
        customer_id=facts.the(CustomerReady).customer_id,
        day=back_orders.day(facts),
        services=model.planned(order, _held(facts), _left_out(facts)),
    )


def something_is_left(facts: Facts, _: datetime) -> str | Failure:
    """An order that went on without lines until none was left has failed, and its customer is not kept."""
    return line_policies.nothing_left("numbers", _order(facts), line_policies.refused(facts)) or ""


def hold_lasts(facts: Facts, now: datetime) -> str:
    """A number whose hold ends soon could be somebody else's before it is assigned."""
    held = facts.maybe(NumbersHeld)
    if held is None or held.held_until > now + HOLD_MARGIN or not held.lines:
        return ""
    return f"the hold of the numbers ends at {held.held_until:%Y-%m-%d %H:%M}Z, too soon to go on; order again"


def _undo(command: type[WithdrawCustomer | ReleaseNumbers | VoidBilling | WithdrawServices]):  # type: ignore[no-untyped-def]
    return lambda facts: command(order_id=_order(facts).order_id, reseller=_order(facts).reseller)


def _recipients(facts: Facts) -> tuple[Organisation, ...]:
    answer = facts.maybe(CustomerReady) or facts.maybe(CustomerRefused)
    return answer.recipients if answer is not None else ()


def completed(state: State) -> OrderCompleted:
    order, billing = _order(state.facts), state.facts.the(BillingOpened)
    refused = line_policies.refused(state.facts)
    return OrderCompleted(
        order_id=order.order_id,
        reseller=order.reseller,
        customer_id=state.facts.the(CustomerReady).customer_id,
        services=model.created(order, _held(state.facts), model.left_out(refused)),
        setup=billing.setup,
        monthly=billing.monthly,
        recipients=_recipients(state.facts),
        reference=order.reference,
        timeline=state.log.moments(),
        lines=model.outcomes(_held(state.facts), refused),
        watched=order.watched,
    )


def failed(state: State) -> OrderFailed:
    """One that was cancelled before it came is known by that alone."""
    order = state.facts.maybe(PlaceOrder) or state.facts.the(CancelOrder)
    failure, placed = state.failure, isinstance(order, PlaceOrder)
    assert failure is not None
    return OrderFailed(
        order_id=order.order_id,
        reseller=order.reseller,
        step=failure.step,
        reason=failure.reason,
        detail=failure.detail,
        recipients=_recipients(state.facts),
        reference=order.reference,
        timeline=state.log.moments(),
        lines=model.outcomes((), line_policies.refused_at_last(state.facts)) if placed else (),
        watched=isinstance(order, PlaceOrder) and order.watched,
    )


def delayed(state: State, step: str, detail: str) -> OrderDelayed:
    order = _order(state.facts)
    return OrderDelayed(
        order_id=order.order_id, reseller=order.reseller, step=step, detail=detail, timeline=state.log.moments()
    )


def stuck(state: State, step: str, detail: str) -> OrderStuck:
    order = _order(state.facts)
    return OrderStuck(
        order_id=order.order_id, reseller=order.reseller, step=step, detail=detail, timeline=state.log.moments()
    )


def moved(state: State) -> OrderProgressed | None:
    """What happened in this move, of an order that is watched; None for the many that are not."""
    order = _order(state.facts)
    if not order.watched:
        return None
    moves = _progress(state.log.added.split("\n")[:-1])
    if not moves:  # what is waited for is asked for again, or refused again, as so often before
        return None
    return OrderProgressed(order_id=order.order_id, reseller=order.reseller, moves=moves)


def all_moves(state: State) -> tuple[Progress, ...]:
    """All that happened so far, of an order that is watched."""
    order = state.facts.maybe(PlaceOrder)
    return _progress(state.log.moments()) if order is not None and order.watched else ()


def _progress(moments: Sequence[str]) -> tuple[Progress, ...]:
    lines = [line.split(" ", 2) for line in moments]
    return tuple(
        Progress(step=step, what=_what(usually, note), at=datetime.fromisoformat(at), note=note[:1_000])
        for at, type_, note in ((line[0], line[1], line[2] if len(line) > 2 else "") for line in lines)
        if type_ in _MEANS
        for step, usually in (_MEANS[type_],)
    )


What = Literal["asked", "asked_again", "done", "refused", "undoing", "undone"]
_SAID: dict[str, tuple[type[Message], ...]] = {
    "customer": (PrepareCustomer, CustomerReady, CustomerRefused, WithdrawCustomer, CustomerWithdrawn),
    "numbers": (HoldNumbers, NumbersHeld, NumbersUnavailable, ReleaseNumbers, NumbersReleased),
    "billing": (OpenBilling, BillingOpened, BillingRefused, VoidBilling, BillingVoided),
    "services": (ActivateServices, ServicesActivated, ServicesRefused, WithdrawServices, ServicesWithdrawn),
}
_FIVE: tuple[What, ...] = ("asked", "done", "refused", "undoing", "undone")
_MEANS = {message.type: (step, what) for step, five in _SAID.items() for message, what in zip(five, _FIVE, strict=True)}


def _what(usually: What, note: str) -> What:
    """A command with a note was asked again, or tried again after a wait, or nobody answered it in time."""
    if usually != "asked" or not note:
        return usually
    return "asked_again" if note.startswith(("asked again", "tried again")) else "refused"


ORDER = Saga(
    name="order",
    version=1,
    begins=PlaceOrder,
    stages=(
        (
            Step(
                "customer",
                does=prepare_customer,
                done=CustomerReady,
                refused=CustomerRefused,
                undo=_undo(WithdrawCustomer),
                undone=CustomerWithdrawn,
            ),
            Step(
                "numbers",
                needed=lambda facts: bool(model.wants(_order(facts))),
                does=hold_numbers,
                done=NumbersHeld,
                refused=NumbersUnavailable,
                undo=_undo(ReleaseNumbers),
                undone=NumbersReleased,
            ),
        ),
        (
            Step(
                "billing",
                ready=something_is_left,
                does=open_billing,
                done=BillingOpened,
                refused=BillingRefused,
                undo=_undo(VoidBilling),
                undone=BillingVoided,
            ),
        ),
        (  # the pivot
            Step(
                "services",
                ready=hold_lasts,
                needed=lambda facts: bool(_order(facts).lines),
                does=activate_services,
                done=ServicesActivated,
                refused=ServicesRefused,
                refusal_is_partial=True,
                undo=_undo(WithdrawServices),
                undone=ServicesWithdrawn,
                within=timedelta(minutes=5),
                tries=5,
            ),
        ),
    ),
    announce=Announcements(completed, failed, delayed, stuck, moved),
    takes=lambda order: not model.is_patient(order),
)
