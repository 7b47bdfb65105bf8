"""What is asked about price lists by those who look after them, and what OpenAPI says about it."""

from typing import Annotated, Any

from pydantic import Field

from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.reading_openapi import READING, page
from gateway_service.service_types_openapi import changing
from patchbay_contracts.catalogue import Written
from patchbay_contracts.message import Frozen
from patchbay_contracts.price_lists import (
    MOST_PRICES,
    Affected,
    Diff,
    ListedPrice,
    TaxNote,
    VersionHead,
)
from patchbay_contracts.times import WrittenDay
from patchbay_contracts.words import Currency, Reseller, Slug, Text


class PriceListDraft(Written):
    """All that the next version of a price list says, and why it changes. `reseller` and `currency` are those of the
    list's first version; without `reseller` it is the caller's own, and with the scope `house` one for all."""

    why: Text
    name: Text
    currency: Currency
    reseller: Reseller | None = None
    tax_note: TaxNote = ""
    prices: Annotated[tuple[ListedPrice, ...], Field(max_length=MOST_PRICES)] = ()


class PublishPriceList(Written):
    """From which day on one buys by it, today or later, perhaps to which day, and why."""

    why: Text
    valid_from: WrittenDay
    valid_to: WrittenDay | None = None


class PriceLists(Frozen):
    """A price list's versions, the newest first, and whether the caller may change it."""

    price_list: Slug
    may_change: bool
    versions: tuple[VersionHead, ...]


class PriceListDiff(Diff):
    """What differs between two versions of a price list."""


class PriceListAffected(Affected):
    """Whose charges are by a price list."""


MODELS = (PriceListDraft, PublishPriceList, PriceLists, PriceListDiff, PriceListAffected)
_WHY: dict[str, Any] = {"why": "dearer from the supplier"}
_HEAD: dict[str, Any] = {
    "price_list": "acme-gbp", "version": 2, "reseller": "acme", "name": "Standard", "currency": "GBP", "tax_note": "",
    "state": "draft", "stands": "draft", "valid_from": None, "valid_to": None, "ends": None, "revision": 3,
    "service_types": ["voice-line"], "changed_at": "2026-06-01T12:00:00Z", "changed_by": "key:Prices", **_WHY,
}  # fmt: skip
_PRICES = [
    {"service_type": "voice-line", "grade": None, "setup": "10.0000", "monthly": "5.0000"},
    {"service_type": "voice-line", "grade": "gold", "setup": "75.0000", "monthly": "2.0000"},
]
_VERSION = _HEAD | {"prices": _PRICES}
_KEPT = _HEAD | {"may_change": True, "links": {"self": "/v1/prices/acme-gbp"}}
FIELDS = tuple(_KEPT)
_TEXT = {"type": ["string", "null"]}
SCHEMAS = {
    "KeptPriceList": {
        "allOf": [ref("VersionHead"), object_of(may_change={"type": "boolean"}, links={"type": "object"})]
    },
    "KeptPriceListPage": object_of(price_lists={"type": "array", "items": ref("KeptPriceList")}, next=_TEXT),
}
_MONEY = {"setup": {"amount": "10.0000", "currency": "GBP"}, "monthly": {"amount": "5.0000", "currency": "GBP"}}
_CHANGE = {"service_type": "voice-line", "grade": None, "change": "added", "before": None, "after": _MONEY}
_DIFF = {"before": _HEAD | {"version": 1}, "after": _HEAD, "changes": [_CHANGE | {"difference": None}], "same": 4}
_AFFECTED: dict[str, Any] = {
    "price_list": "acme-gbp", "version": None, "customers": 2, "services": 3, "numbers": 4, "checked": 3,
    "resellers": [{"reseller": "acme", "customers": 2, "services": 3, "numbers": 4}],
}  # fmt: skip
MISSING = ("no_such_price_list", "no_such_version")
_WHOSE = (
    " A key changes its own reseller's lists; with the scope `house` also those for all. If somebody changed it since"
    " the revision in `If-Match`, 412. The same call again changes nothing."
)
ALL = page(
    "List price lists to look after",
    "Those that you may see, by id: each by its version in force, or else its newest. Needs a key with the scope"
    " `prices`.",
    "KeptPriceListPage", "price_lists", _KEPT,
)  # fmt: skip
VERSIONS = route(
    "List versions of a price list",
    "The newest first. `revision` counts the changes of a draft.",
    answers(
        "The versions",
        content(ref("PriceLists"), {"price_list": "acme-gbp", "may_change": True, "versions": [_HEAD]}),
        *READING, *MISSING,
    ),
)  # fmt: skip
VERSION = route(
    "Show a version of a price list",
    "With all its prices, and its revision as ETag.",
    answers("The version", content(ref("PriceListVersion"), _VERSION), *READING, *MISSING),
)
DIFF = route(
    "Compare versions of a price list",
    "Price by price, with the version in force, or with `before`.",
    answers("The differences", content(ref("PriceListDiff"), _DIFF), *READING, *MISSING),
)
AFFECTED = route(
    "Show who pays by a price list",
    "Charges that have begun, or begin when their orders complete.",
    answers("Who does", content(ref("PriceListAffected"), _AFFECTED), *READING, *MISSING),
)
DRAFT = changing(
    "Save the draft of a price list",
    "Makes a draft, also of a new list, or replaces the one that there is: `If-Match` names the draft's revision,"
    ' `"0"` where there is none. Nobody buys by it until it is published.' + _WHOSE,
    "PriceListDraft",
    _WHY | {"name": "Standard", "currency": "GBP", "reseller": "acme", "tax_note": "", "prices": _PRICES},
    "PriceListVersion", _VERSION, MISSING,
)  # fmt: skip
PUBLISH = changing(
    "Publish a version of a price list",
    "One buys by it from `valid_from` on, and it is never changed again: another one follows it." + _WHOSE,
    "PublishPriceList", _WHY | {"valid_from": "2099-01-01", "valid_to": None}, "PriceListVersion", _VERSION, MISSING,
)  # fmt: skip
