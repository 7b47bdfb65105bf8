"""Orders that are stuck, and what an operator does about them. Answered by provisioning over HTTP, for whoever runs
Patchbay: of all resellers."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from patchbay_contracts.message import PLAIN, Frozen
from patchbay_contracts.words import Text

MOST_STUCK = 200
Way = Literal["retry", "skip", "compensate"]
"""Ask again what is not answered; take it as done, and go on undoing; undo all that is left at once."""
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=PLAIN)]


class MendOrder(Frozen):
    """An operator's decision: `by` and `reason` are kept. The same `id` again is done once."""

    id: UUID
    by: Text
    reason: Why


class Mended(Frozen):
    """What an operator did about an order: `steps` were waited for then."""

    id: UUID
    order_id: UUID
    reseller: str
    way: Way
    steps: tuple[str, ...]
    by: str
    reason: str
    at: AwareDatetime


class StuckQuery(Frozen):
    """Which page: `after` is `next` of the page before."""

    after: UUID | None = None
    most: int = Field(default=100, ge=1, le=MOST_STUCK)


class WaitingStep(Frozen):
    """A step whose undo is not answered, and how often it was asked."""

    step: str
    tries: int


class StuckOrder(Frozen):
    """An order that cannot be undone by itself: why it is undone, what is waited for, and what was done about it."""

    order_id: UUID
    reseller: str
    kind: str
    begun_at: AwareDatetime
    moved_at: AwareDatetime
    waits_for: tuple[WaitingStep, ...]
    failed_step: str
    reason: str
    detail: str
    mended: tuple[Mended, ...]


class StuckOrders(Frozen):
    """The oldest first."""

    orders: tuple[StuckOrder, ...]
    next: UUID | None = None
