"""Quotes: what lines cost, locked until a time. What the gateway asks billing over HTTP, and what it is answered."""

from datetime import date
from operator import not_
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from patchbay_contracts.field_faults import FieldFault
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_LINES, MOST_NUMBERS
from patchbay_contracts.prices import Price
from patchbay_contracts.words import Currency, Grade, Reseller, Slug


class QuoteLine(Frozen):
    """So many services of a type by a price list, and how many numbers of each grade they have in all."""

    model_config = ConfigDict(extra="forbid")

    service_type: Slug
    price_list: Slug
    services: int = Field(default=1, ge=0, le=MOST_NUMBERS)
    numbers: dict[Grade, Annotated[int, Field(ge=0, le=MOST_NUMBERS)]] = Field(default_factory=dict)


Lines = Annotated[tuple[QuoteLine, ...], Field(max_length=MOST_LINES)]


class QuoteOwner(Frozen):
    """For whom prices are locked: a draft of the wizard (or a program's basket, or any id of its own, for a customer
    who is not there yet), or a customer. A customer's quote is for that customer's orders only."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["draft", "customer"]
    id: UUID


class PreviewQuery(Frozen):
    """What these lines cost now. Nothing is stored, nothing is locked."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    lines: Lines = ()

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if sum(sum(line.numbers.values()) for line in self.lines) > MOST_NUMBERS:
            raise FieldFault(f"more than {MOST_NUMBERS} numbers: split the order", "lines")
        return self


class OrderPreviewQuery(PreviewQuery):
    """What the lines of an order cost on the `day` on which it begins: today, if none is named."""

    day: date | None = Field(default=None, exclude_if=lambda day: day is None)


class PreviewQueries(Frozen):
    """What the lines of each of many orders cost."""

    model_config = ConfigDict(extra="forbid")

    queries: tuple[OrderPreviewQuery, ...] = Field(max_length=500)


class QuoteQuery(PreviewQuery):
    """Price these lines in the order in which the order will have them, and lock the prices. Each call makes a quote of
    its own; one that is not used ends by itself."""

    owner: QuoteOwner


class GetQuoteQuery(Frozen):
    """A quote of that reseller."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    id: UUID


class CompareQuery(Frozen):
    """What the lines cost as they are, and what line by line by another price list: `instead[i]` stands for
    `lines[i].price_list`, None where it stays. With `versions_before`, a list that stays is compared with the version
    that its present one replaced, if there is one. With a `quote` of these lines they cost what it locks, while it is
    open."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    lines: Lines
    instead: tuple[Slug | None, ...] = Field(max_length=MOST_LINES)
    versions_before: bool = Field(default=False, exclude_if=not_)
    quote: UUID | None = Field(default=None, exclude_if=not_)

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if len(self.instead) != len(self.lines):
            raise FieldFault("instead has another number of entries than lines: give one for each line", "instead")
        return self


class QuotedPart(Frozen):
    """So many of one thing: the services themselves (no grade), or numbers of a grade. `setup` and `monthly` are
    `quantity` times the price of one."""

    grade: Grade | None = Field(default=None, exclude_if=lambda grade: grade is None)
    quantity: int
    each: Price
    total: Price


class QuotedLine(Frozen):
    """What a line costs, by which version of its price list, and what is said about tax. `valid_from` and `valid_to`
    are the days on which that version is in force."""

    line: int
    service_type: Slug
    price_list: Slug
    version: int
    name: str
    currency: Currency
    valid_from: date
    valid_to: date | None = None
    tax_note: str = ""
    parts: tuple[QuotedPart, ...]
    total: Price


class Unpriced(Frozen):
    """A line that has no price, for a reason of `BillingRefused`; `pointer` leads into the query."""

    line: int
    reason: str
    pointer: str
    message: str
    remedy: str


class Preview(Frozen):
    """What the lines cost. `totals`: one for each currency, in alphabetical order. Lines without a price are
    `unpriced` and in no total."""

    lines: tuple[QuotedLine, ...] = ()
    totals: tuple[Price, ...] = ()
    unpriced: tuple[Unpriced, ...] = Field(default=(), exclude_if=not_)


class Previews(Frozen):
    """One for each query, in their order."""

    previews: tuple[Preview, ...]


class Quote(Frozen):
    """Priced lines, locked: an order with `quote` is charged by these prices if billing comes to it before
    `locked_until`. It does for one order: `used_by`."""

    id: UUID
    reseller: Reseller
    owner: QuoteOwner
    quoted_at: AwareDatetime
    locked_until: AwareDatetime
    state: Literal["open", "used", "ended"]
    used_by: UUID | None = None
    lines: tuple[QuotedLine, ...] = ()
    totals: tuple[Price, ...] = ()


class ComparedLine(Frozen):
    """A line by two price lists. `difference`: after less before, in one currency; missing between two currencies, and
    where one of them has no price."""

    line: int
    before: QuotedLine | None = None
    after: QuotedLine | None = None
    difference: Price | None = None


class Comparison(Frozen):
    """The lines and their totals, as they are and by other price lists. `differences`: one for each currency."""

    lines: tuple[ComparedLine, ...] = ()
    before: Preview
    after: Preview
    differences: tuple[Price, ...] = ()


class QuotesQuery(Frozen):
    """Quotes of a reseller, the newest first. Everything that is given has to be true of a quote; `price_list`: one of
    its lines is priced by it. `after` is `next` of the answer before."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    state: Literal["open", "used", "ended"] | None = None
    owner_id: UUID | None = None
    customer_id: UUID | None = Field(default=None, exclude_if=not_)
    used_by: UUID | None = Field(default=None, exclude_if=not_)
    price_list: Slug | None = Field(default=None, exclude_if=not_)
    quoted_from: AwareDatetime | None = Field(default=None, exclude_if=not_)
    quoted_before: AwareDatetime | None = Field(default=None, exclude_if=not_)
    count: int = Field(default=50, ge=1, le=200)
    after: UUID | None = None


class QuotePage(Frozen):
    """A page of quotes."""

    quotes: tuple[Quote, ...] = ()
    next: UUID | None = None
