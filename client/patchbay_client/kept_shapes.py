"""Shapes of service types, price lists and accounts, as those see them who look after them. Answers may have more."""

from typing import Any, Literal, TypedDict


class KeptServiceType(TypedDict):
    """A service type in short: the version that is sold today, those to come, and the draft."""

    id: str
    name: str
    in_force: int | None
    coming: list[int]
    draft: int | None
    may_change: bool


class KeptServiceTypePage(TypedDict):
    """By id."""

    service_types: list[KeptServiceType]
    next: str | None


class VersionInShort(TypedDict):
    """A version of a service type or a price list. `revision` counts its changes; days as 2026-12-01."""

    version: int
    revision: int
    state: Literal["draft", "published", "retired"]
    valid_from: str | None
    valid_to: str | None
    changed_by: str | None


class ServiceTypeVersions(TypedDict):
    """The newest first."""

    service_type: str
    may_change: bool
    versions: list[VersionInShort]


class ServiceTypeVersion(VersionInShort):
    """With all that it says."""

    service_type: str
    in_force: bool
    entry: dict[str, Any]


class KeptPriceList(VersionInShort):
    """A price list in short, by its version in force or else its newest."""

    price_list: str
    stands: Literal["draft", "coming", "in_force", "replaced", "ended"]
    may_change: bool


class KeptPriceListPage(TypedDict):
    """By id."""

    price_lists: list[KeptPriceList]
    next: str | None


class PriceListVersions(TypedDict):
    """The newest first."""

    price_list: str
    may_change: bool
    versions: list[VersionInShort]


class PriceListVersion(VersionInShort):
    """With its prices: amounts are decimal numbers, as texts."""

    price_list: str
    reseller: str | None
    name: str
    currency: str
    tax_note: str
    prices: list[dict[str, Any]]


class Money(TypedDict):
    """An amount, a decimal number as text, in a currency."""

    amount: str
    currency: str


class AccountChange(TypedDict):
    """What was done to an account, by whom and why."""

    at: str
    by: str
    action: str
    why: str


class Account(TypedDict):
    """A customer's billing account, with its changes, the newest first. `used`: what its charges come to a month at
    most, in the limit's currency; null without a limit."""

    customer_id: str
    state: Literal["active", "blocked"]
    opened_at: str
    limit: Money | None
    used: Money | None
    changes: list[AccountChange]
