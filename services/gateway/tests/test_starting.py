"""Orders that are to start later: accepted within bounds, shown and listed as waiting, and not counted as under way."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway_service import queries
from patchbay_chassis.testing import eventually
from patchbay_contracts.v1.orders import OrderBegun
from patchbay_contracts.v1.provisioning import PlaceOrder

from .conftest import Gateway
from .posted import line, ndjson, order
from .test_batches import send, show
from .test_reading import page, place, shown, told

TOMORROW = datetime.now(UTC) + timedelta(days=1)


async def under_way(gateway: Gateway) -> dict[str, int]:
    async with gateway.database.connection() as db:
        return await queries.open_orders(db)


async def test_an_order_for_later_waits_and_is_under_way_from_its_start_on(gateway: Gateway) -> None:
    now = await place(gateway)
    id_ = await place(gateway, start=TOMORROW.isoformat(), lines=[line()])
    found = await shown(gateway, id_)
    assert (found["state"], [one["state"] for one in found["lines"]]) == ("waiting", ["waiting"])
    assert datetime.fromisoformat(found["starts_at"]) == TOMORROW
    assert (await page(gateway, state="waiting"))[0] == [str(id_)]
    assert (await page(gateway, state="accepted"))[0] == [str(now)]
    assert await under_way(gateway) == {"acme": 1}
    await told(gateway, OrderBegun(order_id=id_, reseller="acme"))
    assert (await shown(gateway, id_))["state"] == "accepted"
    assert await under_way(gateway) == {"acme": 2}
    placed = [PlaceOrder.model_validate_json(one.body) for one in gateway.kafka.said]
    assert [one.start for one in placed] == [None, TOMORROW]


async def test_a_day_means_its_midnight_and_today_means_now(gateway: Gateway) -> None:
    id_ = await place(gateway, start=TOMORROW.date().isoformat())
    assert (await shown(gateway, id_))["starts_at"] == f"{TOMORROW.date()}T00:00:00+00:00"
    assert (await shown(gateway, id_))["order"]["start"] == TOMORROW.date().isoformat()
    today = await place(gateway, start=datetime.now(UTC).date().isoformat())
    assert (await shown(gateway, today))["state"] == "accepted"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"start": "2020-01-01"}, "/start"),
        ({"start": "2020-01-01T10:00:00Z"}, "/start"),
        ({"start": (TOMORROW + timedelta(days=366)).isoformat()}, "/start"),
        ({"start": "9999-12-31"}, "/start"),
        ({"start": "2027-01-01T10:00:00"}, "/start"),
        ({"start": "soon"}, "/start"),
        ({"start": TOMORROW.isoformat(), "held_by": "00000000-0000-7000-8000-00000000d001"}, ""),
    ],
)
async def test_a_start_that_cannot_be_meant_is_refused(gateway: Gateway, changes: dict[str, Any], pointer: str) -> None:
    answer = await gateway.client.post("/v1/orders", json=order(**changes))
    assert answer.status_code == 422
    assert all(error["pointer"].startswith(pointer) and error["remedy"] for error in answer.json()["errors"])
    assert await gateway.count() == 0


async def test_an_order_that_comes_again_when_its_start_is_over_is_answered_as_before(gateway: Gateway) -> None:
    key, start = {"Idempotency-Key": "k"}, datetime.now(UTC) + timedelta(seconds=1)
    body = order(start=start.isoformat())
    first = await gateway.client.post("/v1/orders", json=body, headers=key)
    assert first.status_code == 202

    async def is_over() -> bool:
        return datetime.now(UTC) > start

    await eventually(is_over)
    again = await gateway.client.post("/v1/orders", json=body, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await gateway.client.post("/v1/orders", json=body)).status_code == 422


async def test_a_batch_counts_its_orders_that_wait(gateway: Gateway) -> None:
    batch = str(uuid4())
    answers = await send(gateway, batch, ndjson(order(start=TOMORROW.isoformat()), order()))
    assert [one["state"] for one in answers] == ["accepted", "accepted"]
    assert {state: n for state, n in (await show(gateway, batch))["states"].items() if n} == {
        "accepted": 1,
        "waiting": 1,
    }
    await told(gateway, OrderBegun(order_id=UUID(answers[0]["id"]), reseller="acme"))
    assert {state: n for state, n in (await show(gateway, batch))["states"].items() if n} == {"accepted": 2}
