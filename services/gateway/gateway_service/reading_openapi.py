"""What OpenAPI says about lists and single things that are read, beside what the code says of itself."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from gateway_service import etags
from gateway_service.describing import Described, answers, content, object_of, ref, route
from patchbay_chassis.streamed import NDJSON
from patchbay_contracts.catalogue import Product, Sold, TermsInForce
from patchbay_contracts.customers import CustomerFound, CustomerRecord, Details
from patchbay_contracts.mails import MailDetails, MailKey, MailSummary
from patchbay_contracts.price_lists import PriceListVersion, VersionHead
from patchbay_contracts.quotes import Quote
from patchbay_contracts.services import ListedService, Service

MODELS: tuple[type[BaseModel], ...] = (
    CustomerFound, CustomerRecord, Details, Product, Sold, TermsInForce, VersionHead, PriceListVersion, MailSummary,
    MailDetails, Quote, ListedService, Service,
)  # fmt: skip
_LINKS = {"type": "object", "required": ["self"], "properties": {"self": {"type": "string"}}}
_ID = {"type": ["string", "null"], "format": "uuid"}
_TEXT = {"type": ["string", "null"]}
_NUMBER = object_of(
    e164={"type": "string"},
    state={"enum": ["assigned", "held"]},
    service_id=_ID,
    service_state={"enum": ["active", "suspended", None]},
    service_type=_TEXT,
    customer_id=_ID,
    owner={"type": ["object", "null"], "description": "the draft or basket that holds it"},
    held_until=_TEXT | {"format": "date-time"},
    grade=_TEXT | {"description": "null of a number that is in no block of the house"},
    pool=_TEXT,
    links=_LINKS,
)
READING = ("unauthenticated", "scope_missing", "invalid", "broken_behind", "try_again")
"""What any reading may be answered instead."""
_INTERNAL = ("reseller", "state", "stands", "revision", "changed_at", "changed_by", "why", "valid_to")


def schemas(defs: Mapping[str, Any]) -> dict[str, Any]:
    """The public forms of what owners tell, made from the schemas of that."""

    def shown(*models: type[BaseModel], but: tuple[str, ...] = (), links: bool = True) -> dict[str, Any]:
        fields = {name: of for model in models for name, of in defs[model.__name__]["properties"].items()}
        more = {"links": _LINKS} if links else {}
        return object_of(**{name: of for name, of in fields.items() if name not in but}, **more)

    rows = {
        "customers": ("CustomerInList", shown(CustomerFound, but=("reseller",))),
        "services": ("ServiceInList", shown(ListedService, but=("reseller",))),
        "numbers": ("Number", _NUMBER),
        "service_types": ("ServiceTypeInList", shown(Sold, but=("resellers",))),
        "price_lists": ("PriceListInList", shown(VersionHead, but=_INTERNAL)),
        "quotes": ("QuoteInList", shown(Quote, but=("reseller", "lines"))),
        "mails": ("MailInList", shown(MailKey, MailSummary, but=("key", "reseller"))),
    }
    pages = {
        f"{schema}Page": object_of(**{name: {"type": "array", "items": ref(schema)}}, next=_TEXT)
        for name, (schema, _) in rows.items()
    }
    return {
        **dict(rows.values()),
        **pages,
        "Customer": shown(CustomerRecord, Details, but=("reseller", "details", "pin_locked_until")),
        "PriceList": shown(PriceListVersion, but=_INTERNAL, links=False),
        "Mail": shown(MailKey, MailDetails, but=("key", "reseller")),
    }


def page(summary: str, description: str, schema: str, name: str, row: Mapping[str, Any]) -> Described:
    """A list: in pages of JSON, or all of it as CSV or NDJSON."""
    columns = [column for column in row if column != "links"]
    shown = content(ref(schema), {name: [row], "next": None})
    shown |= content({"type": "string"}, ",".join(columns) + "\r\n", "text/csv")
    shown |= content({"type": "string"}, orjson.dumps({name: row[name] for name in columns}).decode() + "\n", NDJSON)
    return route(summary, description, answers("A page, or all of it", shown, *READING))


def one(summary: str, description: str, schema: str, example: Mapping[str, Any], *missing: str) -> Described:
    """A single thing, with its ETag."""
    good = answers(summary, content(ref(schema), example), *READING, *missing)
    return etags.told(route(summary, description, good))


_AT = "2026-06-01T12:00:00Z"
_CUSTOMER_ID, _ORDER_ID = "00000000-0000-7000-8000-0000000000ad", "0193f6a0-0000-7000-8000-0000000000c1"
_SERVICE_ID = "00000000-0000-7000-8000-00000000005e"
_DETAILS = {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "0121 496 0000", "reference": "A-1"}
_FOUND = {
    "id": _CUSTOMER_ID,
    **_DETAILS,
    "state": "active",
    "created_at": _AT,
    "links": {"self": f"/v1/customers/{_CUSTOMER_ID}"},
}
_RECORD = {
    **_FOUND,
    "version": 3,
    "address": {"lines": ["1 St James's Square"], "city": "London", "postcode": "SW1Y 4LB", "country": "GB"},
    "contacts": [{"kind": "supplier", "name": "Babbage & Co", "email": "desk@babbage.example"}],
    "order_id": _ORDER_ID,
}
CUSTOMERS = page("List customers", "Newest first.", "CustomerInListPage", "customers", _FOUND)
CUSTOMER = one("Show a customer", "All about it but its PIN.", "Customer", _RECORD, "no_such_customer")
CHANGE_CUSTOMER = route(
    "Change a customer",
    "What is left out stays; null empties. `If-Match` says which version it was made from: when somebody else changed"
    " the customer meanwhile, 412. The same change again changes nothing. Blocked customers can order nothing; a new"
    " `state` needs a `why`.",
    answers(
        "The customer", content(ref("Customer"), _RECORD), "unauthenticated", "scope_missing", "no_such_customer",
        "version_changed", "too_large", "wrong_kind", "invalid", "reference_taken", "version_required", "broken_behind",
        "try_again",
    ),
    content(ref("CustomerChange"), {"phone": "0121 496 0001", "reference": None}),
)  # fmt: skip
CHANGE_CUSTOMER["openapi_extra"]["parameters"] = [etags.SEEN]
_LISTED_SERVICE = {
    "id": _SERVICE_ID,
    "version": 3,
    "customer_id": _CUSTOMER_ID,
    "order_id": _ORDER_ID,
    "service_type": "voice-line",
    "price_list": "standard-gbp",
    "state": "active",
    "numbers": ["+441214960000"],
    "many_numbers": 1,
    "created_at": _AT,
    "links": {"self": f"/v1/services/{_SERVICE_ID}"},
}
SERVICES = page(
    "List services",
    "Newest first; with `number` in the order of the numbers. A page shows the first numbers of each service, an export"
    " all of them.",
    "ServiceInListPage",
    "services",
    _LISTED_SERVICE,
)
_ASSIGNED = {
    "e164": "+441214960000",
    "state": "assigned",
    "service_id": _SERVICE_ID,
    "service_state": "active",
    "service_type": "voice-line",
    "customer_id": _CUSTOMER_ID,
    "owner": None,
    "held_until": None,
    "grade": "gold",
    "pool": "public",
    "links": {"self": "/v1/numbers/+441214960000", "service": f"/v1/services/{_SERVICE_ID}"},
}
NUMBERS = page(
    "List numbers",
    "Yours, in their order: those in service, or with `state=held` those that drafts and baskets hold.",
    "NumberPage",
    "numbers",
    _ASSIGNED,
)
NUMBER = one("Show a number", "Which service has it, or what holds it.", "Number", _ASSIGNED, "no_such_number")
_SOLD = {
    "service_type": "voice-line",
    "version": 1,
    "name": "Voice line",
    "description": "A line.",
    "least_numbers": 1,
    "most_numbers": 10,
    "links": {"self": "/v1/catalogue/voice-line"},
}
_PRODUCT = {
    "service_type": "voice-line",
    "version": 1,
    "valid_from": "2026-01-01",
    "valid_to": None,
    "name": "Voice line",
    "description": "A line.",
    "included": ["Voicemail"],
    "settings_schema": {"type": "object", "properties": {"voicemail": {"type": "boolean"}}},
    "settings": [],
    "numbers": {"least": 0, "most": 10},
    "customers": {},
    "terms_version": "1",
    "terms_hash": "a" * 64,
}
CATALOGUE = page(
    "List service types",
    "What you may sell today, or `on` another day, by id.",
    "ServiceTypeInListPage",
    "service_types",
    _SOLD,
)
PRODUCT = one(
    "Show a service type",
    "As it is in force today, or `on` another day: the JSON Schema of its settings, its rules, the version and hash of"
    " its terms.",
    "Product",
    _PRODUCT,
    "no_such_service_type",
)
TERMS = one(
    "Show terms",
    "Those of a service type that are in force today, or `on` another day, with the hash that an agreement names.",
    "TermsInForce",
    {
        "service_type": "voice-line",
        "name": "Voice line",
        "version": "1",
        "language": "en-GB",
        "hash": "a" * 64,
        "text": "Pay.",
    },
    "no_such_service_type",
)
_LIST = {
    "price_list": "standard-gbp",
    "version": 1,
    "name": "Standard",
    "currency": "GBP",
    "tax_note": "",
    "valid_from": "2026-01-01",
    "ends": None,
    "service_types": ["voice-line"],
}
PRICE_LISTS = page(
    "List price lists",
    "Those by which you may buy today, or `on` another day, by id.",
    "PriceListInListPage",
    "price_lists",
    _LIST | {"links": {"self": "/v1/price-lists/standard-gbp"}},
)
PRICE_LIST = one(
    "Show a price list",
    "The version that is in force today, or `on` another day, with its prices: of a service type, and of its numbers by"
    " grade.",
    "PriceList",
    _LIST | {"prices": [{"service_type": "voice-line", "grade": None, "setup": "10.0000", "monthly": "5.0000"}]},
    "no_such_price_list",
)
_MAIL = {
    "order_id": _ORDER_ID,
    "recipient": "ada@example.com",
    "purpose": "service_created",
    "kind": "customer",
    "name": "Ada",
    "subject": "Your new services",
    "state": "sent",
    "tries": 1,
    "asked_at": _AT,
    "by": "",
    "customer_id": _CUSTOMER_ID,
    "links": {"self": f"/v1/mails/{_ORDER_ID}/service_created?to=ada%40example.com"},
}
_ABOUT = "`order_id`: the order that it is about; of `webhook_disabled`, the event that told of it."
MAILS = page("List mails", f"Newest first. {_ABOUT}", "MailInListPage", "mails", _MAIL)
MAIL = one(
    "Show a mail",
    "With its text and every try to deliver it.",
    "Mail",
    _MAIL
    | {
        "text": "Dear Ada",
        "html": "<p>Dear Ada</p>",
        "attachments": [],
        "deliveries": [{"at": _AT, "outcome": "sent", "reply": "250 ok"}],
        "again": [],
        "due": None,
    },
    "no_such_mail",
)
_MONEY = {"setup": {"amount": "10.0000", "currency": "GBP"}, "monthly": {"amount": "5.0000", "currency": "GBP"}}
QUOTE = {
    "id": "0193f6a0-0000-7000-8000-0000000000d1",
    "owner": {"kind": "customer", "id": _CUSTOMER_ID},
    "quoted_at": _AT,
    "locked_until": "2026-06-01T13:00:00Z",
    "state": "open",
    "used_by": None,
    "totals": [_MONEY],
}
QUOTES = page(
    "List quotes",
    "Newest first, without their lines.",
    "QuoteInListPage",
    "quotes",
    QUOTE | {"links": {"self": f"/v1/quotes/{QUOTE['id']}"}},
)
