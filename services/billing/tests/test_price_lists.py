"""Versions of price lists: drafts, publishing, what is in force when, what differs, who may do what."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from billing_service import list_queries
from billing_service.http import app
from billing_service.settings import settings
from patchbay_chassis import fresh
from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns

from .conftest import add_prices

HOUSE: dict[str, Any] = {"resellers": None, "by": "operator:anna@patchbay.example", "why": "the yearly increase"}
ACME: dict[str, Any] = HOUSE | {"resellers": ["acme"], "by": "operator:bo@acme.example"}


@pytest_asyncio.fixture
async def billing(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    fresh.forget_all()
    async with database.transaction() as db:
        await add_prices(db)
    api = app(Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://billing") as client:
        yield client


def price(setup: str, monthly: str, grade: str | None = None, of: str = "voice-line") -> dict[str, Any]:
    return {"service_type": of, "grade": grade, "setup": setup, "monthly": monthly}


def drafting(id_: str = "house", who: dict[str, Any] = HOUSE, **other: Any) -> dict[str, Any]:
    given = {"price_list": id_, "name": "House", "currency": "GBP", "tax_note": "plus 20 % VAT"}
    return who | given | {"prices": [price("6.00", "9.00"), price("75.00", "5.00", "gold")]} | other


async def asked(billing: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await billing.post(f"/price-lists/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def refused(billing: httpx.AsyncClient, path: str, body: dict[str, Any]) -> tuple[int, str, str]:
    answer = await billing.post(f"/price-lists/{path}", json=body)
    fault = answer.json()["errors"][0]
    assert fault["remedy"]
    return answer.status_code, fault["pointer"], fault["message"]


def today() -> date:
    return datetime.now(UTC).date()


def publishing(version: int = 2, days: int = 0, who: dict[str, Any] = HOUSE, **other: Any) -> dict[str, Any]:
    begins = str(today() + timedelta(days=days))
    return who | {"price_list": "house", "version": version, "revision": 1, "valid_from": begins} | other


async def in_force(billing: httpx.AsyncClient, on: date | None = None) -> int:
    body = {"resellers": ["acme"], "price_list": "house", "on": str(on or today())}
    return int((await asked(billing, "get", body))["version"])


async def test_what_was_there_is_version_one_and_in_force(billing: httpx.AsyncClient) -> None:
    found = await asked(billing, "get", {"resellers": ["acme"], "price_list": "house"})
    assert (found["version"], found["state"], found["stands"]) == (1, "published", "in_force")
    assert [(p["grade"], p["monthly"]) for p in found["prices"]] == [
        (None, "8.5000"),
        ("gold", "5.0000"),
        ("standard", "1.1000"),
    ]


async def test_a_draft_changes_nothing_until_it_is_published(billing: httpx.AsyncClient) -> None:
    draft = await asked(billing, "draft", drafting())
    assert (draft["version"], draft["revision"], draft["stands"]) == (2, 1, "draft")
    assert await in_force(billing) == 1
    await asked(billing, "publish", publishing())
    assert await in_force(billing) == 2
    prices = await billing.post("/prices", json={"reseller": "acme", "price_list": "house"})
    assert prices.json()["services"][0]["service"]["monthly"]["amount"] == "9.0000"


async def test_a_dry_run_of_a_draft_says_what_it_would_be_or_why_not_and_saves_nothing(
    billing: httpx.AsyncClient,
) -> None:
    would = await asked(billing, "draft", drafting(dry_run=True))
    assert (would["version"], would["revision"], would["stands"], len(would["prices"])) == (2, 1, "draft", 2)
    assert (await refused(billing, "draft", drafting(dry_run=True, currency="EUR")))[:2] == (422, "/currency")
    assert (await refused(billing, "draft", drafting(dry_run=True, revision=1)))[:2] == (409, "/revision")
    assert len((await asked(billing, "versions", {"resellers": ["acme"], "price_list": "house"}))["versions"]) == 1


async def test_a_coming_version_begins_on_its_day_and_ends_the_one_before(billing: httpx.AsyncClient) -> None:
    await asked(billing, "draft", drafting())
    await asked(billing, "publish", publishing(days=10))
    begins = today() + timedelta(days=10)
    assert [await in_force(billing, begins - timedelta(days=1)), await in_force(billing, begins)] == [1, 2]
    newest, oldest = (await asked(billing, "versions", {"resellers": ["acme"], "price_list": "house"}))["versions"]
    assert (newest["stands"], oldest["stands"]) == ("coming", "in_force")
    assert oldest["ends"] == str(begins - timedelta(days=1))
    assert oldest["valid_to"] is None
    assert (newest["changed_by"], newest["why"]) == (HOUSE["by"], HOUSE["why"])


async def test_a_stale_draft_overwrites_nothing(billing: httpx.AsyncClient) -> None:
    await asked(billing, "draft", drafting())
    await asked(billing, "draft", drafting(revision=1, name="Anna's"))
    late = drafting(revision=1, name="Bo's") | {"by": "operator:bo@patchbay.example"}
    status, pointer, message = await refused(billing, "draft", late)
    assert (status, pointer) == (409, "/revision")
    assert "changed meanwhile by operator:anna@patchbay.example" in message
    found = await asked(billing, "get", {"resellers": None, "price_list": "house", "version": 2})
    assert (found["name"], found["revision"]) == ("Anna's", 2)


async def test_the_same_draft_sent_again_is_written_once(billing: httpx.AsyncClient) -> None:
    first = await asked(billing, "draft", drafting())
    assert await asked(billing, "draft", drafting()) == first


async def test_publishing_twice_publishes_once_and_otherwise_is_refused(
    billing: httpx.AsyncClient, database: Database
) -> None:
    await asked(billing, "draft", drafting())
    first = await asked(billing, "publish", publishing())
    assert await asked(billing, "publish", publishing()) == first
    status, _, message = await refused(billing, "publish", publishing(days=3))
    assert (status, message) == (409, "it is published, and is never changed again")
    status, *_ = await refused(billing, "draft", drafting(revision=1))
    assert status == 409
    async with database.connection() as db:
        done = [row.action for row in await db.fetch("SELECT action FROM audit ORDER BY id")]
    assert done == ["drafted version 2", f"published version 2 from {today()} to further notice"]


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"days": -1}, 422, "/valid_from"),
        ({"revision": 7}, 409, "/revision"),
        ({"version": 9}, 404, "/version"),
        ({"who": ACME}, 404, "/version"),
    ],
)
async def test_what_cannot_be_published_is_refused(
    billing: httpx.AsyncClient, changes: dict[str, Any], status: int, pointer: str
) -> None:
    await asked(billing, "draft", drafting())
    assert (await refused(billing, "publish", publishing(**changes)))[:2] == (status, pointer)


async def test_a_list_without_prices_is_not_published(billing: httpx.AsyncClient) -> None:
    await asked(billing, "draft", drafting(prices=[]))
    assert (await refused(billing, "publish", publishing()))[2] == "it has no prices"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (drafting(who=ACME), 403, "/price_list"),
        (drafting("theirs", ACME, reseller="acme"), 409, "/price_list"),
        (drafting("new", ACME), 403, "/reseller"),
        (drafting("new", ACME, reseller="borealis"), 403, "/reseller"),
        (drafting("theirs", HOUSE, reseller="acme"), 422, "/reseller"),
        (drafting(currency="EUR"), 422, "/currency"),
        (drafting(revision=3), 409, "/revision"),
        (drafting(prices=[price("1", "1"), price("2", "2")]), 422, "/prices/1"),
        (drafting(prices=[price("1", "1", "gold")]), 422, "/prices/0"),
        (drafting(prices=[price("-0.01", "1")]), 422, "/prices/0/setup"),
        (drafting(prices=[price("0.00001", "1")]), 422, "/prices/0/setup"),
        (drafting(prices=[price("NaN", "1")]), 422, "/prices/0/setup"),
        (drafting(prices=[price("1e30", "1")]), 422, "/prices/0/setup"),
        (drafting(prices=[price("1", "1", of="'; DROP TABLE price")]), 422, "/prices/0/service_type"),
        (drafting(tax_note="a\0b"), 422, "/tax_note"),
        (drafting(name="x" * 201), 422, "/name"),
    ],
)
async def test_a_draft_that_is_not_the_callers_or_makes_no_sense_is_refused(
    billing: httpx.AsyncClient, body: dict[str, Any], status: int, pointer: str
) -> None:
    assert (await refused(billing, "draft", body))[:2] == (status, pointer)


async def test_a_reseller_looks_after_its_own_list_and_sees_nobody_elses(billing: httpx.AsyncClient) -> None:
    await asked(billing, "draft", drafting("ours", ACME, reseller="acme"))
    await asked(billing, "publish", publishing(1, who=ACME) | {"price_list": "ours"})
    seen = await asked(billing, "list", {"resellers": ["acme"]})
    assert [one["price_list"] for one in seen["versions"]] == ["euro", "house", "ours"]
    theirs = await asked(billing, "list", {"resellers": ["borealis"]})
    assert [one["price_list"] for one in theirs["versions"]] == ["euro", "house", "theirs"]
    body = {"resellers": ["borealis"], "price_list": "ours"}
    for path in ("get", "versions", "affected"):
        assert (await refused(billing, path, body))[0] == 404
    ref = {"price_list": "ours"}
    assert (await refused(billing, "diff", {"resellers": ["borealis"], "before": ref, "after": ref}))[0] == 404


async def test_the_drop_down_has_what_is_in_force_and_prices_the_service_type(billing: httpx.AsyncClient) -> None:
    await asked(billing, "draft", drafting("trunks", prices=[price("1", "1", of="sip-trunk")]))
    await asked(billing, "publish", publishing(1) | {"price_list": "trunks"})
    found = await asked(billing, "list", {"resellers": ["acme"], "service_type": "sip-trunk"})
    assert [(one["price_list"], one["service_types"]) for one in found["versions"]] == [("trunks", ["sip-trunk"])]
    all_ = await asked(billing, "list", {"resellers": ["acme"], "all": True})
    assert {one["price_list"]: one["stands"] for one in all_["versions"]} == {
        "euro": "in_force",
        "future": "coming",
        "house": "in_force",
        "past": "ended",
        "trunks": "in_force",
    }


async def test_two_versions_are_compared_price_by_price(billing: httpx.AsyncClient) -> None:
    await asked(
        billing, "draft", drafting(prices=[price("5", "9.0001"), price("75", "5", "gold"), price("1", "2", "bronze")])
    )
    before, after = ({"price_list": "house", "version": version} for version in (1, 2))
    found = await asked(billing, "diff", {"resellers": None, "before": before, "after": after})
    assert [
        (c["grade"], c["change"], c["difference"] and c["difference"]["monthly"]["amount"]) for c in found["changes"]
    ] == [
        (None, "changed", "0.5001"),
        ("bronze", "added", None),
        ("standard", "removed", None),
    ]
    assert found["same"] == 1


async def test_whose_charges_are_by_a_list_is_counted_reseller_by_reseller(
    billing: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as db:
        for reseller, grade, quantity, state in (
            ("acme", "", 3, "active"),
            ("acme", "gold", 2, "active"),
            ("borealis", "", 1, "pending"),
            ("borealis", "", 9, "void"),
        ):
            await db.execute(
                """INSERT INTO charge VALUES ($1, 0, 0, $2, $3, 'voice-line', $4, '{}', $5, 5, 8.5, 'GBP', $6, NULL,
                'house', 1)""",
                uuid4(), reseller, uuid4(), grade, quantity, state,
            )  # fmt: skip
    found = await asked(billing, "affected", {"resellers": None, "price_list": "house"})
    assert (found["customers"], found["services"], found["numbers"]) == (3, 4, 2)
    assert [(one["reseller"], one["monthly"][0]["amount"]) for one in found["resellers"]] == [
        ("acme", "42.5000"),
        ("borealis", "8.5000"),
    ]
    async with database.transaction() as db:
        await db.execute(
            """
            INSERT INTO charge (order_id, position, line, reseller, customer_id, service_id, service_type, grade,
                                numbers, quantity, setup, monthly, currency, state, starts_at, price_list, version)
            SELECT $1, at, 0, reseller, customer_id, $1, service_type, grade, '{}', -quantity, 0, monthly,
                   currency, CASE reseller WHEN 'acme' THEN 'active' ELSE 'pending' END, CASE grade WHEN 'gold' THEN
                   now() + interval '1 day' ELSE now() END, price_list, version
            FROM (SELECT row_number() OVER () AS at, * FROM charge WHERE state <> 'void') c""",
            uuid4(),
        )  # fmt: skip
    left = await asked(billing, "affected", {"resellers": None, "price_list": "house"})
    assert [(one["reseller"], one["services"], one["numbers"]) for one in left["resellers"]] == [
        ("acme", 0, 2),  # until tomorrow; its services have ended
        ("borealis", 1, 0),  # what would end it is pending
    ]
    mine = await asked(billing, "affected", {"resellers": ["acme"], "price_list": "house", "version": 1})
    assert [one["reseller"] for one in mine["resellers"]] == ["acme"]
    assert (mine["checked"], "more" in mine) == (left["checked"], False)
    monkeypatch.setattr(list_queries, "LOOKED_THROUGH", 1)
    newest = await asked(billing, "affected", {"resellers": None, "price_list": "house"})
    assert (newest["checked"], newest["more"]) == (1, True)
