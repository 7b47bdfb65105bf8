"""What is asked of provisioning, which owns the order saga. Owner: provisioning."""

from operator import not_
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.message import OrderMessage
from patchbay_contracts.order import (
    MOST_LINES,
    ExistingCustomer,
    Line,
    OrderBody,
    RefusedLine,
    SealedCustomer,
    left_out,
)
from patchbay_contracts.words import OrganisationKind, Slug, Text


class PlaceOrder(OrderBody, OrderMessage, topic="provisioning.commands.v1", type="provisioning.PlaceOrder.v1"):
    """Carry an accepted order to its end, from `start` on. Answered by one event on `orders.events.v1`. Numbers that
    lines wait for are tried for `until` then.

    `least_numbers`: by line, for those that take as many as are available, how few their service may have.
    `number_rules`: by service type, which numbers it takes, for those that do not take all. `refused`: optional lines
    that are not valid. Provisioning fills these in from its catalogue when it begins.
    """

    customer: Annotated[SealedCustomer | ExistingCustomer, Field(discriminator="kind")]
    accepted_at: AwareDatetime
    start: AwareDatetime | None = Field(default=None, exclude_if=not_)
    until: AwareDatetime | None = Field(default=None, exclude_if=not_)
    least_numbers: dict[int, int] = Field(default_factory=dict, exclude_if=not_)
    number_rules: dict[Slug, NumberRules] = Field(default_factory=dict, exclude_if=not_)
    refused: tuple[RefusedLine, ...] = Field(default=(), exclude_if=not_)

    @property
    def note(self) -> str:
        """What is left out from the beginning, for the order's timeline."""
        return "; ".join(left_out(self.refused))[:1_000]


class AmendOrder(OrderMessage, topic="provisioning.commands.v1", type="provisioning.AmendOrder.v1"):
    """Let an order that waits for numbers wait for others, longer or shorter. What is left out stays; `lines` are all
    of the order. Answered by `orders.OrderAmended.v1`, but for an order that goes on meanwhile, or has ended."""

    id: UUID
    by: Text
    asked_at: AwareDatetime
    until: AwareDatetime | None = None
    lines: tuple[Line, ...] = Field(default=(), max_length=MOST_LINES)
    notify: tuple[OrganisationKind, ...] | None = None

    @property
    def note(self) -> str:
        """Who wanted it, for the order's timeline."""
        return self.by


class CancelOrder(OrderMessage, topic="provisioning.commands.v1", type="provisioning.CancelOrder.v1"):
    """Undo an order or a change that has not completed; one that was not placed yet never begins. It fails as
    `cancelled`. Of one that has ended, or is being undone already, nothing changes, and nothing is said."""

    by: Text
    why: Text
    asked_at: AwareDatetime
    reference: str | None = None

    @property
    def note(self) -> str:
        """Who wanted it and why, for the order's timeline."""
        return f"{self.by}: {self.why}"
