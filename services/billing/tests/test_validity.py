"""Billing's part of the validity report says beforehand what the order would be refused for, by the same rules."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.v1.billing import BilledLine, BillingOpened, BillingRefused, OpenBilling
from patchbay_contracts.validity import Finding
from patchbay_contracts.words import HeldNumber

GOLD, PLAIN = "+441214960000", "+441214960135"


def checked(price_list: str = "house", service_type: str = "voice-line", **grades: str) -> dict[str, Any]:
    by_number = {{"gold": GOLD}.get(grade, PLAIN): grade for grade in grades.values()}
    given = {"service_type": service_type, "price_list": price_list}
    return given | {"numbers": list(by_number), "grades": by_number}


async def found(billing: httpx.AsyncClient, *lines: dict[str, Any], **other: Any) -> list[tuple[str, str, str]]:
    body = {"reseller": "acme", "held_by": str(uuid4()), "lines": lines} | other
    answer = await billing.post("/validity", json=body)
    assert answer.status_code == 200, answer.text
    findings = answer.json()["findings"]
    assert all(one["tab"] == "billing" for one in findings)
    assert unknown(map(Finding.model_validate, findings)) == []
    return [(one["code"], one["severity"], one["pointer"]) for one in findings]


async def quote(billing: httpx.AsyncClient, **numbers: int) -> str:
    line = {"service_type": "voice-line", "price_list": "house", "numbers": numbers}
    body = {"reseller": "acme", "owner": {"kind": "draft", "id": str(uuid4())}, "lines": [line]}
    return str((await billing.post("/quotes", json=body)).json()["id"])


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (checked(""), "no_price_list", "price_list"),
        (checked("gone"), "unknown_price_list", "price_list"),
        (checked("theirs"), "unknown_price_list", "price_list"),
        (checked("past"), "price_list_not_in_force", "price_list"),
        (checked("future"), "price_list_not_in_force", "price_list"),
        (checked(service_type="teleport"), "no_price", "price_list"),
        (checked(grade="platinum"), "no_price", "price_list"),
        (checked("<script>\0" * 100), "unknown_price_list", "price_list"),
    ],
)
async def test_a_line_without_a_price_is_an_error_at_its_field(
    billing: httpx.AsyncClient, line: dict[str, Any], code: str, field: str
) -> None:
    assert await found(billing, checked(), line) == [(f"billing.{code}", "error", f"/lines/1/{field}")]


async def test_an_order_for_later_is_judged_by_the_prices_of_its_day_and_what_is_left_of_its_quote_by_then(
    billing: httpx.AsyncClient,
) -> None:
    assert await found(billing, checked("future"), begins="2099-01-01") == []
    day = datetime.now(UTC) + timedelta(days=366)
    id_ = await quote(billing, gold=1)
    later = {"begins": day.date().isoformat(), "starts": day.isoformat(), "quote": id_}
    assert await found(billing, checked(grade="gold"), **later) == [("billing.quote_ended", "error", "/quote")]


async def test_a_line_that_has_a_price_is_nothing_to_speak_of(billing: httpx.AsyncClient) -> None:
    assert await found(billing, checked(first="gold", second="standard")) == []


async def test_two_currencies_are_a_warning(billing: httpx.AsyncClient) -> None:
    assert await found(billing, checked(), checked("euro")) == [
        ("billing.mixed_currencies", "warning", "/lines/1/price_list")
    ]


async def test_a_price_list_that_ends_soon_is_mentioned(billing: httpx.AsyncClient, db: Connection) -> None:
    await db.execute("UPDATE price_list SET valid_to = (now() AT TIME ZONE 'UTC')::date + 7 WHERE id = 'house'")
    assert await found(billing, checked()) == [("billing.price_list_ends_soon", "info", "/lines/0/price_list")]


async def test_a_quote_is_found_wanting_where_it_ended_differs_or_is_unknown(
    billing: httpx.AsyncClient, db: Connection
) -> None:
    id_ = await quote(billing, gold=1)
    assert await found(billing, checked(grade="gold"), quote=id_) == []
    assert await found(billing, checked(grade="standard"), quote=id_) == [("billing.quote_differs", "error", "/quote")]
    assert await found(billing, checked(), quote=str(uuid4())) == [("billing.unknown_quote", "error", "/quote")]
    await db.execute("UPDATE quote SET locked_until = now() + interval '29 minutes'")
    assert await found(billing, checked(), quote=id_) == [("billing.quote_ends_soon", "info", "/quote")]
    await db.execute("UPDATE quote SET locked_until = now()")
    assert await found(billing, checked(), quote=id_) == [("billing.quote_ended", "error", "/quote")]


async def test_an_account_may_be_limited_and_blocked_before_anything_is_ordered(
    billing: httpx.AsyncClient, deliver: Deliver
) -> None:
    customer = uuid4()
    change = {
        "resellers": ["acme"],
        "by": "operator:anna@acme.example",
        "why": "new here",
        "customer_id": str(customer),
    }
    limited = await billing.post("/accounts/limit", json=change | {"limit": {"amount": "8.00", "currency": "GBP"}})
    assert (limited.json()["state"], float(limited.json()["used"]["amount"])) == ("active", 0)
    assert (await billing.post("/accounts/block", json=change | {"resellers": ["borealis"]})).status_code == 404
    assert isinstance((await deliver(opening(customer, checked())))[0], BillingRefused)
    await billing.post("/accounts/limit", json=change)
    assert isinstance((await deliver(opening(customer, checked())))[0], BillingOpened)


async def test_a_blocked_account_and_spent_credit_are_errors_for_that_resellers_customer_alone(
    billing: httpx.AsyncClient, deliver: Deliver, db: Connection
) -> None:
    customer = uuid4()
    await deliver(opening(customer, checked()))
    change = {"resellers": ["acme"], "by": "operator:anna@acme.example", "why": "unpaid", "customer_id": str(customer)}
    limit = {"limit": {"amount": "17.00", "currency": "GBP"}}
    assert (await billing.post("/accounts/limit", json=change | limit)).json()["used"]["amount"] == "8.5000"
    asked = {"customer": {"id": str(customer)}}
    assert await found(billing, checked(), **asked) == []
    assert await found(billing, checked(), checked(), **asked) == [("billing.credit_exceeded", "error", "/customer/id")]
    blocked = (await billing.post("/accounts/block", json=change)).json()
    assert next((one["action"], one["why"]) for one in blocked["changes"]) == ("blocked", "unpaid")
    assert await found(billing, checked(), **asked) == [("billing.account_blocked", "error", "/customer/id")]
    assert await found(billing, checked(), **asked, reseller="borealis") == []
    foreign = await billing.post("/accounts/unblock", json=change | {"resellers": ["borealis"]})
    assert foreign.status_code == 404
    assert isinstance((await deliver(opening(customer, checked())))[0], BillingRefused)
    stale = await billing.post("/accounts/unblock", json=change | {"changed_at": "2026-01-01T00:00:00Z"})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/version_changed")
    change["changed_at"] = blocked["changes"][0]["at"]
    assert (await billing.post("/accounts/unblock", json=change)).json()["state"] == "active"
    assert isinstance((await deliver(opening(customer, checked())))[0], BillingOpened)


def opening(customer: UUID, line: dict[str, Any], quote: str | None = None) -> OpenBilling:
    numbers = tuple(HeldNumber.model_validate({"e164": n, "grade": g, "rule": "r"}) for n, g in line["grades"].items())
    billed = BilledLine(
        line=0, service_type=line["service_type"], price_list=line["price_list"], services=1, numbers=numbers
    )
    return OpenBilling(
        order_id=uuid4(), reseller="acme", customer_id=customer, lines=(billed,), quote=UUID(quote) if quote else None
    )


@pytest.mark.parametrize("price_list", ["house", "gone", "theirs", "past", "future", "euro"])
@pytest.mark.parametrize("service_type", ["voice-line", "teleport"])
@pytest.mark.parametrize("grade", ["gold", "platinum"])
@pytest.mark.parametrize("left", [None, timedelta(0), timedelta(hours=1)])
async def test_the_report_says_yes_where_the_order_is_opened_and_names_the_reason_where_not(
    billing: httpx.AsyncClient,
    deliver: Deliver,
    db: Connection,
    price_list: str,
    service_type: str,
    grade: str,
    left: timedelta | None,
) -> None:
    line = checked(price_list, service_type, grade=grade)
    id_ = await quote(billing, gold=1) if left is not None else None
    await db.execute("UPDATE quote SET locked_until = now() + $1::interval", left or timedelta(0))
    errors = [code for code, severity, _ in await found(billing, line, quote=id_) if severity == "error"]
    (answer,) = await deliver(opening(uuid4(), line, id_))
    if isinstance(answer, BillingRefused):
        assert f"billing.{answer.reason}" in errors
    else:
        assert errors == []


async def test_charges_of_a_customer_are_found_page_by_page_with_their_sums(
    billing: httpx.AsyncClient, deliver: Deliver
) -> None:
    customer = uuid4()
    await deliver(opening(customer, checked(grade="gold")))
    await deliver(opening(uuid4(), checked()))
    query: dict[str, Any] = {"resellers": ["acme"], "customer_id": str(customer), "count": 1}
    first = (await billing.post("/charges/search", json=query)).json()
    second = (await billing.post("/charges/search", json=query | {"after": first["next"]})).json()
    assert [c["grade"] for page in (first, second) for c in page["charges"]] == [None, "gold"]
    assert second["next"] is None
    assert [(c["price_list"], c["version"], c["state"]) for c in first["charges"]] == [("house", 1, "pending")]
    assert [(s["setup"]["amount"], s["monthly"]["amount"]) for s in first["to_come"]] == [("80.0000", "13.5000")]
    assert first["monthly"] == []
    theirs = (await billing.post("/charges/search", json=query | {"resellers": ["borealis"]})).json()
    assert theirs["charges"] == []
    assert (await billing.post("/charges/search", json=query | {"after": "a'b"})).status_code == 422
