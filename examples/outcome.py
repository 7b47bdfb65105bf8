"""What became of the orders, and whether that is what should have."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from examples.api import ENDED, Json, Order
from examples.parts import Made


@dataclass(frozen=True)
class Outcome:
    """The orders of a run. `failed` are the whole ones; `again`: orders had been placed before this run."""

    ids: dict[str, str]
    """By reference."""
    orders: dict[str, Order]
    failed: list[Json]
    again: bool

    @property
    def completed(self) -> list[Order]:
        """Those that were carried out."""
        return [order for order in self.orders.values() if order.state == "completed"]

    def endings(self) -> dict[str, str]:
        """By reference: `completed`, the reason of the failure, or the state that an order is still in."""
        reasons = {order["id"]: order["outcome"]["reason"] for order in self.failed}
        states = {id_: order.state for id_, order in self.orders.items()} | reasons
        return {reference: states.get(id_, "not listed") for reference, id_ in self.ids.items()}


def faults(outcome: Outcome, expected: Sequence[Made]) -> list[str]:
    """What is not as it should be, in words."""
    endings = outcome.endings()
    found = [
        f"{order.reference}: {ending}, but should be {' or '.join(sorted(allowed))}"
        for order in expected
        if (ending := endings.get(order.reference, "not accepted")) not in (allowed := _allowed(order, outcome.again))
    ]
    rivals = {order.rivals for order in expected if order.rivals}
    won = Counter(order.rivals for order in expected if endings.get(order.reference) == order.first)
    least = 0 if outcome.again else 1
    found += [f"{name}: {won[name]} orders got it, but one should" for name in rivals if not least <= won[name] <= 1]
    still_open = sum(order.state not in ENDED for order in outcome.orders.values())
    return ([f"{still_open} orders have not ended"] if still_open else []) + found


def _allowed(order: Made, again: bool) -> set[str]:
    return {order.first, order.again} if again or order.rivals else {order.first}
