"""The Python client with all services behind it."""

from contextlib import aclosing
from uuid import uuid4

import orjson
import pytest

from patchbay_client import AsyncClient, Client, Refused, events, numbers, orders
from tests.documents import line, order
from tests.suite import Suite


async def test_an_order_is_placed_repeated_watched_and_found_among_the_events(suite: Suite) -> None:
    async with AsyncClient(suite.stack.url("gateway"), suite.stack.api_key) as patchbay:
        began = (await patchbay(events.page(limit=1)))["next"]
        placing = orders.place(order(line()))
        placed = await patchbay(placing)
        assert (await patchbay(placing))["id"] == placed["id"]
        await suite.shows(placed["id"], "completed")
        assert [moment["note"] for moment in (await patchbay(orders.show(placed["id"])))["timeline"]][-1] == "completed"
        async with aclosing(patchbay.stream(events.follow(began, order=placed["id"]))) as following:
            event = await anext(following)
        assert (event["type"], event["data"]["order_id"]) == ("order.completed", placed["id"])


def test_a_bulk_is_answered_line_by_line_and_listed(suite: Suite) -> None:
    documents = [order(), {"lines": []}, order()]
    with Client(suite.stack.url("gateway"), suite.stack.api_key) as patchbay:
        results = list(patchbay.stream(orders.bulk(b"\n".join(map(orjson.dumps, documents)))))
        assert ["error" in result for result in results] == [False, True, False]
        listed = {one["id"] for one in patchbay(orders.page(limit=50))["orders"]}
        assert {result["id"] for result in results if "id" in result} <= listed


def test_numbers_are_searched_held_listed_and_given_back(suite: Suite) -> None:
    basket = str(uuid4())
    with Client(suite.stack.url("gateway"), suite.stack.api_key) as patchbay:
        found = [row["e164"] for row in patchbay(numbers.search({"count": 2, "prefix": "0121"}))["numbers"]]
        assert len(patchbay(numbers.hold(basket, found))["held"]) == 2
        assert len(patchbay(numbers.held(basket))["held"]) == 2
        patchbay(numbers.release(basket))
        assert patchbay(numbers.held(basket))["held"] == []


def test_what_is_wrong_is_told_by_its_place(suite: Suite) -> None:
    with Client(suite.stack.url("gateway"), suite.stack.api_key) as patchbay, pytest.raises(Refused) as refused:
        patchbay(orders.place({"lines": []}))
    assert "/customer" in str(refused.value)
