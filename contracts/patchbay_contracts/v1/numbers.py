"""What is asked of the numbers service, and its answers. Owner: numbers."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from patchbay_contracts.message import Frozen, OrderMessage
from patchbay_contracts.order import Numbers
from patchbay_contracts.words import E164, HeldNumber

COMMANDS, ANSWERS = "numbers.commands.v1", "provisioning.replies.v1"


class Want(Frozen):
    """The numbers that one line wants; `line` counts from 0."""

    line: int
    numbers: Numbers


class HeldLine(Frozen):
    """The numbers that one line got."""

    line: int
    numbers: tuple[HeldNumber, ...]


class HoldNumbers(OrderMessage, topic=COMMANDS, type="numbers.HoldNumbers.v1"):
    """Hold all the numbers that an order wants, or none. `customer_id` opens that customer's own pool."""

    wants: tuple[Want, ...] = ()
    customer_id: UUID | None = None


class NumbersHeld(OrderMessage, topic=ANSWERS, type="numbers.NumbersHeld.v1"):
    """Every wanted number is held for the order until `held_until`."""

    lines: tuple[HeldLine, ...] = ()
    held_until: AwareDatetime


class NumbersUnavailable(OrderMessage, topic=ANSWERS, type="numbers.NumbersUnavailable.v1"):
    """Nothing is held. `numbers` are the exact ones that could not be had, `line` the first line that lacks."""

    reason: Literal["unknown_number", "taken", "too_few", "withdrawn"]
    detail: str
    line: int | None = None
    numbers: tuple[E164, ...] = ()


class ReleaseNumbers(OrderMessage, topic=COMMANDS, type="numbers.ReleaseNumbers.v1"):
    """Give back what the order holds, or forbid its hold if it never came."""


class NumbersReleased(OrderMessage, topic=ANSWERS, type="numbers.NumbersReleased.v1"):
    """The order holds no number."""
