"""Versions of price lists: what the gateway asks billing about them over HTTP, and what it is answered.

A version is a draft until it is published, and is never changed after that: another one follows it. On a day that
version is in force which was published last of those that have begun. `resellers` are those that the caller may act
for; None is the house, which may do everything. A list without a reseller is everybody's to buy by, and the house's to
change.
"""

from datetime import date
from decimal import Decimal
from operator import not_
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from patchbay_contracts.field_faults import FieldFault, repeated
from patchbay_contracts.message import PLAIN, Frozen
from patchbay_contracts.prices import Price
from patchbay_contracts.words import Currency, Grade, Money, Reseller, Slug, Text

MOST_PRICES = 5_000

Scope = tuple[Reseller, ...] | None
Amount = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=11, decimal_places=4)]
TaxNote = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)]
Version = Annotated[int, Field(ge=1, le=32_000)]
Revision = Annotated[int, Field(ge=0, le=2**31 - 1)]
Stands = Literal["draft", "coming", "in_force", "replaced", "ended"]


class Scoped(Frozen):
    """What somebody asks who may act for these resellers."""

    model_config = ConfigDict(extra="forbid")

    resellers: Annotated[Scope, Field(max_length=10_000)]


class Changing(Scoped):
    """A change, with who makes it and why: both are kept."""

    by: Text
    why: Text


class ListsQuery(Scoped):
    """Price lists by which these resellers may buy on a day (today), in alphabetical order. `service_type`: those that
    price it. With `all` also those of which no version is in force then, by their newest version."""

    on: date | None = None
    service_type: Slug | None = None
    all: bool = False


class VersionQuery(Scoped):
    """One version of a price list, or the one in force on a day (today)."""

    price_list: Slug
    version: Version | None = None
    on: date | None = None


class VersionsQuery(Scoped):
    """All versions of a price list, the newest first."""

    price_list: Slug


class ListedPrice(Frozen):
    """What a service type costs by the piece, or with `grade` each of its numbers of that grade."""

    model_config = ConfigDict(extra="forbid")

    service_type: Slug
    grade: Grade | None = None
    setup: Amount
    monthly: Amount


class DraftQuery(Changing):
    """Write the draft of a price list: a new list, or the version that is to follow the last one.

    `revision`: that of the draft which it replaces, 0 where there is none. A stale one is refused (409), and so nobody
    overwrites what somebody else wrote meanwhile. `reseller` and `currency` are those of the list's first version.
    With `dry_run` it is only answered what the draft would be, or why it could not be.
    """

    price_list: Slug
    reseller: Reseller | None = None
    name: Text
    currency: Currency
    tax_note: TaxNote = ""
    prices: tuple[ListedPrice, ...] = Field(default=(), max_length=MOST_PRICES)
    revision: Revision = 0
    dry_run: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = [(price.service_type, price.grade) for price in self.prices]
        if len(seen := set(named)) < len(named):
            message = "a price stands twice: name each service type and grade once"
            raise FieldFault(message, "prices", repeated(named))
        if without := sorted({type_ for type_, _ in seen if (type_, None) not in seen}):
            message = f"{without[0]!r} has prices of numbers but none of its own: add one without grade"
            raise FieldFault(message, "prices", next(at for at, (type_, _) in enumerate(named) if type_ == without[0]))
        return self


class PublishQuery(Changing):
    """Publish the draft from a day on, today or later. The same call again changes nothing."""

    price_list: Slug
    version: Version
    revision: Revision
    valid_from: date
    valid_to: date | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise FieldFault("valid_to is before valid_from: leave it out, or give a later day", "valid_to")
        return self


class VersionRef(Frozen):
    """A version of a price list; without `version` the one in force today."""

    model_config = ConfigDict(extra="forbid")

    price_list: Slug
    version: Version | None = None


class DiffQuery(Scoped):
    """Two versions of one list, or of two lists."""

    before: VersionRef
    after: VersionRef


class AffectedQuery(Scoped):
    """Whose charges are by a price list, by one version of it or by any."""

    price_list: Slug
    version: Version | None = None


class VersionHead(Frozen):
    """A version without its prices. `ends`: the last day on which it is in force, by itself (`valid_to`) or because
    another one follows. `changed_*`: who wrote or published it last, when and why."""

    price_list: Slug
    version: Version
    reseller: Reseller | None
    name: str
    currency: Currency
    tax_note: str = ""
    state: Literal["draft", "published"]
    stands: Stands
    valid_from: date | None = None
    valid_to: date | None = None
    ends: date | None = None
    revision: Revision = 0
    service_types: tuple[Slug, ...] = ()
    changed_at: AwareDatetime | None = None
    changed_by: str | None = None
    why: str | None = None


class PriceListVersion(VersionHead):
    """A version with all its prices, in alphabetical order of the service types, grades from the best."""

    prices: tuple[ListedPrice, ...] = ()


class Versions(Frozen):
    """Versions of price lists."""

    versions: tuple[VersionHead, ...] = ()


class PriceChange(Frozen):
    """A price that differs. `difference`: after less before, where both are there and in one currency."""

    service_type: Slug
    grade: Grade | None = None
    change: Literal["added", "removed", "changed"]
    before: Price | None = None
    after: Price | None = None
    difference: Price | None = None


class Diff(Frozen):
    """What differs between two versions, price by price, and how many prices do not."""

    before: VersionHead
    after: VersionHead
    changes: tuple[PriceChange, ...] = ()
    same: int = 0


class AffectedReseller(Frozen):
    """What is charged to one reseller's customers by a price list: begun, or to begin when its order completes."""

    reseller: Reseller
    customers: int
    services: int
    numbers: int
    monthly: tuple[Money, ...] = Field(default=(), exclude_if=not_)


class Affected(Frozen):
    """Whose charges are by a price list, in alphabetical order of the resellers. What was charged before lists were
    noted with charges is not among it. The newest `checked` charges were looked at; `more`: there are older ones."""

    price_list: Slug
    version: Version | None = None
    customers: int = 0
    services: int = 0
    numbers: int = 0
    resellers: tuple[AffectedReseller, ...] = ()
    checked: int = 0
    more: bool = Field(default=False, exclude_if=not_)
