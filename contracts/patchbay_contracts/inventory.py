"""How an inventory manager loads, lends, rests and grades numbers: what is asked over HTTP. Every change says why."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.message import RESELLER, Frozen
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.patterns import pattern
from patchbay_contracts.words import E164, CallingCode, Grade, Pool, Text

MOST_BLOCKS = 1_000
MOST_RANGES = 1_000
MOST_TOUCHED = 1_000_000
"""The blocks that one call about lent numbers touches have so many numbers at the most."""
MOST_OVERRIDES = 10_000
MOST_RULES = 200

Size = Literal[100, 1_000, 10_000]
Trunk = Annotated[str, pattern(r"^[0-9]{0,3}$", "write the digits before a national number, such as 0, or none")]
Kind = Literal["blocks", "numbers"]
"""What a row of a CSV is: a block (first,size,country,trunk,area,pool,owner), or one number
(e164,country,trunk,area,pool,owner)."""

_CUSTOMER = re.compile(rf"{RESELLER[:-1]}/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$")
_OWNERS = {"public": re.compile(""), "reseller": re.compile(RESELLER), "customer": _CUSTOMER}
_OWNED = {
    "public": "is nobody's: leave owner empty",
    "reseller": "is a reseller's: give its name, such as acme, as owner",
    "customer": "is a customer's: give <reseller>/<customer id> as owner",
}


class Change(Frozen):
    """What an inventory manager wants changed, and why. The same change again changes nothing."""

    model_config = ConfigDict(extra="forbid")

    why: Text


class OfPool(Frozen):
    """A pool and whose it is: `owner` is empty for the public pool, a reseller's name, or for a customer's pool the
    reseller, a slash and the customer's id."""

    model_config = ConfigDict(extra="forbid")

    pool: Pool
    owner: Annotated[str, AfterValidator(str.lower)] = ""

    @model_validator(mode="after")
    def _its_own(self) -> Self:
        if not _OWNERS[self.pool].fullmatch(self.owner):
            raise FieldFault(f"the pool {self.pool} {_OWNED[self.pool]}", "owner")
        return self


class Home(OfPool):
    """Where numbers belong. `country` is the calling code, `trunk` what stands before national numbers at home."""

    country: CallingCode
    trunk: Trunk
    area: Text


class NewBlock(Home):
    """A block of contiguous numbers of one area."""

    first: E164
    size: Size

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.first % self.size:
            message = f"a block of {self.size:,} begins with a number that {self.size:,} divides: correct first"
            raise FieldFault(message, "first")
        if not str(self.first).startswith(self.country):
            raise FieldFault(f"first does not begin with the country {self.country}: correct one of them", "first")
        return self

    @property
    def last(self) -> int:
        """Its last number."""
        return self.first + self.size - 1


class NewBlocks(Change):
    """Blocks to load: each is, unless another is in its place. One that cannot be refuses the call."""

    blocks: tuple[NewBlock, ...] = Field(max_length=MOST_BLOCKS)


class SomeNumbers(Change):
    """Numbers that are meant: whole blocks by their first numbers, ranges (first and last number), single ones."""

    blocks: tuple[E164, ...] = Field(default=(), max_length=MOST_RANGES)
    ranges: tuple[tuple[E164, E164], ...] = Field(default=(), max_length=MOST_RANGES)
    numbers: tuple[E164, ...] = Field(default=(), max_length=MOST_RANGES)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.blocks + self.ranges + self.numbers:
            raise ValueError("no number is named: give blocks, ranges or numbers")
        for at, (first, last) in enumerate(self.ranges):
            if last < first:
                raise FieldFault(f"the range +{first} to +{last} ends before it begins: swap the two", "ranges", at)
            if last - first >= MOST_TOUCHED:
                message = f"the range +{first} to +{last} is too long: give {MOST_TOUCHED:,} numbers at the most"
                raise FieldFault(message, "ranges", at)
        return self


class Lend(SomeNumbers):
    """Lend these numbers to that pool. What is not free stays where it is; what is lent elsewhere has to be taken back
    first."""

    to: OfPool


class TakeBack(SomeNumbers):
    """Take these numbers back from whomever they are lent to. What is in use stays so, and is its lender's again when
    it is free."""


class SetQuarantine(Change):
    """So many days a number of that pool rests after it was in service. No days: as long as the settings say."""

    of: OfPool
    days: int | None = Field(ge=0, le=3_650)


class StateGrades(Change):
    """State the grade of these numbers, whatever the rules say; `why` shows where otherwise the rule's name does. No
    grade: the rules decide again."""

    numbers: tuple[E164, ...] = Field(max_length=MOST_OVERRIDES)
    grade: Grade | None


class GradeRules(Frozen):
    """Rules in the order in which they decide: the first that matches; none makes a number standard."""

    model_config = ConfigDict(extra="forbid")

    rules: tuple[GradeRule, ...] = Field(max_length=MOST_RULES)

    @model_validator(mode="after")
    def _by_name(self) -> Self:
        names = [rule.name for rule in self.rules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            message = f"two rules are called {twice[0]}: give each a name of its own"
            raise FieldFault(message, "rules", repeated(names), "name")
        return self


class DeclareGrades(GradeRules, Change):
    """Grade by these rules from now on. `version` is that of the rules that they replace."""

    version: int = Field(ge=0)
