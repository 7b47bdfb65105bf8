"""Reading orders: one with its timeline, and all of a reseller's page by page."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway_service import handlers
from patchbay_contracts.message import Message
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderDelayed, OrderFailed

from .conftest import BOREALIS, Gateway
from .posted import ndjson, new, order

HELD = "2026-11-24T00:00:00+00:00 numbers.NumbersHeld.v1"
OWN = "2026-11-24T00:00:01+00:00 provisioning.Own.v1 tried again, at last"


async def place(gateway: Gateway, **changes: Any) -> UUID:
    answer = await gateway.client.post("/v1/orders", json=order(**changes))
    return UUID(answer.json()["id"])


async def told(gateway: Gateway, event: Message) -> None:
    async with gateway.database.transaction() as db:
        await handlers.router.routes[type(event)].handler([event], db)


async def shown(gateway: Gateway, id_: UUID) -> dict[str, Any]:
    answer = await gateway.client.get(f"/v1/orders/{id_}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_an_accepted_order_is_shown_as_it_was_posted_but_for_its_pin(gateway: Gateway) -> None:
    found = await shown(gateway, await place(gateway, customer=new()))
    assert (found["state"], found["reference"], found["ended_at"], found["outcome"]) == ("accepted", "PO-1", None, None)
    assert found["order"]["customer"]["name"] == "Ada"
    assert "pin" not in found["order"]["customer"]
    assert [entry["message"] for entry in found["timeline"]] == ["provisioning.PlaceOrder.v1"]


async def test_a_completed_order_shows_what_it_made_and_how_it_went_from_topic_to_topic(gateway: Gateway) -> None:
    id_ = await place(gateway)
    service = CreatedService(id=uuid4(), line=0, service_type="voice-line", numbers=(441214960000,))
    await told(
        gateway,
        OrderCompleted(order_id=id_, reseller="acme", customer_id=uuid4(), services=(service,), timeline=(HELD, OWN)),
    )
    found = await shown(gateway, id_)
    assert found["state"] == "completed"
    assert found["outcome"]["services"][0]["numbers"] == ["+441214960000"]
    assert [(entry["message"], entry["topic"]) for entry in found["timeline"]] == [
        ("provisioning.PlaceOrder.v1", "provisioning.commands.v1"),
        ("numbers.NumbersHeld.v1", "provisioning.replies.v1"),
        ("provisioning.Own.v1", None),
        ("orders.OrderCompleted.v1", "orders.events.v1"),
    ]
    assert [(entry["service"], entry["note"]) for entry in found["timeline"][1:3]] == [
        ("numbers", ""),
        ("provisioning", "tried again, at last"),
    ]
    assert found["timeline"][-1]["at"] == found["ended_at"]


async def test_a_failed_order_shows_why(gateway: Gateway) -> None:
    id_ = await place(gateway)
    await told(
        gateway, OrderFailed(order_id=id_, reseller="acme", step="billing", reason="no_price", detail="ask for one")
    )
    assert (await shown(gateway, id_))["outcome"] == {"step": "billing", "reason": "no_price", "detail": "ask for one"}


async def test_a_delayed_order_shows_what_it_waits_for(gateway: Gateway) -> None:
    id_ = await place(gateway)
    await told(gateway, OrderDelayed(order_id=id_, reseller="acme", step="numbers", detail="asked again"))
    found = await shown(gateway, id_)
    assert (found["state"], found["outcome"]["step"], found["ended_at"]) == ("delayed", "numbers", None)


async def test_another_resellers_order_is_answered_like_one_that_is_not_there(gateway: Gateway) -> None:
    id_ = await place(gateway)
    theirs = await gateway.client.get(f"/v1/orders/{id_}", headers={"X-API-Key": BOREALIS})
    none = await gateway.client.get(f"/v1/orders/{(other := uuid4())}")
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.text.replace(str(id_), "") == none.text.replace(str(other), "")


@pytest.mark.parametrize("id_", ["1", "bulk", "x" * 500, "%00", "00000000-0000-7000-8000-00000000000g"])
async def test_what_is_no_id_is_refused(gateway: Gateway, id_: str) -> None:
    answer = await gateway.client.get(f"/v1/orders/{id_}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "id"


async def page(gateway: Gateway, **query: Any) -> tuple[list[str], str | None]:
    answer = await gateway.client.get("/v1/orders", params={k: v for k, v in query.items() if v is not None})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return [one["id"] for one in found["orders"]], found["next"]


async def fill(gateway: Gateway, many: int) -> list[str]:
    """So many orders; their ids, newest first."""
    content = ndjson(*(order() for _ in range(many)))
    await gateway.client.post("/v1/orders/bulk", content=content, headers={"Content-Type": "application/x-ndjson"})
    return [str(row.id) for row in await gateway.rows("SELECT id FROM orders ORDER BY id DESC")]


async def test_pages_follow_each_other_newest_first_and_stay_right_while_orders_come_in(gateway: Gateway) -> None:
    ids = await fill(gateway, 7)
    seen, cursor = await page(gateway, limit=3)
    await fill(gateway, 2)
    while cursor is not None:
        more, cursor = await page(gateway, limit=3, after=cursor)
        seen += more
    assert seen == ids


async def test_a_last_page_that_is_full_has_none_behind_it(gateway: Gateway) -> None:
    ids = await fill(gateway, 3)
    assert await page(gateway, limit=3) == (ids, None)


async def test_a_reseller_without_orders_sees_an_empty_page_whatever_others_have(gateway: Gateway) -> None:
    await fill(gateway, 3)
    answer = await gateway.client.get("/v1/orders", headers={"X-API-Key": BOREALIS})
    assert answer.json() == {"orders": [], "next": None}


@pytest.mark.parametrize("state", ["accepted", "delayed", "stuck", "completed", "failed"])
async def test_orders_can_be_listed_by_their_state(gateway: Gateway, state: str) -> None:
    ids = await fill(gateway, 10)
    states = ["accepted", "delayed", "stuck", "completed", "failed"] * 2
    for id_, one in zip(ids, states, strict=True):
        ended = "now()" if one in {"completed", "failed"} else "NULL"
        await gateway.do(f"UPDATE orders SET state = $1, ended_at = {ended} WHERE id = $2", one, id_)
    first, cursor = await page(gateway, state=state, limit=1)
    second, end = await page(gateway, state=state, limit=1, after=cursor)
    assert first + second == [id_ for id_, one in zip(ids, states, strict=True) if one == state]
    assert end is None


async def test_the_few_open_orders_are_found_without_a_look_at_all_that_ended(gateway: Gateway) -> None:
    await gateway.do("""
        INSERT INTO orders (reseller, id, state, document, accepted_at, ended_at)
        SELECT 'acme', gen_random_uuid(), 'completed', '{}', now(), now() FROM generate_series(1, 5000)""")
    await fill(gateway, 1)
    async with gateway.database.transaction() as db:
        await db.execute("ANALYZE orders")
        await db.execute("SET LOCAL enable_seqscan = off")
        plan = await db.fetch(
            "EXPLAIN SELECT id FROM orders WHERE reseller = 'acme' AND id < '7fffffff-ffff-ffff-ffff-ffffffffffff'"
            " AND state = 'stuck' AND ended_at IS NULL ORDER BY id DESC LIMIT 50"
        )
    assert "orders_open" in "\n".join(step for (step,) in plan)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"state": "lost"}, "state"),
        ({"after": "nonsense"}, "after"),
        ({"after": "ä"}, "after"),
        ({"after": "\0"}, "after"),
        ({"after": "A" * 61}, "after"),
        ({"after": str(uuid4())}, "after"),
    ],
)
async def test_a_request_that_cannot_be_meant_is_refused_with_its_parameter(
    gateway: Gateway, query: dict[str, str], parameter: str
) -> None:
    answer = await gateway.client.get("/v1/orders", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert error["message"]
    assert error["remedy"]
