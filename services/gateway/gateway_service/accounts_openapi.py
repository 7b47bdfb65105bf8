"""What is asked about billing accounts of customers, and what OpenAPI says about it."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from gateway_service import etags
from gateway_service.describing import Described, answers, content, object_of, ref, route
from gateway_service.reading_openapi import one
from patchbay_contracts.accounts import AccountChange
from patchbay_contracts.catalogue import Written
from patchbay_contracts.words import Currency, Money, Text

LimitAmount = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]


class AccountLimit(Written):
    """What a customer's charges may come to a month, in that currency."""

    amount: LimitAmount
    currency: Currency


class LimitAccount(Written):
    """The limit, null for none, and why."""

    limit: AccountLimit | None
    why: Text


class BlockAccount(Written):
    """Why it is blocked, or is not any more."""

    why: Text


MODELS: tuple[type[BaseModel], ...] = (LimitAccount, BlockAccount, AccountChange, Money)
_ID, _AT = "00000000-0000-7000-8000-0000000000ad", "2026-06-01T12:00:00Z"
_WHY: dict[str, Any] = {"why": "ticket 4711"}
_LIMIT = {"amount": "500.0000", "currency": "GBP"}
_ACCOUNT: dict[str, Any] = {
    "customer_id": _ID,
    "state": "active",
    "opened_at": _AT,
    "limit": _LIMIT,
    "used": {"amount": "85.0000", "currency": "GBP"},
    "changes": [{"at": _AT, "by": "key:Billing run", "action": "limited to 500 GBP a month", **_WHY}],
    "links": {"self": f"/v1/customers/{_ID}/account", "customer": f"/v1/customers/{_ID}"},
}
FIELDS = tuple(_ACCOUNT)
_TEXT = {"type": "string"}
_MONEY = {"anyOf": [ref("Money"), {"type": "null"}]}
SCHEMAS = {
    "CustomerAccount": object_of(
        customer_id=_TEXT | {"format": "uuid"},
        state={"enum": ["active", "blocked"]},
        opened_at=_TEXT | {"format": "date-time"},
        limit=_MONEY,
        used=_MONEY | {"description": "what its charges come to a month at most, now or later; null without a limit"},
        changes={"type": "array", "items": ref("AccountChange"), "description": "the newest first, a hundred of them"},
        links=object_of(self=_TEXT, customer=_TEXT),
    )
}


def _changing(summary: str, description: str, model: type[BaseModel], example: Any, account: Any) -> Described:
    return route(
        summary,
        f"{description} Needs a key with the scope `prices`. The same again changes nothing. `If-Match`, where it is"
        " given, is the ETag with which the account was read: 412 if it was limited, blocked or unblocked since,"
        " whatever is charged meanwhile.",
        answers(
            "The account", content(ref("CustomerAccount"), _ACCOUNT | account),
            "unauthenticated", "scope_missing", "no_such_customer", "no_such_account", "version_changed", "too_large",
            "wrong_kind", "invalid", "broken_behind", "try_again",
        ),
        content(ref(model.__name__), example),
        [etags.SEEN_IF_GIVEN],
    )  # fmt: skip


ACCOUNT = one(
    "Show a customer's account",
    "Whether it is blocked, its limit, what is used of that, and who changed it. It is opened by the customer's first"
    " order, or by who blocks or limits it before: until then `no_such_account`.",
    "CustomerAccount", _ACCOUNT, "no_such_customer", "no_such_account",
)  # fmt: skip
LIMIT = _changing(
    "Limit a customer's account",
    "What its charges may come to a month, in that currency; those in others do not count. null lifts the limit. Orders"
    " and changes that go beyond it are refused (`credit_exceeded`); what is charged already stays.",
    LimitAccount, {"limit": _LIMIT, **_WHY}, {},
)  # fmt: skip
BLOCK = _changing(
    "Block a customer's account",
    "The customer can order nothing then, and add no numbers (`account_blocked`); its services go on, and are charged.",
    BlockAccount, _WHY, {"state": "blocked", "changes": [_ACCOUNT["changes"][0] | {"action": "blocked"}]},
)  # fmt: skip
UNBLOCK = _changing(
    "Unblock a customer's account",
    "The customer can order again.",
    BlockAccount, _WHY, {"changes": [_ACCOUNT["changes"][0] | {"action": "unblocked"}]},
)  # fmt: skip
