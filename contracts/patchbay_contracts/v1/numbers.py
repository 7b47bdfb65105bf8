"""What is asked of the numbers service, and its answers. Owner: numbers."""

from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.message import Frozen, OrderMessage
from patchbay_contracts.order import Numbers, RefusedLine, left_out
from patchbay_contracts.words import E164, HeldNumber

COMMANDS, ANSWERS = "numbers.commands.v1", "provisioning.replies.v1"


class Want(Frozen):
    """The numbers that one line wants; `line` counts from 0. As many as are available must be `least` of them. By
    `rules`, where they are given, the service takes no others: which grades and prefixes, not how many. The order can
    do without one that is `optional`. One that `waits` for its numbers is named where it lacks any,
    unless another lacks more than just too few.
    """

    line: int
    numbers: Numbers
    least: int = Field(default=0, exclude_if=not_)
    rules: NumberRules | None = Field(default=None, exclude_if=not_)
    optional: bool = Field(default=False, exclude_if=not_)
    waits: bool = Field(default=False, exclude_if=not_)


class HeldLine(Frozen):
    """The numbers that one line got. If not all of them are what was asked for: which policy acted, and in words what
    was given instead. `instead_of`: which number was given for each that was named and is somebody else's."""

    line: int
    numbers: tuple[HeldNumber, ...]
    acted: Literal["as_asked", "available", "substitute"] = Field(default="as_asked", exclude_if="as_asked".__eq__)
    note: str = Field(default="", exclude_if=not_)
    instead_of: dict[E164, E164] = Field(default_factory=dict, exclude_if=not_)


class HoldNumbers(OrderMessage, topic=COMMANDS, type="numbers.HoldNumbers.v1"):
    """Hold all the numbers that an order wants but for optional lines, or none. `customer_id` opens that customer's own
    pool; what the draft or basket `held_by` of the same reseller holds becomes the order's."""

    wants: tuple[Want, ...] = ()
    customer_id: UUID | None = None
    held_by: UUID | None = Field(default=None, exclude_if=not_)


class NumbersHeld(OrderMessage, topic=ANSWERS, type="numbers.NumbersHeld.v1"):
    """Every wanted number is held for the order until `held_until`; of optional lines that are `refused`, none."""

    lines: tuple[HeldLine, ...] = ()
    held_until: AwareDatetime
    refused: tuple[RefusedLine, ...] = Field(default=(), exclude_if=not_)

    @property
    def note(self) -> str:
        """What was given instead of what was asked for, and what was left out, for the order's timeline."""
        given = [f"line {line.line}: {line.note}" for line in self.lines if line.note]
        return "; ".join(given + left_out(self.refused))[:1_000]


class NumbersUnavailable(OrderMessage, topic=ANSWERS, type="numbers.NumbersUnavailable.v1"):
    """Nothing is held. `numbers` are the exact ones that could not be had, `line` the first line that lacks."""

    reason: Literal["unknown_number", "taken", "too_few", "wrong_grade", "wrong_prefix", "withdrawn"]
    detail: str
    line: int | None = None
    numbers: tuple[E164, ...] = ()


class ReleaseNumbers(OrderMessage, topic=COMMANDS, type="numbers.ReleaseNumbers.v1"):
    """Give back what the order holds, or forbid its hold if it never came."""


class NumbersReleased(OrderMessage, topic=ANSWERS, type="numbers.NumbersReleased.v1"):
    """The order holds no number."""
