"""Lists of the API: pages that follow each other, exactly the fields that are wanted, and all of it as a stream."""

import csv
import io
import json
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway_service import exporting, handlers
from gateway_service.exporting import lines
from patchbay_contracts.v1.orders import OrderCompleted

from .behind import Behind
from .conftest import BOREALIS, NUMBERS_ONLY, Gateway
from .posted import CUSTOMER, ndjson, order
from .registry import ADA, SERVICE
from .shelves import Shelves

LISTS = {
    "orders": "/v1/orders",
    "customers": "/v1/customers",
    "services": "/v1/services",
    "numbers": "/v1/numbers",
    "held": "/v1/numbers?state=held",
    "service_types": "/v1/catalogue",
    "price_lists": "/v1/price-lists",
    "quotes": "/v1/quotes",
    "mails": "/v1/mails",
}


@pytest.fixture
def shelves(behind: Behind) -> Shelves:
    found = Shelves(behind)
    found.many = 3
    return found


@pytest.fixture
async def house(shelves: Shelves, gateway: Gateway) -> Gateway:
    """Three orders, and what the owners have."""
    await fill(gateway, 3)
    return gateway


async def fill(gateway: Gateway, many: int) -> None:
    content = ndjson(*(order(reference=f"=PO-{n}") for n in range(many)))
    await gateway.client.post("/v1/orders/bulk", content=content, headers={"Content-Type": "application/x-ndjson"})


async def ask(gateway: Gateway, path: str, /, status: int = 200, headers: Any = None, **query: Any) -> Any:
    answer = await gateway.client.get(path, params=dict(_given(path)) | query, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json() if "json" in answer.headers["content-type"].replace("ndjson", "") else answer.text


def _given(path: str) -> Iterator[tuple[str, str]]:
    for one in path.partition("?")[2].split("&"):
        name, _, value = one.partition("=")
        if name:
            yield name, value


def rows(page: dict[str, Any]) -> list[dict[str, Any]]:
    (found,) = (value for name, value in page.items() if name != "next")
    return list(found)


async def test_pages_follow_each_other_and_make_up_the_whole(house: Gateway) -> None:
    for path in LISTS.values():
        whole, cursor, seen = rows(await ask(house, path)), None, list[Any]()
        assert whole
        while True:
            page = await ask(house, path, limit=1, **({"after": cursor} if cursor else {}))
            seen += rows(page)
            if (cursor := page["next"]) is None:
                break
            await fill(house, 1)  # what comes in meanwhile stands before what was seen
        assert seen[: len(whole)] == whole


async def test_exactly_the_fields_that_are_named_are_shown_and_unknown_ones_are_refused(house: Gateway) -> None:
    for path in LISTS.values():
        first = rows(await ask(house, path))[0]
        some = list(first)[1:3]
        assert list(rows(await ask(house, path, fields=", ".join(some)))[0]) == some
        refused = await ask(house, path, 422, fields=f"{some[0]},colour,links.self")
        assert [(one["parameter"], one["message"]) for one in refused["errors"]] == [
            ("fields", "there is no field 'colour'"),
            ("fields", "there is no field 'links.self'"),
        ]


async def test_a_parameter_that_there_is_not_is_refused_by_its_name(house: Gateway) -> None:
    for path in LISTS.values():
        (fault,) = (await ask(house, path, 422, colour="red"))["errors"]
        assert (fault["parameter"], fault["message"]) == ("colour", "there is no such parameter")
        assert "fields" in fault["remedy"]


async def test_an_export_has_what_the_pages_have_and_no_formula(house: Gateway) -> None:
    for path in LISTS.values():
        shown = [{k: v for k, v in row.items() if k != "links"} for row in rows(await ask(house, path))]
        streamed = await ask(house, path, format="ndjson")
        assert [json.loads(line).keys() for line in streamed.splitlines()] == [row.keys() for row in shown]
        head, *cells = csv.reader(io.StringIO(await ask(house, path, headers={"Accept": "text/csv"})))
        assert head == list(shown[0])
        assert len(cells) == len(shown)
        assert not [cell for row in cells for cell in row if cell.startswith(("=", "+", "-", "@"))]
        (fault,) = (await ask(house, path, 422, format="csv", limit=2))["errors"]
        assert fault["parameter"] == "limit"


async def test_another_reseller_sees_nothing_of_it(house: Gateway) -> None:
    for name, path in LISTS.items():
        theirs = rows(await ask(house, path, headers={"X-API-Key": BOREALIS}))
        ours = {json.dumps(row) for row in rows(await ask(house, path)) if name != "service_types"}
        shared = {"standard-gbp"} if name == "price_lists" else set[str]()
        assert not [row for row in theirs if json.dumps(row) in ours and row.get("price_list") not in shared]


async def test_a_cursor_that_is_none_is_refused_as_a_parameter(house: Gateway, shelves: Shelves) -> None:
    faults = {"detail": "", "errors": [{"pointer": "/after", "message": "no cursor", "remedy": "take it from next"}]}
    for owner in ("/customers/search", "/services/search", "/mails/search"):
        shelves.refusals[owner] = (422, faults)
    for path in (path for name, path in LISTS.items() if name not in {"price_lists", "service_types"}):
        (fault,) = (await ask(house, path, 422, after="nonsense"))["errors"]
        assert fault["parameter"] == "after", path
        assert "pointer" not in fault, path


async def test_orders_are_found_by_state_reference_customer_and_time(house: Gateway) -> None:
    (row,) = rows(await ask(house, "/v1/orders", reference="=PO-1"))
    event = OrderCompleted(order_id=UUID(row["id"]), reseller="acme", customer_id=UUID(CUSTOMER))
    async with house.database.transaction() as db:
        await handlers.router.routes[OrderCompleted].handler([event], db)
    at = datetime.fromisoformat(row["accepted_at"])
    found: tuple[dict[str, Any], ...] = (
        {"state": "completed"},
        {"state": "completed", "customer_id": CUSTOMER},
        {"reference": "=PO-1", "created_from": at.isoformat()},
        {"reference": "=PO-1", "created_before": (at + timedelta(seconds=1)).isoformat()},
    )
    for query in found:
        assert [one["id"] for one in rows(await ask(house, "/v1/orders", **query))] == [row["id"]], query
    missed: tuple[dict[str, Any], ...] = (
        {"customer_id": str(ADA)},
        {"reference": "PO-1"},
        {"state": "completed", "created_from": (at + timedelta(seconds=1)).isoformat()},
        {"state": "completed", "created_before": at.isoformat()},
    )
    for query in missed:
        assert rows(await ask(house, "/v1/orders", **query)) == [], query


WRONG = [
    ("/v1/orders", {"created_from": "2026-06-01"}),
    ("/v1/orders", {"created_from": "2026-06-01T00:00:00"}),
    ("/v1/orders", {"created_before": "0001-01-01T00:00:00+14:00"}),
    ("/v1/customers", {"created_before": "9999-12-31T23:59:59-14:00"}),
    ("/v1/orders", {"reference": " "}),
    ("/v1/orders", {"customer_id": "1"}),
    ("/v1/services", {"state": "lost"}),
    ("/v1/services", {"number": "0121x"}),
    ("/v1/services", {"service_type": "A B"}),
    ("/v1/numbers", {"state": "free"}),
    ("/v1/customers", {"text": "a\0"}),
    ("/v1/mails", {"recipient": "nobody"}),
    ("/v1/orders", {"format": "xml"}),
]


async def test_a_filter_that_cannot_be_meant_is_refused_by_its_name(house: Gateway) -> None:
    for path, query in WRONG:
        (fault,) = (await ask(house, path, 422, **query))["errors"]
        assert fault["parameter"] == next(iter(query)), query


@pytest.mark.parametrize(
    ("path", "name", "written", "so"),
    [
        ("/v1/orders", "created_from", "2026-06-01", "2026-06-01T00:00:00Z"),
        ("/v1/orders", "created_from", "in June", "2026-06-01T00:00:00Z"),
        ("/v1/price-lists", "on", "June", "2026-06-01"),
    ],
)
async def test_who_writes_a_time_in_another_way_is_told_how(
    house: Gateway, path: str, name: str, written: str, so: str
) -> None:
    (fault,) = (await ask(house, path, 422, **{name: written}))["errors"]
    assert fault["remedy"].endswith(f"as in {so}")


async def test_what_is_asked_for_is_what_the_owner_is_asked(house: Gateway, shelves: Shelves) -> None:
    at = "2026-06-01T12:00:00Z"
    await ask(house, "/v1/services", number=" 44121", state="active", customer_id=str(ADA), created_from=at, limit=7)
    asked = shelves.asked["/services/search"][-1]
    assert (asked["resellers"], asked["number"], asked["state"], asked["count"]) == (["acme"], "+44121", "active", 7)
    assert (asked["customer_id"], asked["created_from"]) == (str(ADA), at)
    await ask(house, "/v1/customers", text="ada", state="blocked", created_before=at)
    asked = shelves.asked["/customers/search"][-1]
    assert (asked["text"], asked["states"], asked["created_before"]) == ("ada", ["blocked"], at)
    await ask(house, "/v1/mails", order_id=str(SERVICE), recipient="ada@example.com", state="failed")
    asked = shelves.asked["/mails/search"][-1]
    assert (asked["order_id"], asked["recipient"], asked["state"]) == (str(SERVICE), "ada@example.com", "failed")
    await ask(house, "/v1/quotes", state="open", owner_id=str(ADA))
    assert (shelves.asked["/quotes/search"][-1]["state"], shelves.asked["/quotes/search"][-1]["owner_id"]) == (
        "open", str(ADA),
    )  # fmt: skip


async def test_an_export_of_services_has_all_their_numbers_and_a_page_the_first(house: Gateway) -> None:
    page = rows(await ask(house, "/v1/services", limit=1))
    first, *_ = (json.loads(line) for line in (await ask(house, "/v1/services", format="ndjson")).splitlines())
    assert (len(page[0]["numbers"]), len(first["numbers"])) == (5, page[0]["many_numbers"])


async def test_an_export_asks_for_a_page_only_when_the_one_before_is_sent() -> None:
    asked, sent = list[int](), list[int]()

    async def pages() -> AsyncGenerator[list[dict[str, Any]]]:
        for n in range(3):
            asked.append(n)
            yield [{"n": n}]

    async def send(message: Any) -> None:
        if message.get("body"):
            sent.append(len(asked))

    async def receive() -> Any:
        raise AssertionError("nobody reads the request")

    await (await exporting.streamed("numbers", "csv", ["n"], pages()))({}, receive, send)
    assert sent == [1, 2, 3]


async def test_an_owner_that_is_away_is_a_problem_and_no_empty_export(house: Gateway, shelves: Shelves) -> None:
    shelves.refusals["/customers/search"] = (503, {"detail": "gone"})
    problem = await ask(house, "/v1/customers", 503, format="csv")
    assert problem["type"] == "/problems/try_again"


async def test_numbers_may_be_read_with_the_scope_numbers_and_customers_not(house: Gateway) -> None:
    assert rows(await ask(house, "/v1/numbers", headers={"X-API-Key": NUMBERS_ONLY}))
    assert (await ask(house, "/v1/customers", 403, headers={"X-API-Key": NUMBERS_ONLY}))["type"].endswith(
        "scope_missing"
    )


def test_cells_are_text_that_no_spreadsheet_carries_out() -> None:
    written = lines([["=1", "+44", "-1", "@x", "\tx", "'x", None, True, ["a", "b"], {"a": [1]}, 1.5, "a,b"]])
    assert written == '\'=1,\'+44,\'-1,\'@x,\'\tx,\'\'x,,true,a b,"{""a"":[1]}",1.5,"a,b"\r\n'
