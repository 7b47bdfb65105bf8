"""The order's document: what an API call posts and the wizard writes; one customer and 0..n lines.

Its writers are told of a field that nobody reads; a service that reads a message lets such a field be.
"""

from collections.abc import Iterable
from datetime import timedelta
from operator import not_
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr, StringConstraints, model_validator

from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.message import PLAIN, Frozen
from patchbay_contracts.numbers import Filter, Policy
from patchbay_contracts.patterns import pattern
from patchbay_contracts.times import WrittenTimeOrDay
from patchbay_contracts.words import E164, Email, OrganisationKind, Pool, Settings, Slug, Text

MOST_LINES = 200
MOST_NUMBERS = 1_000
MOST_AHEAD = timedelta(days=366)
"""So far ahead an order may start."""

EXACT_AND_COUNT = "give either exact numbers or a count, not both: use two lines for both"
EXACT_AVAILABLE = "exact numbers have the policy all or substitute: choose one, or give a count"
EXACT_POOLS = "exact numbers are taken from any pool: leave pools out, or give a count"
POOL_AND_POOLS = "give either pool or pools, not both: name all of them in pools"
EXACT_FILTERED = "exact numbers need no filter: leave it out, or give a count"
NUMBER_TWICE = "a number stands twice in this line: name each number once"
"""What does not go together in the numbers of a line: pages know by it which field they say so at."""

Pin = Annotated[
    SecretStr,
    Field(
        min_length=4,
        max_length=12,
        description="4 to 12 characters; never shown again, in no answer and no log",
    ),
]
LabelName = Annotated[
    str,
    pattern(
        r"^[a-z0-9][a-z0-9._/-]{0,39}$", "use up to 40 lower-case letters, digits, . _ / and -, a letter or digit first"
    ),
]
LabelValue = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=PLAIN)]
CountryCode = Annotated[str, pattern(r"^[A-Z]{2}$", "write the two capital letters of ISO 3166, such as GB")]
Phone = Annotated[
    str, pattern(r"^\+?[0-9 ()/.-]{4,30}$", "write 4 to 30 digits, with spaces, ( ) / . or - between, and + in front")
]


class Address(Frozen):
    """A postal address; `country` as ISO 3166-1 alpha-2."""

    model_config = ConfigDict(extra="forbid")

    lines: tuple[Text, ...] = Field(default=(), max_length=6)
    city: Text | None = None
    postcode: Text | None = None
    country: CountryCode | None = None


class Contact(Frozen):
    """A person or a supplier, who can be notified beside the customer."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["contact", "supplier"] = "contact"
    name: Text
    email: Email


class CustomerDetails(Frozen):
    """What is known of a new customer, but for the PIN. `reference` is the reseller's own and unique to it."""

    kind: Literal["new"] = "new"
    name: Text
    email: Email
    address: Address | None = None
    phone: Phone | None = None
    reference: Text | None = None
    contacts: tuple[Contact, ...] = Field(default=(), max_length=20)


class NewCustomer(CustomerDetails):
    """A customer to create, as the caller states it."""

    model_config = ConfigDict(extra="forbid")

    pin: Pin


class SealedCustomer(CustomerDetails):
    """A customer to create, as the services carry it: the PIN encrypted for the customer service alone."""

    sealed_pin: str = Field(max_length=400)


class ExistingCustomer(Frozen):
    """A customer that the reseller already has."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["existing"] = "existing"
    id: UUID


_BEYOND_PREFIX = {name: field.default for name, field in Filter.model_fields.items() if name != "prefix"}
"""What says nothing beside exact numbers, and how it stands if it is left out."""


class Numbers(Filter):
    """The numbers of a line: named exactly, or how many that match the filter, from a `pool` or, one after the other,
    from several `pools`. Neither: a service without numbers. Named ones are taken from any pool.

    `policy`, if fewer match than are wanted: `all` or none of them, as many as are `available`, or a `substitute`: the
    same grade elsewhere, the next grade, the next prefix. With `substitute` a named number that somebody else took is
    replaced in the same way, beginning with the block that it stands in.
    """

    exact: tuple[E164, ...] = Field(default=(), max_length=MOST_NUMBERS)
    count: int = Field(default=0, ge=0, le=MOST_NUMBERS)
    pool: Pool = "public"
    pools: tuple[Pool, ...] = Field(default=(), max_length=3, exclude_if=not_)
    policy: Policy = Field(default="all", exclude_if="all".__eq__)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.exact and self.count:
            raise FieldFault(EXACT_AND_COUNT, "count")
        if self.exact and self.policy == "available":
            raise FieldFault(EXACT_AVAILABLE, "policy")
        if self.exact and (beside := [name for name, usual in _BEYOND_PREFIX.items() if getattr(self, name) != usual]):
            raise FieldFault(EXACT_FILTERED, beside[0])
        if len(set(self.exact)) < len(self.exact):
            raise FieldFault(NUMBER_TWICE, "exact", repeated(self.exact))
        if self.pools and (self.exact or self.pool != "public"):
            raise FieldFault(EXACT_POOLS if self.exact else POOL_AND_POOLS, "pools")
        if len(set(self.pools)) < len(self.pools):
            raise FieldFault("a pool stands twice in pools: name each once", "pools", repeated(self.pools))
        return self

    @property
    def drawn_from(self) -> tuple[Pool, ...]:
        """The pools from which numbers that match are taken, one after the other."""
        return self.pools or (self.pool,)

    @property
    def is_replaceable(self) -> bool:
        """Whether what is named may be replaced where it is gone."""
        return self.policy == "substitute" and bool(self.exact)

    @property
    def where(self) -> str:
        """These pools in a message."""
        return f"the {self.pool} pool" if not self.pools else f"the {', '.join(self.pools)} pools"


class Line(Frozen):
    """One line: a service type and what it needs.

    `grouping`: `together` makes one service with all the line's numbers, `each` one service a number.
    `settings` hold for every service of the line; `settings_by_number` are laid over them. `optional`: whether the
    order goes on without the line if it is refused; left out, the order's `failure` says so. `back_order`: whether
    numbers that cannot be had now are waited for, up to the order's `until`; left out, its `failure` says so.
    """

    model_config = ConfigDict(extra="forbid")

    service_type: Slug
    price_list: Slug
    numbers: Numbers = Numbers()
    grouping: Literal["together", "each"] = "together"
    settings: Settings = Field(default_factory=dict)
    settings_by_number: dict[E164, Settings] = Field(default_factory=dict)
    optional: bool | None = Field(default=None, exclude_if=lambda optional: optional is None)
    back_order: bool | None = Field(default=None, exclude_if=lambda back_order: back_order is None)


class RefusedLine(Frozen):
    """A line that is left out of its order, and why: `reason` is a code of `reasons.REASONS`."""

    line: int
    reason: str
    detail: str


def left_out(refused: Iterable[RefusedLine]) -> list[str]:
    """These lines in words, for an order's timeline."""
    return [f"line {one.line} is left out, {one.reason}: {one.detail}" for one in refused]


class AcceptedTerms(Frozen):
    """The terms of a service type that were agreed to: their version, and the SHA-256 of their text in UTF-8."""

    model_config = ConfigDict(extra="forbid")

    service_type: Slug
    version: Text
    hash: Annotated[str, pattern(r"^[0-9a-f]{64}$", "give the hash of the terms as you got it from Patchbay")]


Failing = Literal["all_or_nothing", "keep_what_worked", "back_order"]


class OrderBody(Frozen):
    """What an order's document and the message that places it share. `held_by`: the draft or basket whose held numbers
    the order may take over. `quote`: the quote whose prices it is charged by; it is refused if that has ended, or does
    not cover it. `watched`: somebody follows it step by step, so each of its moves is said
    (`orders.OrderProgressed.v1`); that costs a message a move, which thousands of orders can do without. `failure`: if
    a line is refused, undo all, make the others, or wait for its numbers, and undo all if they do not come. An order of
    which no line can be made fails either way. `terms`: those that were agreed to. With any, the order is refused
    unless they are those in force of all that it orders."""

    reference: Text | None = None
    lines: tuple[Line, ...] = Field(default=(), max_length=MOST_LINES)
    notify: tuple[OrganisationKind, ...] = ("customer",)
    held_by: UUID | None = Field(default=None, exclude_if=not_)
    quote: UUID | None = Field(default=None, exclude_if=not_)
    watched: bool = Field(default=False, exclude_if=not_)
    failure: Failing = Field(default="all_or_nothing", exclude_if="all_or_nothing".__eq__)
    terms: tuple[AcceptedTerms, ...] = Field(default=(), max_length=MOST_LINES, exclude_if=not_)

    def goes_on_without(self, line: Line) -> bool:
        """Whether that line drops out if it is refused."""
        return self.failure == "keep_what_worked" if line.optional is None else line.optional

    def waits(self, line: Line) -> bool:
        """Whether that line waits for numbers that cannot be had now."""
        if not (line.numbers.exact or line.numbers.count):
            return False
        return self.failure == "back_order" if line.back_order is None else line.back_order


class OrderDocument(OrderBody):
    """An order as it is posted. An order without lines only creates (or confirms) the customer. `preview`: the dry run
    that it was seen with; the answer says what has changed since. With `require_unchanged` it is refused if anything
    has. `start`: when it is to begin, a time or a day (from midnight UTC); until then it waits, and nothing is held or
    created for it. `until`: how long numbers are waited for, a time or a day (to its end, UTC); meanwhile nothing is
    held or created. `labels` are the caller's own, kept and shown. `unique_reference`: refused if another order of the
    reseller has its `reference`, but for those that failed."""

    model_config = ConfigDict(extra="forbid")

    customer: Annotated[NewCustomer | ExistingCustomer, Field(discriminator="kind")]
    preview: UUID | None = Field(default=None, exclude_if=not_)
    require_unchanged: bool = Field(default=False, exclude_if=not_)
    start: WrittenTimeOrDay | None = Field(default=None, exclude_if=lambda start: start is None)
    until: WrittenTimeOrDay | None = Field(default=None, exclude_if=lambda until: until is None)
    labels: dict[LabelName, LabelValue] = Field(default_factory=dict, max_length=20, exclude_if=not_)
    unique_reference: bool = Field(default=False, exclude_if=not_)

    @model_validator(mode="after")
    def _unique_by_something(self) -> Self:
        if self.unique_reference and self.reference is None:
            message = "there is no reference that could be unique: give one, or leave unique_reference out"
            raise FieldFault(message, "reference")
        of = [terms.service_type for terms in self.terms]
        if len(set(of)) < len(of):
            message = "the terms of a service type stand twice: name those of each once"
            raise FieldFault(message, "terms", repeated(of))
        return self

    @model_validator(mode="after")
    def _nothing_is_held_until_it_starts(self) -> Self:
        if self.start is not None and self.held_by is not None:
            message = "what a draft or basket holds is free again before the order starts: leave held_by out"
            raise FieldFault(message, "held_by")
        return self

    @model_validator(mode="after")
    def _waits_until(self) -> Self:
        waits = self.failure == "back_order" or any(line.back_order for line in self.lines)
        if waits and self.until is None:
            raise FieldFault("numbers are not waited for without an end: give until, a time or a day", "until")
        if self.until is not None and not waits:
            message = "nothing is waited for: give failure or a line's back_order, or leave until out"
            raise FieldFault(message, "until")
        return self

    @model_validator(mode="after")
    def _numbers_once(self) -> Self:
        if self.require_unchanged and self.preview is None:
            message = "require_unchanged needs preview: name the dry run that nothing may have changed since"
            raise FieldFault(message, "preview")
        exact = [number for line in self.lines for number in line.numbers.exact]
        if len(set(exact)) < len(exact):
            places = [(at, place) for at, line in enumerate(self.lines) for place in range(len(line.numbers.exact))]
            line, place = places[repeated(exact)]
            message = "a number stands in two lines: name each number once in an order"
            raise FieldFault(message, "lines", line, "numbers", "exact", place)
        if sum(len(line.numbers.exact) + line.numbers.count for line in self.lines) > MOST_NUMBERS:
            raise FieldFault(f"more than {MOST_NUMBERS} numbers: split the order", "lines")
        return self
