"""What is asked of the billing service, and its answers. Owner: billing."""

from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import Field

from patchbay_contracts.message import Frozen, OrderMessage
from patchbay_contracts.order import RefusedLine, left_out
from patchbay_contracts.words import HeldNumber, Money, Slug

COMMANDS, ANSWERS = "billing.commands.v1", "provisioning.replies.v1"


class BilledLine(Frozen):
    """What one line costs by: `services` of one type, and its numbers by grade. The order can do without one that is
    `optional`."""

    line: int
    service_type: Slug
    price_list: Slug
    services: int
    numbers: tuple[HeldNumber, ...] = ()
    optional: bool = Field(default=False, exclude_if=not_)


class OpenBilling(OrderMessage, topic=COMMANDS, type="billing.OpenBilling.v1"):
    """Price the lines and write their charges, pending until the order completes. With `quote` they cost what it says,
    line by line, or the order is refused."""

    customer_id: UUID
    lines: tuple[BilledLine, ...] = ()
    quote: UUID | None = Field(default=None, exclude_if=not_)


class BillingOpened(OrderMessage, topic=ANSWERS, type="billing.BillingOpened.v1"):
    """The charges are written. One sum per currency; none for an order without lines. Of optional lines that are
    `refused` nothing is charged."""

    setup: tuple[Money, ...] = ()
    monthly: tuple[Money, ...] = ()
    refused: tuple[RefusedLine, ...] = Field(default=(), exclude_if=not_)

    @property
    def note(self) -> str:
        """What was left out, for the order's timeline."""
        return "; ".join(left_out(self.refused))[:1_000]


class BillingRefused(OrderMessage, topic=ANSWERS, type="billing.BillingRefused.v1"):
    """Nothing was charged; `line` is the first that has no price, or that the quote does not cover. `refused`: all the
    lines, of an order that could have done without each."""

    reason: Literal[
        "unknown_price_list",
        "price_list_not_in_force",
        "no_price",
        "account_blocked",
        "withdrawn",
        "unknown_quote",
        "quote_ended",
        "quote_used",
        "quote_differs",
        "credit_exceeded",
    ]
    detail: str
    line: int | None = None
    refused: tuple[RefusedLine, ...] = Field(default=(), exclude_if=not_)


class VoidBilling(OrderMessage, topic=COMMANDS, type="billing.VoidBilling.v1"):
    """Void the order's charges, or forbid them if they never came."""


class BillingVoided(OrderMessage, topic=ANSWERS, type="billing.BillingVoided.v1"):
    """The order charges nothing."""
