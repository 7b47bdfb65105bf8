"""The states of service orders and their items (TMF641): which may follow which, and what items make of their order."""

from collections.abc import Collection, Iterable
from typing import Literal, get_args

State = Literal[
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "cancelled",
    "completed",
    "failed",
    "partial",
    "assessingCancellation",
    "pendingCancellation",
]
STATES: tuple[State, ...] = get_args(State)
FINAL: frozenset[State] = frozenset({"rejected", "cancelled", "completed", "failed", "partial"})
ASSESSED: tuple[State, ...] = ("assessingCancellation", "pendingCancellation")
"""Somebody wants it cancelled, and that is not decided."""
NEXT: dict[State, tuple[State, ...]] = {
    "acknowledged": ("inProgress", "rejected", "cancelled", "assessingCancellation"),
    "inProgress": ("completed", "failed", "partial", "held", "pending", "assessingCancellation"),
    "held": ("inProgress", "assessingCancellation"),
    "pending": ("inProgress", "assessingCancellation"),
    "assessingCancellation": ("pendingCancellation", "inProgress", "held", "pending"),
    "pendingCancellation": ("cancelled",),
}
"""What may follow. What stands not here follows nothing."""
_FIRST: tuple[State, ...] = ("pendingCancellation", "assessingCancellation", "held", "pending")
"""One item that is so makes its order so."""


def may_follow(now: State, then: State) -> bool:
    """Whether the standard's state machine goes from the one to the other. That all stays as it is, it knows too."""
    return now == then or then in NEXT.get(now, ())


def of_order(items: Collection[State]) -> State:
    """What an order is while its items are so: done as a whole only when each of them is."""
    if not items:
        return "completed"
    kinds = set(items)
    if len(kinds) == 1:
        return next(iter(kinds))
    for state in _FIRST:
        if state in kinds:
            return state
    if not kinds <= FINAL:
        return "inProgress"
    return "partial" if kinds & {"completed", "partial"} else _worst(kinds)


def _worst(kinds: Iterable[State]) -> State:
    """Nothing of it was done: rejected, cancelled and failed at once is failed."""
    return "failed" if "failed" in kinds else "cancelled"
