"""Orders that wait for numbers, amended over the API: from what was seen, once, into what an order may be."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from patchbay_contracts.v1.orders import OrderAmended, OrderBegun, OrderFailed
from patchbay_contracts.v1.provisioning import AmendOrder

from .conftest import BOREALIS, NUMBERS_ONLY, Gateway
from .posted import line, new
from .test_back_orders import BACK_ORDER, WANTED, back_ordered
from .test_reading import place, shown, told

LATER = datetime.now(UTC) + timedelta(days=60)
TRY = ("HoldNumbers", "NumbersUnavailable")
ONE = {"exact": ["+441214960000"]}
OTHERS = {"count": 2, "prefix": "0161"}


def wishes(gateway: Gateway) -> list[AmendOrder]:
    return [AmendOrder.model_validate_json(one.body) for one in gateway.kafka.said if one.type == AmendOrder.type]


async def waiting(gateway: Gateway, **changes: Any) -> UUID:
    id_ = await place(gateway, lines=[line(numbers=WANTED), line(numbers=WANTED)], **BACK_ORDER | changes)
    await back_ordered(gateway, id_)
    return id_


async def tag(gateway: Gateway, id_: UUID) -> str:
    return str((await gateway.client.get(f"/v1/orders/{id_}")).headers["ETag"])


async def amend(gateway: Gateway, id_: UUID, seen: str = "", key: str = "", **wanted: Any) -> httpx.Response:
    headers = {"If-Match": seen or await tag(gateway, id_), "Idempotency-Key": key or str(uuid4())}
    return await gateway.client.patch(f"/v1/orders/{id_}", json=wanted, headers=headers)


async def test_an_amendment_is_asked_once_and_the_order_shows_what_it_became(gateway: Gateway) -> None:
    id_ = await waiting(gateway, customer=new())
    seen = await tag(gateway, id_)
    wanted = {
        "until": LATER.isoformat().replace("+00:00", "Z"),
        "lines": [{"line": 1, "numbers": OTHERS, "optional": True}],
        "notify": [],
    }
    for replayed in (None, "true"):
        answer = await amend(gateway, id_, seen, "k", **wanted)
        assert (answer.status_code, answer.json()["state"]) == (202, "amending"), answer.text
        assert answer.headers.get("Idempotency-Replayed") == replayed
    (wish,) = wishes(gateway)
    assert (wish.order_id, wish.reseller, wish.by, wish.until, wish.notify) == (id_, "acme", "key:test", LATER, ())
    assert [(one.numbers.count, one.numbers.prefix, one.optional) for one in wish.lines] == [
        (3, "0121", None),
        (2, "0161", True),
    ]
    found = await shown(gateway, id_)
    assert (found["amend"]["state"], found["amend"]["by"], found["amend"]["wanted"]) == ("asked", "key:test", wanted)
    assert found["order"]["lines"][1]["numbers"]["count"] == 3
    for _ in range(2):
        await told(gateway, OrderAmended(order_id=id_, reseller="acme", id=wish.id))
    found = await shown(gateway, id_)
    assert (found["amend"]["state"], found["order"]["lines"][1]["numbers"]["count"]) == ("done", 2)
    assert found["order"]["notify"] == []
    assert "pin" not in found["order"]["customer"]
    events = (await gateway.client.get("/v1/events?types=order.amended")).json()["events"]
    assert {event["data"]["order_id"] for event in events} == {str(id_)}


async def test_a_try_in_vain_shows_in_the_timeline_is_no_event_and_makes_no_other_order(gateway: Gateway) -> None:
    id_ = await waiting(gateway)
    seen, log = await tag(gateway, id_), "/v1/events?types=order.back_ordered"
    moments = tuple(f"2026-11-28T09:00:0{at}+00:00 numbers.{one}.v1" for at, one in enumerate(TRY))
    await back_ordered(gateway, id_, again=True, timeline=moments)
    assert [one["message"].split(".")[1] for one in (await shown(gateway, id_))["timeline"]][1:] == list(TRY)
    assert len((await gateway.client.get(log)).json()["events"]) == 1
    assert (await gateway.client.get(f"/v1/orders/{id_}", headers={"If-None-Match": seen})).status_code == 200
    await back_ordered(gateway, id_, detail="/lines/0/numbers: 3 wanted, 2 free", timeline=moments)
    assert (await amend(gateway, id_, seen, until=LATER.isoformat())).status_code == 412
    await back_ordered(gateway, id_, timeline=moments)
    assert (await amend(gateway, id_, seen, until=LATER.isoformat())).status_code == 202


async def test_only_from_what_was_seen_and_one_after_the_other(gateway: Gateway) -> None:
    id_ = await waiting(gateway)
    seen = await tag(gateway, id_)
    assert (await amend(gateway, id_, '"other"', until=LATER.isoformat())).status_code == 412
    assert (await amend(gateway, id_, seen, until=LATER.isoformat())).status_code == 202
    stale = await amend(gateway, id_, seen, lines=[{"line": 0, "numbers": OTHERS}])
    assert (stale.status_code, stale.headers["ETag"]) == (412, await tag(gateway, id_))
    busy = await amend(gateway, id_, lines=[{"line": 0, "numbers": OTHERS}])
    assert (busy.status_code, busy.json()["type"]) == (409, "/problems/order_being_amended")
    without = await gateway.client.patch(f"/v1/orders/{id_}", json={"notify": []}, headers={"Idempotency-Key": "y"})
    assert without.status_code == 428
    assert len(wishes(gateway)) == 1


async def test_what_cannot_be_made_of_it_is_shown_with_its_reason_and_it_waits_as_it_was(gateway: Gateway) -> None:
    id_ = await waiting(gateway)
    await amend(gateway, id_, lines=[{"line": 0, "numbers": OTHERS}])
    (wish,) = wishes(gateway)
    refused = {"reason": "too_many_numbers", "detail": "/lines/0/numbers: at most 1"}
    await told(gateway, OrderAmended(order_id=id_, reseller="acme", id=wish.id, **refused))
    found = await shown(gateway, id_)
    assert (found["state"], found["order"]["lines"][0]["numbers"]["count"]) == ("back_ordered", 3)
    assert {name: found["amend"][name] for name in ("state", *refused)} == {"state": "refused", **refused}
    assert (await amend(gateway, id_, until=LATER.isoformat())).status_code == 202


async def test_an_order_that_got_its_numbers_first_says_that_it_was_too_late(gateway: Gateway) -> None:
    id_ = await waiting(gateway)
    await amend(gateway, id_, lines=[{"line": 0, "numbers": OTHERS}])
    await told(gateway, OrderBegun(order_id=id_, reseller="acme"))
    found = await shown(gateway, id_)
    assert (found["amend"]["state"], found["order"]["lines"][0]["numbers"]["count"]) == ("too_late", 3)


async def test_an_order_that_does_not_wait_for_numbers_is_refused_with_what_to_do(gateway: Gateway) -> None:
    accepted, failed = await place(gateway), await waiting(gateway)
    await told(gateway, OrderFailed(order_id=failed, reseller="acme", step="numbers", reason="taken", detail="gone"))
    for id_, way in ((accepted, "cancel it"), (failed, "Order again")):
        answer = await amend(gateway, id_, notify=[])
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/order_not_back_ordered")
        assert way in answer.json()["detail"]
    assert wishes(gateway) == []


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({}, ""),
        ({"lines": [{"line": 2, "numbers": OTHERS}]}, "/lines/0/line"),
        ({"lines": [{"line": 0}, {"line": 0}]}, "/lines/1/line"),
        ({"lines": [{"line": 0, "numbers": {"count": 1_001}}]}, "/lines/0/numbers/count"),
        ({"lines": [{"line": 0, "numbers": {"count": 999}}]}, "/lines"),
        ({"lines": [{"line": 1, "numbers": ONE}, {"line": 0, "numbers": ONE}]}, "/lines/0/numbers/exact/0"),
        ({"until": "2020-01-01"}, "/until"),
        ({"until": (datetime.now(UTC) + timedelta(days=91)).isoformat()}, "/until"),
        ({"reference": "PO-2"}, "/reference"),
    ],
)
async def test_what_no_order_may_be_is_refused(gateway: Gateway, wanted: dict[str, Any], pointer: str) -> None:
    id_ = await waiting(gateway)
    answer = await amend(gateway, id_, **wanted)
    assert answer.status_code == 422, answer.text
    assert {error["pointer"] for error in answer.json()["errors"]} == {pointer}
    assert all(error["remedy"] for error in answer.json()["errors"])
    assert wishes(gateway) == []


async def test_nobody_amends_what_is_anothers_or_without_the_scope(gateway: Gateway) -> None:
    id_ = await waiting(gateway)
    for key, status in ((BOREALIS, 404), (NUMBERS_ONLY, 403)):
        headers = {"X-API-Key": key, "If-Match": await tag(gateway, id_), "Idempotency-Key": "z"}
        answer = await gateway.client.patch(f"/v1/orders/{id_}", json={"notify": []}, headers=headers)
        assert answer.status_code == status
    assert wishes(gateway) == []
