"""Filters of the API's lists: what is asked of the owner, and what the gateway itself leaves out."""

import json
from typing import Any
from uuid import UUID

import pytest

from gateway_service import numbers_reading_http
from gateway_service.lists import says

from .behind import Behind
from .conftest import Gateway
from .documented import LINES
from .posted import line, ndjson, order
from .registry import ADA, NUMBER, SERVICE
from .shelves import HELD, Shelves
from .test_lists import ask, rows

AT = "2026-06-01T12:00:00Z"


@pytest.fixture(autouse=True)
def shelves(behind: Behind) -> Shelves:
    return Shelves(behind)


ASKED: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("/v1/mails", {"kind": "supplier", "purpose": "welcome"}, "/mails/search", {}),
    (
        "/v1/mails",
        {"created_from": AT, "created_before": AT},
        "/mails/search",
        {"asked_from": AT, "asked_before": AT},
    ),
    ("/v1/quotes", {"customer_id": str(ADA), "price_list": "acme-gbp"}, "/quotes/search", {}),
    ("/v1/quotes", {"order_id": str(ADA)}, "/quotes/search", {"used_by": str(ADA)}),
    (
        "/v1/quotes",
        {"created_from": AT, "created_before": AT},
        "/quotes/search",
        {"quoted_from": AT, "quoted_before": AT},
    ),
    ("/v1/numbers", {"service_id": str(SERVICE), "customer_id": str(ADA)}, "/numbers/search", {}),
    ("/v1/catalogue", {"on": "2027-01-01"}, "/catalogue/list", {}),
    ("/v1/catalogue/voice-line", {"on": "2027-01-01"}, "/catalogue/get", {}),
    ("/v1/catalogue/voice-line/terms", {"on": "2027-01-01"}, "/catalogue/terms", {}),
    ("/v1/price-lists", {"on": "2027-01-01", "service_type": "voice-line"}, "/price-lists/list", {}),
    ("/v1/price-lists/acme-gbp", {"on": "2027-01-01"}, "/price-lists/get", {}),
]


@pytest.mark.parametrize(("path", "query", "owner", "otherwise"), ASKED)
async def test_what_is_asked_for_is_what_the_owner_is_asked(
    gateway: Gateway, shelves: Shelves, path: str, query: dict[str, Any], owner: str, otherwise: dict[str, Any]
) -> None:
    await ask(gateway, path, **query)
    asked = shelves.asked[owner][-1]
    assert {name: asked[name] for name in otherwise or query} == (otherwise or query)


async def test_an_owner_of_the_release_before_is_asked_for_no_filter_that_nobody_gave(
    gateway: Gateway, shelves: Shelves
) -> None:
    new = {
        "/v1/mails": ("/mails/search", {"kind", "purpose", "asked_from", "asked_before"}),
        "/v1/quotes": ("/quotes/search", {"customer_id", "used_by", "price_list", "quoted_from", "quoted_before"}),
        "/v1/numbers": ("/numbers/search", {"service_id", "customer_id"}),
        "/v1/catalogue": ("/catalogue/list", {"on"}),
    }
    for path, (owner, names) in new.items():
        await ask(gateway, path)
        assert not names & shelves.asked[owner][-1].keys()


FOUND: list[tuple[str, dict[str, Any], list[str]]] = [
    ("/v1/catalogue", {"text": "sip"}, ["sip-trunk"]),
    ("/v1/catalogue", {"text": "SERV"}, ["sip-trunk", "voice-line"]),
    ("/v1/catalogue", {"text": "ervice"}, []),
    ("/v1/price-lists", {"text": "gbp acme"}, ["acme-gbp"]),
    ("/v1/price-lists", {"currency": "GBP"}, ["acme-gbp", "standard-gbp"]),
    ("/v1/price-lists", {"currency": "EUR"}, []),
    ("/v1/numbers", {"grade": "gold"}, ["+441214960006"]),
    ("/v1/numbers", {"grade": "standard", "pool": "public", "number": "+441214960001"}, ["+441214960001"]),
    ("/v1/numbers", {"pool": "reseller"}, []),
    ("/v1/numbers", {"state": "held", "grade": "gold"}, [f"+{HELD[1]}"]),
    ("/v1/numbers", {"state": "held", "customer_id": str(ADA)}, []),
]


@pytest.mark.parametrize(("path", "query", "found"), FOUND)
async def test_what_does_not_match_is_left_out(
    gateway: Gateway, path: str, query: dict[str, Any], found: list[str]
) -> None:
    assert [str(next(iter(row.values()))) for row in rows(await ask(gateway, path, **query))] == found


async def test_a_list_of_another_day_leads_to_what_is_in_force_then(gateway: Gateway) -> None:
    for path in ("/v1/catalogue", "/v1/price-lists"):
        row = rows(await ask(gateway, path, on="2027-01-01"))[0]
        assert row["links"]["self"].endswith("?on=2027-01-01")
        assert (await gateway.client.get(row["links"]["self"])).status_code == 200


async def test_pages_of_a_grade_make_up_all_of_it_though_some_have_fewer_rows(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway_service.lists.MOST", 2)
    monkeypatch.setattr(numbers_reading_http, "LOOKED_THROUGH", 2)
    pages, cursor = [await ask(gateway, "/v1/numbers", grade="standard", limit=1)], None
    while cursor := pages[-1]["next"]:
        pages.append(await ask(gateway, "/v1/numbers", grade="standard", limit=1, after=cursor))
    every = [row["e164"] for page in pages for row in rows(page)]
    assert every == [f"+44121496000{n}" for n in range(6)]
    golden = await ask(gateway, "/v1/numbers", grade="gold")
    assert (rows(golden), bool(golden["next"])) == ([], True)
    exported = await ask(gateway, "/v1/numbers", grade="gold", format="ndjson", fields="e164")
    assert exported == '{"e164":"+441214960006"}\n'


async def test_who_names_fields_without_grade_and_pool_does_not_wait_for_them(
    gateway: Gateway, shelves: Shelves
) -> None:
    await ask(gateway, "/v1/numbers", fields="e164,customer_id")
    assert "/numbers/get" not in shelves.asked
    assert rows(await ask(gateway, "/v1/numbers", fields="e164,grade", limit=1)) == [
        {"e164": "+441214960000", "grade": "standard"}
    ]


def test_a_text_says_how_words_begin_in_any_order() -> None:
    assert says("", "Voice line")
    assert says("line VOI", "Voice line", UUID(int=0).hex)
    assert says("ÄPF", "äpfel-und-birnen")
    assert not says("line trunk", "Voice line", "SIP")


async def test_orders_are_found_by_how_a_number_begins_however_many_have_one(
    gateway: Gateway, shelves: Shelves
) -> None:
    sent = ndjson(*(order(reference=f"PO-{n}") for n in range(450)))
    answer = await gateway.client.post("/v1/orders/bulk", content=sent, headers=LINES)
    made = shelves.orders = sorted((UUID(json.loads(one)["id"]) for one in answer.text.splitlines()), reverse=True)
    asked_for = order(lines=[line(numbers={"exact": [NUMBER]})])
    under_way = (await gateway.client.post("/v1/orders", json=asked_for)).json()["id"]
    found, query = list[str](), dict[str, Any](number="0121 496", limit="150")
    while True:
        page = await ask(gateway, "/v1/orders", **query)
        found += [one["id"] for one in rows(page)]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert found == [under_way, *(str(id_) for id_ in made)]
    assert (await ask(gateway, "/v1/orders", number="0121", format="csv", fields="id")).split() == ["id", *found]
    oldest = await ask(gateway, "/v1/orders", number="0121", reference="PO-0")
    assert [one["id"] for one in rows(oldest)] == [str(made[-1])]
