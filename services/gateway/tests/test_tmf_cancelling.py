"""TMF641: service orders are cancelled; what Patchbay carries out is taken back as over /v1, until it is too late."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from gateway_service.tmf import orders_moving
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderFailed

from .behind import Behind
from .conftest import Gateway
from .registry import ADA, SERVICE
from .test_cancelling import cancels
from .test_reading import told
from .tmf import CANCELS, ORDERS, Owners, about, item, place, show

FIBRE = {"spec": "fibre-access"}
WHY = "ordered twice"


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Owners:
    return Owners(behind)


async def cancel(gateway: Gateway, id_: str, **headers: str) -> dict[str, Any]:
    asked = {"serviceOrder": {"id": id_}, "cancellationReason": WHY, "requestedCancellationDate": "2026-12-01"}
    answer = await gateway.client.post(CANCELS, json=asked, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == found["href"]
    assert (found["requestedCancellationDate"], found["@type"]) == ("2026-12-01", "CancelServiceOrder")
    return found


async def task(gateway: Gateway, made: dict[str, Any]) -> dict[str, Any]:
    """The cancellation, once what ended by itself was looked at."""
    async with gateway.database.transaction() as db:
        await orders_moving.tell_ends(db)
    found: dict[str, Any] = (await gateway.client.get(made["href"])).json()
    return found


async def heard(gateway: Gateway) -> list[tuple[str, str]]:
    """What hubs were told behind creations: of what, and its state."""
    rows = await gateway.rows("SELECT body FROM event_log WHERE type LIKE 'tmf.%' ORDER BY turn, position")
    bodies = [orjson.loads(row.body) for row in rows]
    return [(one["eventType"], one["data"]["state"]) for one in bodies if one["eventType"] != "ServiceOrderCreateEvent"]


def undone(id_: str) -> OrderFailed:
    return OrderFailed(
        order_id=UUID(id_), reseller="acme", step="cancel", reason="cancelled", detail=f"key:test: {WHY}"
    )


async def test_an_order_that_patchbay_carries_out_is_taken_back(gateway: Gateway) -> None:
    id_ = (await place(gateway))["id"]
    made = await cancel(gateway, id_, **{"Idempotency-Key": "once"})
    assert await cancel(gateway, id_, **{"Idempotency-Key": "once"}) == made
    assert (await cancel(gateway, id_))["id"] != made["id"]
    (wish,) = cancels(gateway)
    assert (str(wish.order_id), wish.reseller, wish.by, wish.why) == (id_, "acme", "key:test", WHY)
    found = await show(gateway, id_)
    assert (found["state"], found["serviceOrderItem"][0]["state"]) == ("assessingCancellation",) * 2
    assert (made["state"], (await task(gateway, made))["state"]) == ("inProgress", "inProgress")
    assert (await gateway.client.get(f"/v1/orders/{id_}")).json()["cancel"]["state"] == "asked"
    await told(gateway, undone(id_))
    ended = await task(gateway, made)
    assert (ended["state"], "effectiveCancellationDate" in ended) == ("done", True)
    found = await show(gateway, id_)
    assert (found["state"], found["cancellationReason"], "cancellationDate" in found) == ("cancelled", WHY, True)
    first, *rest = await heard(gateway)
    assert first == ("CancelServiceOrderCreateEvent", "inProgress")
    assert rest == [
        ("ServiceOrderStateChangeEvent", "assessingCancellation"),
        ("CancelServiceOrderCreateEvent", "inProgress"),
        ("ServiceOrderStateChangeEvent", "cancelled"),
        *[("CancelServiceOrderStateChangeEvent", "done")] * 2,
    ]


async def test_what_completes_before_it_could_be_undone_says_that_it_was_too_late(gateway: Gateway) -> None:
    id_ = (await place(gateway))["id"]
    made = await cancel(gateway, id_)
    service = CreatedService(id=SERVICE, line=0, service_type="voice-line")
    await told(gateway, OrderCompleted(order_id=UUID(id_), reseller="acme", customer_id=ADA, services=(service,)))
    ended = await task(gateway, made)
    assert (ended["state"], "effectiveCancellationDate" in ended) == ("terminatedWithError", False)
    assert "action delete" in ended["errorMessage"]["message"]
    found = await show(gateway, id_)
    assert (found["state"], "cancellationReason" in found) == ("completed", False)
    answer = await gateway.client.post(CANCELS, json={"serviceOrder": {"id": id_}})
    assert (answer.status_code, answer.json()["@type"]) == (422, "Error")
    assert "action delete" in answer.json()["message"]
    assert len(cancels(gateway)) == 1


async def test_changes_are_taken_back_too_and_what_is_done_by_hand_is_decided_by_hand(gateway: Gateway) -> None:
    id_ = (await place(gateway, about(SERVICE, state="inactive"), item("2", **FIBRE)))["id"]
    made = await cancel(gateway, id_)
    (wish,) = cancels(gateway)
    assert [one["state"] for one in (await show(gateway, id_))["serviceOrderItem"]] == ["assessingCancellation"] * 2
    await told(gateway, undone(str(wish.order_id)))
    assert (await task(gateway, made))["state"] == "inProgress"
    for state in ("pendingCancellation", "cancelled"):
        answer = await gateway.client.patch(f"{ORDERS}/{id_}", json={"state": state})
        assert answer.json()["state"] == state
    assert (await task(gateway, made))["state"] == "done"


async def test_an_order_of_which_a_part_goes_on_by_hand_is_decided_when_that_is(gateway: Gateway) -> None:
    id_ = (await place(gateway, item(), item("2", **FIBRE)))["id"]
    made = await cancel(gateway, id_)
    assert (await gateway.client.patch(f"{ORDERS}/{id_}", json={"state": "inProgress"})).status_code == 200
    assert (await task(gateway, made))["state"] == "inProgress"
    await told(gateway, undone(id_))
    assert (await gateway.client.patch(f"{ORDERS}/{id_}", json={"state": "completed"})).json()["state"] == "partial"
    assert (await task(gateway, made))["state"] == "terminatedWithError"


async def test_an_order_that_was_taken_back_over_v1_is_cancelled_and_says_why(gateway: Gateway) -> None:
    id_ = (await place(gateway))["id"]
    why = f"key:test: {WHY}"
    await told(gateway, undone(id_))
    found = await show(gateway, id_)
    assert (found["state"], found["serviceOrderItem"][0]["state"]) == ("cancelled", "cancelled")
    assert (found["cancellationReason"], "errorMessage" in found, "cancellationDate" in found) == (why, False, True)


async def test_what_nobody_has_begun_is_cancelled_at_once(gateway: Gateway) -> None:
    id_ = (await place(gateway, item(**FIBRE)))["id"]
    made = await cancel(gateway, id_)
    assert (made["state"], made["serviceOrder"]["href"]) == ("done", f"http://gateway{ORDERS}/{id_}")
    found = await show(gateway, id_)
    assert (found["state"], found["cancellationReason"]) == ("cancelled", WHY)
    again = await gateway.client.post(CANCELS, json={"serviceOrder": {"id": id_}})
    assert again.status_code == 422
    assert (await gateway.client.get(made["href"])).json() == made
    listed = await gateway.client.get(CANCELS, params={"state": "done", "fields": "id"})
    assert (listed.json(), listed.headers["x-total-count"]) == ([{"id": made["id"]}], "1")


async def test_whoever_has_it_in_his_hands_decides_about_a_cancellation(gateway: Gateway) -> None:
    id_ = (await place(gateway, item(**FIBRE)))["id"]
    await gateway.client.patch(f"{ORDERS}/{id_}", json={"state": "inProgress"})
    made = await cancel(gateway, id_)
    assert (made["state"], (await show(gateway, id_))["state"]) == ("inProgress", "assessingCancellation")
    for state in ("pendingCancellation", "cancelled"):
        assert (await gateway.client.patch(f"{ORDERS}/{id_}", json={"state": state})).status_code == 200
    assert (await gateway.client.get(made["href"])).json()["state"] == "done"
    assert cancels(gateway) == []
    assert (await heard(gateway))[-1] == ("CancelServiceOrderStateChangeEvent", "done")


@pytest.mark.parametrize("asked", [{}, {"serviceOrder": {}}, {"serviceOrder": 7}])
async def test_a_cancellation_names_its_order(gateway: Gateway, asked: dict[str, Any]) -> None:
    assert (await gateway.client.post(CANCELS, json=asked)).status_code == 400
    assert (await gateway.client.get(f"{CANCELS}/{uuid4()}")).status_code == 404
