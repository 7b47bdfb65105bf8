"""What orders would get of the free numbers: what the gateway asks a search replica, and what it is answered.

Nothing is held. A number is given to one line of a question only; who orders first has it in the end.
"""

from datetime import date
from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.message import Frozen
from patchbay_contracts.numbers import AsOf
from patchbay_contracts.order import MOST_NUMBERS, Numbers
from patchbay_contracts.words import E164, Grade, Pool, Reseller, Slug

MOST_WANTED = 50_000
"""Lines in one question."""


class LineToNarrow(Frozen):
    """A line for which numbers may be looked for, of an order that begins on that day."""

    model_config = ConfigDict(extra="forbid")

    service_type: Slug
    day: date
    grouping: Literal["together", "each"]
    numbers: Numbers


class NarrowQuery(Frozen):
    """What provisioning would have these lines look for, by the number rules of their service types."""

    model_config = ConfigDict(extra="forbid")

    lines: tuple[LineToNarrow, ...] = Field(max_length=MOST_WANTED)


class Narrowed(Frozen):
    """What an order would look for: `numbers` among those that the service takes, as far as a filter can say that;
    `rules`, if the service does not take all; fewer than the `least` are as good as none."""

    numbers: Numbers
    rules: NumberRules | None = Field(default=None, exclude_if=not_)
    least: int = Field(default=0, exclude_if=not_)


class NarrowedLines(Frozen):
    """An answer for each line."""

    lines: tuple[Narrowed, ...]


class NamedLine(Frozen):
    """Numbers that a line names and would have replaced, for an existing customer if it is for one; `held_by` as in
    orders."""

    model_config = ConfigDict(extra="forbid")

    held_by: UUID
    customer_id: UUID | None = None
    numbers: tuple[E164, ...] = Field(max_length=MOST_NUMBERS)


class NamedQuery(Frozen):
    """Of each line: how its numbers stand, and where they would be replaced from."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    lines: tuple[NamedLine, ...] = Field(max_length=MOST_WANTED)


class Named(Frozen):
    """A number that the order may know of: whether it is `gone` for it, and where the like of it is looked for then."""

    e164: E164
    gone: bool = Field(default=False, exclude_if=not_)
    pool: Pool
    prefix: str
    grade: Grade


class NamedLines(Frozen):
    """An answer for each line; numbers that the order may not know of are missing."""

    lines: tuple[tuple[Named, ...], ...]


class WantedLine(Narrowed):
    """A line's numbers, for an existing customer if it is for one. `named`: those that it would have replaced."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID | None = None
    named: tuple[Named, ...] = Field(default=(), exclude_if=not_)


class AvailabilityQuery(Frozen):
    """Which numbers these lines would get, the first line first."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    lines: tuple[WantedLine, ...] = Field(max_length=MOST_WANTED)


class GivenNumber(Frozen):
    """A number that the line would get. `instead`: what of the line was changed to find it, if it is a substitute;
    `instead_of`: the number that the line names."""

    e164: E164
    grade: Grade
    instead: str = Field(default="", exclude_if=not_)
    instead_of: E164 | None = Field(default=None, exclude_if=not_)


class LineAvailability(Frozen):
    """How many numbers match the line (with `at_least`, so many and more), which it would get, and how many it would
    lack. A line that would be refused for what it lacks gets none. `unwanted`: those that it would get and be refused
    for, as the service does not take them."""

    total: int
    at_least: bool = Field(default=False, exclude_if=not_)
    given: tuple[GivenNumber, ...] = ()
    missing: int = Field(default=0, exclude_if=not_)
    unwanted: tuple[E164, ...] = Field(default=(), exclude_if=not_)


class Availability(Frozen):
    """A line's answer for each line."""

    lines: tuple[LineAvailability, ...]
    as_of: AsOf
