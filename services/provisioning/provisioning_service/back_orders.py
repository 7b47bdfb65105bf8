"""Rules of orders that wait for numbers: which refusals they wait after, how long, and what is told of it. No IO."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Failure, Moved, Saga, State
from patchbay_chassis.saga_again import again
from patchbay_contracts.message import Message, OrderMessage
from patchbay_contracts.v1.numbers import NumbersUnavailable
from patchbay_contracts.v1.orders import OrderAmended, OrderBackOrdered, OrderBegun
from patchbay_contracts.v1.provisioning import AmendOrder, PlaceOrder
from provisioning_service import model
from provisioning_service.activation import LOCAL

WAITED_FOR = frozenset({"taken", "too_few"})
"""What may be otherwise later. A number that does not exist, or that the service does not take, is not waited for."""
OLDER = 4
"""A pause is this part of the time that has passed: who has waited for a day does not mind some hours."""


class TriedAgain(OrderMessage, topic=LOCAL, type="provisioning.TriedAgain.v1"):
    """Numbers are tried again on a day, by whose catalogue the order was judged again; for the `last` time at its
    end."""

    on: date
    last: bool = False


def is_last(facts: Facts) -> bool:
    """Whether numbers are tried for the last time."""
    tried = facts.maybe(TriedAgain)
    return tried is not None and tried.last


def day(facts: Facts) -> date:
    """The day by whose catalogue the order was judged."""
    tried = facts.maybe(TriedAgain)
    return tried.on if tried is not None else model.day_of(facts.the(PlaceOrder))


class Patience:
    """How long an order pauses after a refusal: a part of the time that it has waited, within two bounds."""

    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        self._shortest, self._longest = shortest, longest

    def waits(self, facts: Facts, refusal: Message, now: datetime) -> datetime | Failure | None:
        """When to try again; why not any more; None for what is not waited for."""
        order = facts.the(PlaceOrder)
        assert isinstance(refusal, NumbersUnavailable)
        assert order.until is not None
        if amendment(facts) is not None:  # it may want something else by now
            return now
        if refusal.reason not in WAITED_FOR or refusal.line not in _waiting(order):
            return None
        if is_last(facts):
            return Failure("numbers", "back_order_ended", f"{refusal.detail}; waited for until {order.until:%F %R}Z")
        pause = max(self._shortest, min((now - (order.start or order.accepted_at)) / OLDER, self._longest))
        return min(now + pause, max(now, order.until))


def _waiting(order: PlaceOrder) -> tuple[int, ...]:
    return tuple(at for at, line in enumerate(order.lines) if model.waits(order, line))


def amendment(facts: Facts) -> AmendOrder | None:
    """What it is to become and has not become yet."""
    wished, made = facts.maybe(AmendOrder), facts.maybe(OrderAmended)
    return None if wished is None or (made is not None and made.id == wished.id) else wished


def amend(_: Saga, state: State, wished: Message, now: datetime) -> Moved:
    """Somebody wants it otherwise. It is looked at before the next try, which is soon; one that is tried just now goes
    on as it is if it gets its numbers. Of any other order nothing changes."""
    assert isinstance(wished, AmendOrder)
    order, numbers = state.facts.maybe(PlaceOrder), state.steps.get("numbers")
    if order is None or order.reseller != wished.reseller or not model.is_patient(order) or numbers is None:
        return state, []
    if state.status not in ("waiting", "running") or numbers.at not in ("waiting", "asked"):
        return state, []
    if numbers.at == "waiting":
        numbers = numbers._replace(due=now)
    log, facts = state.log.plus(now, wished.type, wished.note), state.facts.plus(wished)
    return state._replace(log=log, facts=facts, steps={**state.steps, "numbers": numbers}), []


def wished(facts: Facts) -> PlaceOrder:
    """The order as it is wanted by now."""
    order, wish = facts.the(PlaceOrder), amendment(facts)
    if wish is None:
        return order
    changes = {"until": wish.until, "lines": wish.lines or None, "notify": wish.notify}
    return order.model_copy(update={field: value for field, value in changes.items() if value is not None})


def try_again(
    saga: Saga, state: State, order: PlaceOrder, refusal: Failure | None, now: datetime, *, noted: bool = False
) -> Moved:
    """Its numbers are asked for again, of the order as it was judged; an amendment that was judged has been made, and
    its try is noted. `noted`: that this one is in any case."""
    wish, facts = amendment(state.facts), list(known(state.facts, order, now))
    if wish is None:
        return again(saga, state, facts, now, refusal, noted=noted)
    made = OrderAmended(order_id=wish.order_id, reseller=wish.reseller, id=wish.id)
    state, said = again(saga, state, [*facts, made], now, refusal, noted=True)
    lacking = state.facts.the(NumbersUnavailable)
    return state, [made, back_ordered(state, lacking), *said] if refusal is None else [made, *said]


def not_amended(state: State, refusal: Failure) -> tuple[State, OrderAmended]:
    """What it was to become is not valid: it waits on as it is."""
    wish = amendment(state.facts)
    assert wish is not None
    made = OrderAmended(
        order_id=wish.order_id, reseller=wish.reseller, id=wish.id, reason=refusal.reason, detail=refusal.detail
    )
    return state._replace(facts=state.facts.plus(made)), made


def as_of(order: PlaceOrder, now: datetime) -> PlaceOrder:
    """The order as if it began now, to be judged anew: what was left out of it may be valid by now."""
    return order.model_copy(update={"start": now, "refused": (), "least_numbers": {}, "number_rules": {}})


def known(facts: Facts, judged: PlaceOrder, now: datetime) -> Sequence[Message]:
    """What is to be known from now on, now that the order was judged again; nothing that was known before."""
    was, tried = facts.the(PlaceOrder), facts.maybe(TriedAgain)
    order = judged.model_copy(update={"start": was.start})
    assert order.until is not None
    trying = TriedAgain(
        order_id=order.order_id, reseller=order.reseller, on=now.astimezone(UTC).date(), last=now >= order.until
    )
    return [new for new, old in ((order, was), (trying, tried)) if new != old]


def back_ordered(state: State, refusal: Message, told: bool = False) -> OrderBackOrdered:
    """That it waits, and for what; `told` before, if only the moments since are new."""
    order = state.facts.the(PlaceOrder)
    assert isinstance(refusal, NumbersUnavailable)
    assert refusal.line is not None
    assert order.until is not None
    return OrderBackOrdered(
        order_id=order.order_id,
        reseller=order.reseller,
        until=order.until,
        step="numbers",
        reason=refusal.reason,
        detail=refusal.detail,
        line=refusal.line,
        waiting=_waiting(order),
        reference=order.reference,
        timeline=state.log.moments(),
        again=told,
    )


def resumed(state: State) -> OrderBegun:
    """Its numbers are held, and it goes on."""
    order = state.facts.the(PlaceOrder)
    return OrderBegun(order_id=order.order_id, reseller=order.reseller)
