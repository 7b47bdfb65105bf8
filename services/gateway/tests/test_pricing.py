"""Rows with prices: what billing says about the price list that the caller names, by grade and service type."""

import json
from typing import Any

import httpx
import pytest

from gateway_service import pricing

from .behind import FOUND, Behind, Service, breaks_off, price, prices, refuses, says
from .conftest import BOREALIS, Gateway

VOICE = {"service": ("5.00", "8.50"), "gold": ("75.00", "5.00"), "standard": ("0.00", "1.00")}
OWNER = {"kind": "basket", "id": "00000000-0000-7000-8000-00000000b001"}


async def search(gateway: Gateway, key: str | None = None, **query: Any) -> httpx.Response:
    headers = {"X-API-Key": key} if key else {}
    return await gateway.client.post("/v1/numbers/search", json=query, headers=headers)


async def rows(gateway: Gateway, **query: Any) -> list[dict[str, Any]]:
    answer = await search(gateway, **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["numbers"]
    return found


def costs(row: dict[str, Any]) -> tuple[Any, Any]:
    return row.get("setup"), row.get("monthly")


def both(setup: str, monthly: str) -> tuple[Any, Any]:
    return costs(price(setup, monthly))


async def test_a_row_costs_its_grade_and_what_belongs_to_the_service_type(behind: Behind, gateway: Gateway) -> None:
    behind.billing.answers = prices(voice_line=VOICE)
    gold, platinum = await rows(gateway, price_list="house", service_type="voice-line")
    assert costs(gold) == both("80.00", "13.50")
    assert costs(platinum) == (None, None)
    (call,) = behind.billing.asked
    assert (call.path, call.document) == (
        "/prices",
        {"reseller": "acme", "price_list": "house", "service_type": "voice-line"},
    )


async def test_without_a_service_type_a_row_costs_its_grade_alone(behind: Behind, gateway: Gateway) -> None:
    behind.billing.answers = prices(sip_trunk=VOICE | {"service": ("1", "1")}, voice_line=VOICE)
    gold, _ = await rows(gateway, price_list="house")
    assert costs(gold) == both("75.00", "5.00")


async def test_a_grade_that_costs_differently_by_service_type_has_no_price_without_one_and_a_note_says_why(
    behind: Behind, gateway: Gateway
) -> None:
    behind.billing.answers = prices(
        sip_trunk=VOICE | {"gold": ("60.00", "5.00"), "platinum": ("1.00", "1.00")}, voice_line=VOICE
    )
    answer = await search(gateway, price_list="house")
    assert answer.status_code == 200
    gold, platinum = answer.json()["numbers"]
    assert (costs(gold), costs(platinum)) == ((None, None), both("1.00", "1.00"))
    assert answer.json()["prices"] == {
        "grades": ["gold"],
        "message": "by 'house' gold numbers cost more for one service type than for another",
        "remedy": "name a service type",
    }
    named = await search(gateway, price_list="house", service_type="voice-line")
    assert "prices" not in named.json()


async def test_of_grades_that_no_row_has_nothing_is_said(behind: Behind, gateway: Gateway) -> None:
    behind.billing.answers = prices(sip_trunk=VOICE | {"standard": ("60.00", "5.00")}, voice_line=VOICE)
    answer = await search(gateway, price_list="house")
    assert costs(answer.json()["numbers"][0]) == both("75.00", "5.00")
    assert "prices" not in answer.json()


async def test_all_else_of_the_answer_stays_as_it_is(behind: Behind, gateway: Gateway) -> None:
    behind.billing.answers = prices(voice_line=VOICE)
    answer = (await search(gateway, price_list="house")).json()
    for row in answer["numbers"]:
        row.pop("setup", None)
        row.pop("monthly", None)
    assert answer == FOUND | {"total": 1}


@pytest.mark.parametrize(("field", "named"), [("price_list", "gone"), ("service_type", "teleport")])
async def test_a_price_list_that_billing_does_not_know_is_named_and_nothing_is_searched(
    behind: Behind, gateway: Gateway, field: str, named: str
) -> None:
    behind.billing.answers = refuses({"pointer": f"/{field}", "message": "there is none", "remedy": "choose another"})
    answer = await search(gateway, **({"price_list": "house"} | {field: named}))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert behind.searches() == [0, 0]


async def test_prices_are_remembered_for_a_moment_for_each_reseller_list_and_type(
    behind: Behind, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricing, "FRESH_FOR", 1_000.0)
    behind.billing.answers = prices(voice_line=VOICE)
    for _ in range(3):
        await rows(gateway, price_list="house")
    assert len(behind.billing.asked) == 1
    await search(gateway, price_list="house", service_type="voice-line")
    await search(gateway, price_list="other")
    await search(gateway, key=BOREALIS, price_list="house")
    asked = [call.document for call in behind.billing.asked[1:]]
    assert [(one["reseller"], one["price_list"], one["service_type"]) for one in asked] == [
        ("acme", "house", "voice-line"),
        ("acme", "other", None),
        ("borealis", "house", None),
    ]
    behind.billing.answers = prices(voice_line=VOICE | {"gold": ("99.00", "9.00")})
    assert costs((await rows(gateway, price_list="house"))[0]) == both("75.00", "5.00")
    monkeypatch.setattr(pricing, "FRESH_FOR", 0.0)
    assert costs((await rows(gateway, price_list="house"))[0]) == both("99.00", "9.00")


async def test_what_billing_refused_is_asked_again(behind: Behind, gateway: Gateway) -> None:
    behind.billing.answers = refuses({"pointer": "/price_list", "message": "none", "remedy": "another"})
    assert (await search(gateway, price_list="house")).status_code == 422
    behind.billing.answers = prices(voice_line=VOICE)
    assert (await search(gateway, price_list="house")).status_code == 200


async def _gone(billing: Service) -> None:
    await billing.go()


async def _cut_off(billing: Service) -> None:
    billing.answers = breaks_off


@pytest.mark.parametrize("trouble", [_gone, _cut_off])
async def test_without_billing_a_search_has_no_prices_and_says_so(
    behind: Behind, gateway: Gateway, trouble: Any
) -> None:
    await trouble(behind.billing)
    answer = await search(gateway, price_list="house")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "Leave price_list out" in answer.json()["detail"]
    assert (await search(gateway)).status_code == 200


async def test_what_is_offered_for_a_lost_number_has_its_price_too(behind: Behind, gateway: Gateway) -> None:
    behind.billing.answers = prices(voice_line=VOICE)
    taken = {"e164": "+441217377117", "reason": "taken"}
    lost = [taken | {"offer": FOUND["numbers"][0]}, taken | {"offer": None}]  # type: ignore[index]
    behind.numbers.answers = says({"owner": OWNER, "held": [], "lost": lost})
    query = {"owner": OWNER, "numbers": ["+441217377117"], "filter": {"price_list": "house"}}
    answer = await gateway.client.post(
        "/v1/numbers/holds", content=json.dumps(query), headers={"Content-Type": "a/json"}
    )
    assert [costs(one["offer"] or {}) for one in answer.json()["lost"]] == [both("75.00", "5.00"), (None, None)]


async def test_what_is_wrong_with_the_prices_of_a_hold_is_named_where_it_stands(
    behind: Behind, gateway: Gateway
) -> None:
    fault = {"pointer": "/service_type", "message": "there is none", "remedy": "choose another"}
    behind.billing.answers = refuses(fault)
    query = {"owner": OWNER, "numbers": ["+441217377117"], "filter": {"price_list": "house"}}
    answer = await gateway.client.post("/v1/numbers/holds", json=query)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/filter/service_type"]
    assert behind.numbers.asked == []
