"""How numbers are searched and held: what operators and programs ask over HTTP, and what they are answered."""

import re
from operator import not_
from typing import Annotated, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.message import Frozen
from patchbay_contracts.patterns import pattern
from patchbay_contracts.words import E164, Grade, Money, Pool, Prefix, Reseller, Slug, Text

MOST_FOUND = 10_000
MOST_HELD = 10_000

Method = Literal["next", "random", "segments", "run"]
Digits = Annotated[str, pattern(r"^[0-9]{1,8}$", "write 1 to 8 digits")]
Letters = Annotated[
    str, pattern(r"^[A-F]{2,6}$", "write 2 to 6 letters from A to F, equal ones for equal digits, such as AABB")
]
Ending = Annotated[str, pattern(r"^[0-9?]{1,6}$", "write 1 to 6 digits, ? for any")]
Pattern = Annotated[
    str, pattern(r"^(\+?[0-9*? ]{1,40})?$", "write digits, * for any digits and ? for one, such as 0121 *77*")
]
Policy = Literal["all", "available", "substitute"]
Query = TypeVar("Query", bound=Frozen)

GRADES_TWICE = "grades and grade_at_least together: give one of them"
NO_SEGMENTS = "method segments needs segments, ends_with or pattern: add one of them"
ALIGNED_ALONE = "only a run can be aligned: leave aligned out, or use method run"
LOWEST_AT_RANDOM = "the lowest are not at random: leave lowest out, or use method next"
ONE_SEGMENT = "in_order needs two segments: leave it out, or add one"
NO_CUSTOMER = "a customer's pool needs customer_id: name the customer"
POOL_TWICE = "a pool stands twice: name each pool once"
"""What does not go together: pages know by it which field they say so at."""


_RESERVED = re.compile("no pattern$|override:")
"""What stands where otherwise a rule's name does."""


def _of_a_rule(name: str) -> str:
    if _RESERVED.match(name):
        raise ValueError("that stands where no rule decides: give the rule another name")
    return name


class GradeRule(Frozen):
    """What makes a number memorable, over its last six digits at the most.

    `letters`: a pattern such as `ABAB` over the last digits, in which equal letters are equal digits (different ones
    may be equal too). `ascending`, `descending`: the last so many digits rise or fall by one. `endings`: it ends with
    one of these; `?` is any digit.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Text, AfterValidator(_of_a_rule)]
    grade: Grade
    letters: Letters | None = None
    ascending: int | None = Field(default=None, ge=3, le=6)
    descending: int | None = Field(default=None, ge=3, le=6)
    endings: tuple[Ending, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(map(bool, (self.letters, self.ascending, self.descending, self.endings))) != 1:
            raise ValueError("a rule has exactly one of letters, ascending, descending and endings: split it")
        return self


class Filter(Frozen):
    """Which numbers. Everything that is given has to be true of a number.

    `prefix`: `+44121737`, `0121737` as it is dialled at home, or `121737`, also as in `+44 (0)121-737` or `0044 121`.
    `grade_at_least`: that grade or a better one. `segments`: digit groups that the national number contains, in any
    order (they may overlap), with `in_order` one after the other. `pattern`: the whole number, with `*` for any digits
    and `?` for one, such as `0121 737 *77*`. `method`: the lowest first; at random; those that contain segments, lowest
    first; or one run of contiguous numbers, whose first is `aligned` to tens or hundreds. While many order at once an
    order may get numbers a little above the lowest: with `lowest` strictly those, which is slower. What is not asked
    for is not written: orders are many, and most ask for little.
    """

    model_config = ConfigDict(extra="forbid")

    prefix: Prefix = Field(default="", exclude_if=not_)
    grades: tuple[Grade, ...] = Field(default=(), exclude_if=not_)
    grade_at_least: Grade | None = Field(default=None, exclude_if=not_)
    method: Method = Field(default="next", exclude_if="next".__eq__)
    segments: tuple[Digits, ...] = Field(default=(), max_length=8, exclude_if=not_)
    in_order: bool = Field(default=False, exclude_if=not_)
    ends_with: Digits | None = Field(default=None, exclude_if=not_)
    pattern: Pattern = Field(default="", exclude_if=not_)
    aligned: Literal[1, 10, 100] = Field(default=1, exclude_if=(1).__eq__)
    lowest: bool = Field(default=False, exclude_if=not_)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.grades and self.grade_at_least:
            raise FieldFault(GRADES_TWICE, "grade_at_least")
        if self.method == "segments" and not (self.segments or self.ends_with or self.pattern):
            raise FieldFault(NO_SEGMENTS, "segments")
        if self.aligned != 1 and self.method != "run":
            raise FieldFault(ALIGNED_ALONE, "aligned")
        if self.lowest and self.method == "random":
            raise FieldFault(LOWEST_AT_RANDOM, "lowest")
        if self.in_order and len(self.segments) < 2:
            raise FieldFault(ONE_SEGMENT, "in_order")
        return self


class SearchQuery(Filter):
    """A search. `pools` in the order in which they are gone through; a customer's pool needs `customer_id`.

    `after` is `next` of the answer before. `exact_counts`: count all that match, however long it takes; otherwise a
    total may be "at least". With `price_list` each row has its price, for a service type if it is named.
    """

    count: int = Field(default=20, ge=1, le=MOST_FOUND)
    pools: tuple[Pool, ...] = Field(default=("public",), min_length=1, max_length=3)
    customer_id: UUID | None = None
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    exact_counts: bool = False
    price_list: Slug | None = None
    service_type: Slug | None = None

    @model_validator(mode="after")
    def _customer(self) -> Self:
        if "customer" in self.pools and self.customer_id is None:
            raise FieldFault(NO_CUSTOMER, "customer_id")
        if len(set(self.pools)) < len(self.pools):
            raise FieldFault(POOL_TWICE, "pools", repeated(self.pools))
        return self


class Asked(Frozen, Generic[Query]):
    """What a reseller asks, as the gateway passes it on for the reseller that it knows."""

    reseller: Reseller
    query: Query


class FoundNumber(Frozen):
    """A number that was free when the answer was made, with the rule that made its grade."""

    e164: E164
    national: str
    area: str
    grade: Grade
    rule: str
    pool: Pool
    setup: Money | None = None
    monthly: Money | None = None


class AsOf(Frozen):
    """How fresh an answer is: `changes` that the replica has seen, when it last was level with the authority, and how
    old that is."""

    changes: int
    at: AwareDatetime
    age_ms: int


class Nearest(Frozen):
    """The filter closest to the one asked for that finds something, and what is different in it."""

    query: SearchQuery
    change: str
    total: int


class NothingFound(Frozen):
    """Why nothing matches, by field, and what would."""

    code: str
    field: str
    message: str
    nearest: Nearest | None = None


class Unpriced(Frozen):
    """Why rows of these grades have no price though the price list knows them, and what to do."""

    grades: tuple[Grade, ...]
    message: str
    remedy: str


class Found(Frozen):
    """What a search found. `total` counts all that match, or with `at_least` as many as were seen; the counts by grade
    and by pool are of the same filter. `read_as`: how the prefix was read. `prices`: which grades have no price, if a
    price list is named."""

    numbers: tuple[FoundNumber, ...]
    as_of: AsOf
    total: int
    at_least: bool = False
    grades: dict[Grade, int]
    pools: dict[Pool, int]
    read_as: tuple[str, ...] = ()
    next: str | None = None
    nothing: NothingFound | None = None
    prices: Unpriced | None = Field(default=None, exclude_if=not_)


class HoldOwner(Frozen):
    """For whom numbers are held: a draft of the wizard or a program's basket, by an id of the caller's choice."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["draft", "basket"]
    id: UUID


class HoldQuery(Frozen):
    """Hold these numbers. `instead`: what to do about those that somebody else took: `offer` the next best by
    `filter`, `take` them, or `nothing`. The next best is of the same grade or a better one, and of a lower one where
    there is none. The same call again prolongs what is held already."""

    model_config = ConfigDict(extra="forbid")

    owner: HoldOwner
    numbers: tuple[E164, ...] = Field(min_length=1, max_length=MOST_HELD)
    customer_id: UUID | None = None
    minutes: int = Field(default=30, ge=1, le=1440)
    instead: Literal["nothing", "offer", "take"] = "offer"
    filter: SearchQuery | None = None

    @model_validator(mode="after")
    def _one_customer(self) -> Self:
        if self.filter and self.filter.customer_id and self.customer_id not in (None, self.filter.customer_id):
            message = "customer_id and filter name two customers: name one, or hold for each by itself"
            raise FieldFault(message, "customer_id")
        return self


class HeldNow(Frozen):
    """A number that is held, and until when; `instead_of` is the one that was lost."""

    e164: E164
    national: str = ""
    area: str = ""
    grade: Grade
    rule: str
    pool: Pool
    held_until: AwareDatetime
    instead_of: E164 | None = None


class Lost(Frozen):
    """A number that could not be held, and its grade. `unknown` is also what is somebody else's pool; it has none."""

    e164: E164
    reason: Literal["taken", "unknown"]
    grade: Grade | None = None
    offer: FoundNumber | None = None


class Holds(Frozen):
    """What is held, and what was lost to somebody else. `prices`: which grades of what is offered have no price."""

    owner: HoldOwner
    held: tuple[HeldNow, ...] = ()
    lost: tuple[Lost, ...] = ()
    prices: Unpriced | None = Field(default=None, exclude_if=not_)


class OwnerQuery(Frozen):
    """What this draft or basket holds."""

    model_config = ConfigDict(extra="forbid")

    owner: HoldOwner


class ExtendQuery(OwnerQuery):
    """Hold these numbers for so many minutes from now on; without numbers all that the owner holds."""

    numbers: tuple[E164, ...] = Field(default=(), max_length=MOST_HELD)
    minutes: int = Field(default=30, ge=1, le=1440)


class ReleaseQuery(OwnerQuery):
    """Give these numbers back; without numbers all that the owner holds."""

    numbers: tuple[E164, ...] = Field(default=(), max_length=MOST_HELD)


class Released(Frozen):
    """The numbers that were given back. What the owner did not hold is not among them."""

    owner: HoldOwner
    numbers: tuple[E164, ...] = ()


ASKED = (Asked[SearchQuery], Asked[HoldQuery], Asked[OwnerQuery], Asked[ExtendQuery], Asked[ReleaseQuery])
"""Kept, because pydantic forgets what nobody holds, and to make such a class anew costs milliseconds."""
