"""The saga of a change: from an accepted change of a service to the service as it was wanted, or as it was before."""

from datetime import UTC, datetime, timedelta

from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Announcements, Saga, State, Step
from patchbay_contracts.order import ExistingCustomer
from patchbay_contracts.services import AddNumbers, NewPriceList
from patchbay_contracts.v1.changes import (
    AmendBilling,
    BillingAmended,
    BillingAmendRefused,
    BillingRestored,
    PlaceChange,
    RestoreBilling,
)
from patchbay_contracts.v1.customer import (
    CustomerReady,
    CustomerRefused,
    CustomerWithdrawn,
    PrepareCustomer,
    WithdrawCustomer,
)
from patchbay_contracts.v1.numbers import (
    HoldNumbers,
    NumbersHeld,
    NumbersReleased,
    NumbersUnavailable,
    ReleaseNumbers,
)
from patchbay_contracts.v1.orders import (
    ChangedService,
    OrderCompleted,
    OrderDelayed,
    OrderFailed,
    OrderStuck,
    ToldOfChange,
)
from patchbay_contracts.v1.provisioning import CancelOrder
from patchbay_contracts.words import HeldNumber, Organisation
from provisioning_service import change_model
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
from provisioning_service.order_saga import hold_lasts


def _change(facts: Facts) -> PlaceChange:
    return facts.the(PlaceChange)


def _held(facts: Facts) -> tuple[HeldNumber, ...]:
    held = facts.maybe(NumbersHeld)
    return tuple(number for line in held.lines for number in line.numbers) if held is not None else ()


def claim_service(facts: Facts) -> ClaimService:
    change = _change(facts)
    return ClaimService(order_id=change.order_id, reseller=change.reseller, change=change)


def leave_service(facts: Facts) -> LeaveService:
    """Says why: what refused the change, who took it back, or that somebody did not answer in time."""
    change, cancelled = _change(facts), facts.maybe(CancelOrder)
    refusals = (
        facts.maybe(NumbersUnavailable),
        facts.maybe(CustomerRefused),
        facts.maybe(BillingAmendRefused),
        facts.maybe(ChangeNotTaken),
    )
    why = next((one.detail for one in refusals if one is not None), "it could not be carried out in time")
    if cancelled is not None:
        why = f"cancelled by {cancelled.note}"
    return LeaveService(order_id=change.order_id, reseller=change.reseller, detail=why)


def wants_numbers(facts: Facts) -> bool:
    return isinstance(_change(facts).wanted, AddNumbers)


def hold_numbers(facts: Facts) -> HoldNumbers:
    change, claimed = _change(facts), facts.the(ServiceClaimed)
    return change_model.hold(claimed.service, change.order_id, change, claimed.rules)


def release_numbers(facts: Facts) -> ReleaseNumbers:
    return ReleaseNumbers(order_id=_change(facts).order_id, reseller=_change(facts).reseller)


def ask_whom_to_tell(facts: Facts) -> PrepareCustomer:
    change, service = _change(facts), facts.the(ServiceClaimed).service
    return PrepareCustomer(
        order_id=change.order_id,
        reseller=change.reseller,
        customer=ExistingCustomer(id=service.customer_id),
        notify=change.notify,
        only_told=True,
    )


def forget_whom_to_tell(facts: Facts) -> WithdrawCustomer:
    return WithdrawCustomer(order_id=_change(facts).order_id, reseller=_change(facts).reseller)


def _recipients(facts: Facts) -> tuple[Organisation, ...]:
    ready = facts.maybe(CustomerReady)
    return ready.recipients if ready is not None else ()


def amend_billing(facts: Facts) -> AmendBilling:
    change, claimed = _change(facts), facts.the(ServiceClaimed)
    return change_model.amendment(claimed.service, claimed.made_with, change.order_id, change, _held(facts))


def restore_billing(facts: Facts) -> RestoreBilling:
    return RestoreBilling(order_id=_change(facts).order_id, reseller=_change(facts).reseller)


def change_service(facts: Facts) -> ChangeService:
    change, service = _change(facts), facts.the(ServiceClaimed).service
    added = change_model.added(_held(facts))
    plan = change_model.plan(service, change, added, datetime.now(UTC).date())
    after = change_model.aspects(plan, change)
    return ChangeService(order_id=change.order_id, reseller=change.reseller, plan=plan, after=after)


def restore_service(facts: Facts) -> RestoreService:
    return RestoreService(order_id=_change(facts).order_id, reseller=_change(facts).reseller)


def completed(state: State) -> OrderCompleted:
    change, service, billing = (
        _change(state.facts),
        state.facts.the(ServiceClaimed).service,
        state.facts.maybe(BillingAmended),
    )
    return OrderCompleted(
        order_id=change.order_id,
        reseller=change.reseller,
        customer_id=service.customer_id,
        setup=billing.setup if billing is not None else (),
        monthly=billing.monthly if billing is not None else (),
        recipients=_recipients(state.facts),
        reference=change.reference,
        timeline=state.log.moments(),
        change=ChangedService(
            id=service.id,
            kind=change.wanted.kind,
            added=change_model.added(_held(state.facts)),
            removed=change_model.removed(service, change),
            told=_told(state.facts),
        ),
    )


def _told(facts: Facts) -> ToldOfChange | None:
    """What is written to those who are to be told; nothing, if nobody is."""
    ready, claimed, change = facts.maybe(CustomerReady), facts.the(ServiceClaimed), _change(facts)
    if ready is None or not ready.recipients:
        return None
    plan = change_model.plan(claimed.service, change, change_model.added(_held(facts)), change.accepted_at.date())
    priced = change.wanted if isinstance(change.wanted, NewPriceList) else None
    return ToldOfChange(
        customer_name=ready.customer_name,
        reseller_name=ready.reseller_name,
        service_type=claimed.service.service_type,
        service_name=claimed.name or claimed.service.service_type,
        numbers=plan.numbers,
        price_list=priced and priced.price_list,
        from_date=priced and priced.from_date,
    )


def failed(state: State) -> OrderFailed:
    change, failure = _change(state.facts), state.failure
    assert failure is not None
    return OrderFailed(
        order_id=change.order_id,
        reseller=change.reseller,
        step=failure.step,
        reason=failure.reason,
        detail=failure.detail,
        recipients=_recipients(state.facts),
        reference=change.reference,
        timeline=state.log.moments(),
    )


def delayed(state: State, step: str, detail: str) -> OrderDelayed:
    of = _change(state.facts)
    return OrderDelayed(
        order_id=of.order_id, reseller=of.reseller, step=step, detail=detail, timeline=state.log.moments()
    )


def stuck(state: State, step: str, detail: str) -> OrderStuck:
    of = _change(state.facts)
    return OrderStuck(
        order_id=of.order_id, reseller=of.reseller, step=step, detail=detail, timeline=state.log.moments()
    )


CHANGE = Saga(
    name="change",
    version=1,
    begins=PlaceChange,
    stages=(
        (
            Step(
                "service",
                does=claim_service,
                done=ServiceClaimed,
                refused=ChangeRefused,
                undo=leave_service,
                undone=ServiceLeft,
            ),
        ),
        (
            Step(
                "numbers",
                needed=wants_numbers,
                does=hold_numbers,
                done=NumbersHeld,
                refused=NumbersUnavailable,
                undo=release_numbers,
                undone=NumbersReleased,
            ),
            Step(
                "customer",
                needed=lambda facts: bool(_change(facts).notify),
                does=ask_whom_to_tell,
                done=CustomerReady,
                refused=CustomerRefused,
                undo=forget_whom_to_tell,
                undone=CustomerWithdrawn,
            ),
        ),
        (
            Step(
                "billing",
                needed=lambda facts: change_model.touches_charges(_change(facts)),
                does=amend_billing,
                done=BillingAmended,
                refused=BillingAmendRefused,
                undo=restore_billing,
                undone=BillingRestored,
            ),
        ),
        (  # the pivot
            Step(
                "network",
                ready=hold_lasts,
                does=change_service,
                done=ServiceChanged,
                refused=ChangeNotTaken,
                undo=restore_service,
                undone=ServiceRestored,
                within=timedelta(minutes=5),
                tries=5,
            ),
        ),
    ),
    announce=Announcements(completed, failed, delayed, stuck),
)
