"""Price lists are looked after by programs as by the billing role: drafted, compared, published."""

from typing import Any

import pytest

from .administered import TODAY, PriceLists
from .behind import Behind
from .conftest import Gateway
from .test_service_types import NEW, SEEN, keeper

Body = dict[str, Any]
PRICES = [{"service_type": "voice-line", "grade": None, "setup": "6", "monthly": "9"}]
DRAFT: Body = {"why": "the yearly increase", "name": "Of next year", "currency": "GBP", "prices": PRICES}
ACME, HOUSE = "/v1/prices/acme-gbp", "/v1/prices/standard-gbp"
PUBLISH = {"why": "agreed", "valid_from": str(TODAY)}


@pytest.fixture
def price_lists(behind: Behind) -> PriceLists:
    return PriceLists(behind)


async def test_a_list_is_drafted_compared_and_published(price_lists: PriceLists, gateway: Gateway) -> None:
    acme = await keeper(gateway)
    saved = await acme.put(f"{ACME}/draft", json=DRAFT, headers=NEW)
    assert (saved.status_code, saved.headers["etag"], saved.json()["stands"]) == (200, '"1"', "draft")
    assert (saved.json()["reseller"], saved.json()["changed_by"]) == ("acme", "key:keeper")
    assert (await acme.get(f"{ACME}/versions/2/diff", params={"before": 1})).json()["same"] == 1
    assert (await acme.get(f"{ACME}/affected")).json()["customers"] == 2
    published = await acme.post(f"{ACME}/versions/2/publish", json=PUBLISH, headers=SEEN)
    assert (published.status_code, published.json()["state"]) == (200, "published")
    versions = (await acme.get(ACME)).json()
    assert (versions["may_change"], [one["state"] for one in versions["versions"]]) == (True, ["published"] * 2)
    assert price_lists.newest("acme-gbp").why == "agreed"


async def test_billing_is_asked_for_the_callers_reseller_alone(price_lists: PriceLists, gateway: Gateway) -> None:
    acme = await keeper(gateway)
    await acme.get("/v1/prices")
    assert price_lists.scopes == [("acme",)]
    await acme.put(f"{ACME}/draft", json=DRAFT, headers=NEW)
    assert (price_lists.scopes[-1], price_lists.newest("acme-gbp").reseller) == (("acme",), "acme")
    house = await keeper(gateway, "acme", "house")
    await house.put(f"{HOUSE}/draft", json=DRAFT, headers=NEW)
    assert (price_lists.scopes[-1], price_lists.newest("standard-gbp").reseller) == (None, None)


async def test_of_the_houses_lists_it_is_not_told_who_changed_them(price_lists: PriceLists, gateway: Gateway) -> None:
    house = await keeper(gateway, "acme", "house")
    secret = DRAFT | {"why": "we earn too little"}
    assert (await house.put(f"{HOUSE}/draft", json=secret, headers=NEW)).json()["why"] == "we earn too little"
    await house.post(f"{HOUSE}/versions/2/publish", json=PUBLISH | {"why": "we earn too little"}, headers=SEEN)
    acme = await keeper(gateway)
    for path in (HOUSE, f"{HOUSE}/versions/2", f"{HOUSE}/versions/2/diff?before=1"):
        answer = await acme.get(path)
        assert answer.status_code == 200
        assert "too little" not in answer.text
        assert "key:keeper" not in answer.text


async def test_two_who_change_the_same_list_do_not_overwrite_each_other(
    price_lists: PriceLists, gateway: Gateway
) -> None:
    acme = await keeper(gateway)
    assert (await acme.put(f"{ACME}/draft", json=DRAFT)).status_code == 428
    await acme.put(f"{ACME}/draft", json=DRAFT, headers=NEW)
    price_lists.someone_else_saves("acme-gbp")
    for answer in (
        await acme.put(f"{ACME}/draft", json=DRAFT, headers=SEEN),
        await acme.post(f"{ACME}/versions/2/publish", json=PUBLISH, headers=SEEN),
    ):
        assert (answer.status_code, answer.headers["etag"]) == (412, '"2"')
    fresh = await acme.put("/v1/prices/new-gbp/draft", json=DRAFT, headers=SEEN)
    assert (fresh.status_code, fresh.headers["etag"]) == (412, '"0"')


async def test_what_is_wrong_with_prices_is_said_with_its_place(price_lists: PriceLists, gateway: Gateway) -> None:
    acme = await keeper(gateway)
    for prices, place in (
        ([PRICES[0] | {"setup": "-1"}], "/prices/0/setup"),
        ([PRICES[0] | {"grade": "golden"}], "/prices/0/grade"),
        (PRICES * 2, f"/prices/{len(PRICES)}"),
    ):
        refused = await acme.put(f"{ACME}/draft", json=DRAFT | {"prices": prices}, headers=NEW)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, place)
    await acme.put(f"{ACME}/draft", json=DRAFT, headers=NEW)
    backwards = PUBLISH | {"valid_to": "2020-01-01"}
    assert (await acme.post(f"{ACME}/versions/2/publish", json=backwards, headers=SEEN)).status_code == 422


async def test_lists_are_found_by_how_they_stand_and_what_they_are(price_lists: PriceLists, gateway: Gateway) -> None:
    acme = await keeper(gateway)
    await acme.put("/v1/prices/new-gbp/draft", json=DRAFT, headers=NEW)
    for query, found in (
        ({"state": "draft"}, ["new-gbp"]),
        ({"text": "YEAR", "currency": "GBP"}, ["new-gbp"]),
        ({"text": "year", "currency": "EUR"}, []),
        ({"text": "acme", "state": "in_force"}, ["acme-gbp"]),
        ({"text": "new", "service_type": "sip-trunk"}, []),
    ):
        answer = await acme.get("/v1/prices", params=query)
        assert [one["price_list"] for one in answer.json()["price_lists"]] == found, query
