"""Rules of orders that go on without lines which are refused: which these are, and when nothing is left. No IO."""

from collections.abc import Iterator

from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Failure
from patchbay_contracts.order import RefusedLine
from patchbay_contracts.v1.billing import BillingOpened, BillingRefused
from patchbay_contracts.v1.numbers import NumbersHeld
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import model
from provisioning_service.catalogue import Catalogue
from provisioning_service.order_faults import NOTHING, Fault, Owned, faults

_TOGETHER = frozenset({"incompatible", "too_many_services"})
"""Reasons that are about lines beside each other: without one of them another may be valid."""


def may_go_on(order: PlaceOrder) -> bool:
    """Whether there is any line that the order could do without."""
    return order.failure == "keep_what_worked" or any(line.optional for line in order.lines)


def judged(order: PlaceOrder, catalogue: Catalogue, owned: Owned = NOTHING) -> tuple[PlaceOrder, Failure | None]:
    """The order without the lines that are not valid and that it can do without; or why it fails. What is left is
    judged again, since lines may need each other."""
    out: dict[int, RefusedLine] = {}
    while found := list(faults(order.reseller, order.lines, catalogue, model.day_of(order), owned, without=out)):
        needed = next((one for one in found if not order.goes_on_without(order.lines[one.line])), None)
        if needed is not None:
            return _without(order, out), model.invalid(needed)
        for fault in _at_once(found):
            out.setdefault(fault.line, RefusedLine(line=fault.line, reason=fault.reason, detail=_detail(fault)))
    left = _without(order, out)
    return left, nothing_left("validity", left, left.refused)


def _at_once(found: list[Fault]) -> Iterator[Fault]:
    """Those that hold whatever becomes of other lines; else one alone."""
    alone = [fault for fault in found if fault.reason not in _TOGETHER]
    yield from alone or found[:1]


def _detail(fault: Fault) -> str:
    return fault.detail[: model.MOST_DETAIL]


def _without(order: PlaceOrder, out: dict[int, RefusedLine]) -> PlaceOrder:
    return order.model_copy(update={"refused": tuple(out[line] for line in sorted(out))}) if out else order


def refused(facts: Facts) -> tuple[RefusedLine, ...]:
    """The lines that the order goes on without, as far as it has come."""
    held, opened = facts.maybe(NumbersHeld), facts.maybe(BillingOpened)
    found = facts.the(PlaceOrder).refused
    if held is not None and held.refused:
        found = (*found, *held.refused)
    if opened is not None and opened.refused:
        found = (*found, *opened.refused)
    return found


def refused_at_last(facts: Facts) -> tuple[RefusedLine, ...]:
    """Those, and what billing refused when it left nothing."""
    answer = facts.maybe(BillingRefused)
    return (*refused(facts), *answer.refused) if answer is not None else refused(facts)


def nothing_left(step: str, order: PlaceOrder, out: tuple[RefusedLine, ...]) -> Failure | None:
    """Why an order all of whose lines were refused fails: for the reason of the first."""
    if not out or len(out) < len(order.lines):
        return None
    first = min(out, key=lambda one: one.line)
    return Failure(step, first.reason, first.detail)
