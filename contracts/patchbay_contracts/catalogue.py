"""The service catalogue: what can be sold, by which rules and terms. Answered by provisioning over HTTP."""

from datetime import date
from operator import not_
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_LINES, AcceptedTerms
from patchbay_contracts.patterns import pattern
from patchbay_contracts.setting_forms import DestinationKind
from patchbay_contracts.words import CallingCode, Grade, Reseller, Settings, Slug, Text

SettingKind = Literal["text", "number", "choice", "yes_no", "time_plan", "destination"]
Paragraphs = Annotated[
    str,
    pattern(
        r"^[^\x00-\x08\x0b-\x1f\x7f]*$", "remove all control characters but line breaks and tabs", max_length=60_000
    ),
]
"""Text of several lines; an empty line parts two paragraphs."""
Digits = Annotated[str, pattern(r"^[1-9][0-9]{0,14}$", "write digits alone, the calling code first, such as 44121")]


class Written(Frozen):
    """What callers write: a field that nobody reads is refused."""

    model_config = ConfigDict(extra="forbid")


class NumberRules(Written):
    """How many numbers a service takes, and which. `prefixes` and `countries` (calling codes, such as `44`) without
    their `+`; what is empty allows all."""

    least: int = Field(default=0, ge=0, le=1_000)
    most: int = Field(ge=0, le=1_000)
    grades: tuple[Grade, ...] = ()
    prefixes: tuple[Digits, ...] = Field(default=(), max_length=100)
    countries: tuple[CallingCode, ...] = Field(default=(), max_length=100)


class CustomerRules(Written):
    """What else a customer must have (all of `needs`) or must not have (any of `excludes`), already or by the same
    order; how many services of this type an order may make and a customer may have."""

    needs: tuple[Slug, ...] = Field(default=(), max_length=20)
    excludes: tuple[Slug, ...] = Field(default=(), max_length=20)
    most_per_order: int | None = Field(default=None, ge=1)
    most_per_customer: int | None = Field(default=None, ge=1)


class Terms(Written):
    """Terms and conditions, under the version that a customer agrees to."""

    version: Text
    language: Literal["en-GB"] = "en-GB"
    text: Paragraphs


class ServiceTypeEntry(Written):
    """Everything that one version of a service type says. `settings_schema`: JSON Schema 2020-12 of the kinds that the
    wizard renders. `resellers`: who may sell it; none named: all."""

    name: Text
    description: Paragraphs = ""
    included: tuple[Text, ...] = Field(default=(), max_length=30)
    settings_schema: Settings
    numbers: NumberRules
    customers: CustomerRules = CustomerRules()
    terms: Terms
    resellers: tuple[Reseller, ...] = Field(default=(), max_length=1_000)


class When(Frozen):
    """A condition on another setting: it is given at all; it has one of `values`; or it has none of them, or is not
    given."""

    setting: str
    is_: Literal["given", "one_of", "not_one_of"] = Field(alias="is")
    values: tuple[JsonValue, ...] = ()

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    def holds(self, settings: Settings) -> bool:
        """Whether it is so."""
        if self.is_ == "given":
            return self.setting in settings
        among = self.setting in settings and any(_same(settings[self.setting], value) for value in self.values)
        return among == (self.is_ == "one_of")


def _same(one: JsonValue, other: JsonValue) -> bool:
    """Equal as JSON has it, where `true` is no 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


class Choice(Frozen):
    """A value that may be chosen, as it is called."""

    value: JsonValue
    title: str


class Setting(Frozen):
    """A setting, as a page shows it. `least`, `most`: of a number its bounds, of a text its length. `destinations`:
    the kinds that it may be. It is there while all of `when` hold."""

    name: str
    kind: SettingKind
    title: str
    description: str = ""
    required: bool = False
    default: JsonValue = None
    choices: tuple[Choice, ...] = ()
    least: int | float | None = None
    most: int | float | None = None
    whole: bool = False
    pattern: str = ""
    destinations: tuple[DestinationKind, ...] = ()
    when: tuple[When, ...] = ()


def shown(settings: tuple[Setting, ...], given: Settings) -> tuple[Setting, ...]:
    """Those settings that are there while these are given, each once. A setting may be described more than once, each
    time under other conditions; the last description of which the conditions hold counts."""
    found = {one.name: one for one in settings if all(when.holds(given) for when in one.when)}
    order = dict.fromkeys(one.name for one in settings)
    return tuple(found[name] for name in order if name in found)


class CatalogueQuery(Written):
    """What these resellers may sell on a day (today)."""

    resellers: tuple[Reseller, ...] = Field(min_length=1, max_length=1_000)
    on: date | None = Field(default=None, exclude_if=not_)


class Sold(Frozen):
    """A service type in short, and who of those that were asked for may sell it."""

    service_type: Slug
    version: int
    name: str
    description: str
    least_numbers: int
    most_numbers: int
    resellers: tuple[Reseller, ...]


class Catalogue(Frozen):
    """By name."""

    service_types: tuple[Sold, ...] = ()


class ProductQuery(CatalogueQuery):
    """One service type with everything; 404 if none of the resellers may sell it then."""

    service_type: Slug


class Product(Frozen):
    """A service type as it is in force. `settings` says the same as `settings_schema`, for pages."""

    service_type: Slug
    version: int
    valid_from: date
    valid_to: date | None = None
    name: str
    description: str
    included: tuple[str, ...]
    settings_schema: dict[str, JsonValue]
    settings: tuple[Setting, ...]
    numbers: NumberRules
    customers: CustomerRules
    terms_version: str
    terms_hash: str


class TermsQuery(CatalogueQuery):
    """The terms of these service types, as they are in force then."""

    service_types: tuple[Slug, ...] = Field(min_length=1, max_length=200)


class AgreedTermsQuery(CatalogueQuery):
    """The terms that were agreed to, whether they are in force any more or not."""

    terms: tuple[AcceptedTerms, ...] = Field(min_length=1, max_length=MOST_LINES)


class TermsInForce(Frozen):
    """What is agreed to. `hash`: SHA-256 of `text` in UTF-8, in hexadecimal digits."""

    service_type: Slug
    name: str
    version: str
    language: str
    hash: str
    text: str


class AllTerms(Frozen):
    """In the order in which they were asked for; what these resellers may not sell is missing."""

    terms: tuple[TermsInForce, ...] = ()
