"""Orders are found by their labels: in lists, exports and on the page; only as many are looked at as are shown."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest

from gateway_service import order_queries
from gateway_service.order_queries import Wanted

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .operators import clerk_of_acme
from .posted import order
from .registry import Registry
from .test_reading import place

AUTUMN, LEEDS = {"campaign": "autumn"}, {"shop/branch": "Leeds: north"}


async def found(gateway: Gateway, **query: Any) -> list[UUID]:
    answer = await gateway.client.get("/v1/orders", params=query)
    assert answer.status_code == 200, answer.text
    return [UUID(one["id"]) for one in answer.json()["orders"]]


async def test_orders_are_found_by_one_label_or_by_all_of_several(gateway: Gateway) -> None:
    both, autumn, leeds = [await place(gateway, labels=of) for of in (AUTUMN | LEEDS, AUTUMN, LEEDS)]
    await place(gateway)
    await place(gateway, labels={"campaign": "spring"})
    assert await found(gateway, label="campaign:autumn") == [autumn, both]
    assert await found(gateway, label="shop/branch:Leeds: north") == [leeds, both]
    assert await found(gateway, label=["campaign:autumn", "shop/branch:Leeds: north"]) == [both]
    assert await found(gateway, label="campaign:autumn", state="completed") == []
    assert await found(gateway, label="campaign:autumn", state="accepted", reference="PO-1") == [autumn, both]
    first = (await gateway.client.get("/v1/orders", params={"label": "campaign:autumn", "limit": 1})).json()
    assert await found(gateway, label="campaign:autumn", after=first["next"]) == [both]
    answer = await gateway.client.get("/v1/orders", params={"label": "campaign:autumn", "format": "csv"})
    assert [row["id"] for row in csv.DictReader(io.StringIO(answer.text))] == [str(autumn), str(both)]


async def test_the_labels_of_others_find_nothing(gateway: Gateway) -> None:
    theirs = {"X-API-Key": BOREALIS}
    await gateway.client.post("/v1/orders", json=order(labels=AUTUMN), headers=theirs)
    asked = {"label": "campaign:autumn"}
    assert len((await gateway.client.get("/v1/orders", params=asked, headers=theirs)).json()["orders"]) == 1
    assert await found(gateway, **asked) == []


@pytest.mark.parametrize("given", ["campaign", "Campaign:autumn", ":x", "campaign:x\ny"])
async def test_what_is_no_label_is_refused(gateway: Gateway, given: str) -> None:
    answer = await gateway.client.get("/v1/orders", params={"label": given})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "label")


async def test_an_operator_finds_orders_by_label(behind: Behind, gateway: Gateway) -> None:
    Registry(behind)
    anna = await clerk_of_acme(gateway)
    autumn, other = await place(gateway, labels=AUTUMN), await place(gateway)
    for path in ("/orders", "/orders.csv"):
        text = (await anna.get(f"{path}?label=campaign:autumn")).text
        assert (str(autumn) in text, str(other) in text) == (True, False)
    assert 'id="label-error"' in (await anna.get("/orders?label=autumn")).text


async def test_a_label_that_few_orders_have_is_found_among_many_without_looking_at_the_others(
    gateway: Gateway,
) -> None:
    async with gateway.database.transaction() as db:
        await db.execute(MANY)
        await db.execute("ANALYZE orders, order_label")
        for labels in (("rare", "yes"),), (("campaign", "autumn"),), (("rare", "yes"), ("campaign", "autumn")):
            plan = await explained(db, Wanted(labels=labels))
            assert sum(plan.values()) < 1_000, plan


MANY = """
    WITH made AS (
        INSERT INTO orders (reseller, id, document, accepted_at, labels)
        SELECT 'acme', lpad(to_hex(n), 32, '0')::uuid, '{}', now(),
            CASE WHEN n % 1000 = 0 THEN '{"campaign": "autumn", "rare": "yes"}' ELSE '{"campaign": "autumn"}' END::jsonb
        FROM generate_series(1, 20000) AS n RETURNING id, labels)
    INSERT INTO order_label SELECT 'acme', l.key, l.value, id FROM made, jsonb_each_text(labels) AS l"""


async def explained(db: Any, wanted: Wanted) -> dict[str, int]:
    """How many rows each scan of the page's query looked at."""
    asked: list[Any] = []

    class Asks:
        async def fetch(self, query: str, *values: Any) -> list[Any]:
            asked[:] = [query, *values]
            return []

    await order_queries.page(Asks(), ("acme",), wanted)  # type: ignore[arg-type]
    rows = await db.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked[0]}", *asked[1:])
    seen: dict[str, int] = {}

    def look(node: dict[str, Any]) -> None:
        if "Relation Name" in node:
            looked = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            seen[node["Node Type"] + " " + node["Relation Name"]] = int(looked)
        for inner in node.get("Plans", ()):
            look(inner)

    look(json.loads(rows[0][0])[0]["Plan"])
    return seen
