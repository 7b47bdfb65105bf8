"""Orders taken back over the API: asked once, told by the order, refused with the way to do it when it is too late."""

from uuid import UUID, uuid4

import pytest

from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderFailed, OrderStuck
from patchbay_contracts.v1.provisioning import CancelOrder

from .conftest import BOREALIS, NUMBERS_ONLY, Gateway
from .test_reading import place, shown, told

WHY = {"reason": "the customer changed its mind"}


def cancels(gateway: Gateway) -> list[CancelOrder]:
    return [CancelOrder.model_validate_json(one.body) for one in gateway.kafka.said if one.type == CancelOrder.type]


async def test_an_order_under_way_is_cancelled_once_however_often_it_is_asked(gateway: Gateway) -> None:
    id_ = await place(gateway)
    answers = [await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert [answer.json()["state"] for answer in answers] == ["cancelling"] * 3
    (wish,) = cancels(gateway)
    assert (wish.order_id, wish.reseller, wish.by, wish.why, wish.reference) == (
        id_,
        "acme",
        "key:test",
        WHY["reason"],
        "PO-1",
    )
    found = (await shown(gateway, id_))["cancel"]
    assert (found["state"], found["by"], found["reason"]) == ("asked", "key:test", WHY["reason"])
    event = OrderFailed(order_id=id_, reseller="acme", step="cancel", reason="cancelled", detail="key:test: so")
    await told(gateway, event)
    assert (await shown(gateway, id_))["cancel"]["state"] == "done"
    again = await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY)
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")
    assert len(cancels(gateway)) == 1


async def test_a_completed_order_is_refused_with_the_services_to_end(gateway: Gateway) -> None:
    id_ = await place(gateway)
    assert (await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY)).status_code == 202
    service = CreatedService(id=uuid4(), line=0, service_type="voice-line")
    await told(gateway, OrderCompleted(order_id=id_, reseller="acme", customer_id=uuid4(), services=(service,)))
    answer = await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/order_completed")
    assert str(service.id) in answer.json()["detail"]
    assert "/v1/services/{id}/changes" in answer.json()["detail"]
    found = (await shown(gateway, id_))["cancel"]
    assert (found["state"], found["detail"]) == ("too_late", answer.json()["detail"])


async def test_an_order_that_failed_otherwise_is_refused(gateway: Gateway) -> None:
    id_ = await place(gateway)
    await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="numbers", reason="taken", detail="gone"))
    answer = await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/order_failed")
    assert (await shown(gateway, id_))["cancel"] is None


async def test_an_order_that_is_stuck_is_cancelled_and_its_answer_says_what_it_waits_for(gateway: Gateway) -> None:
    id_ = await place(gateway)
    await told(gateway, OrderStuck(order_id=id_, reseller="acme", step="billing", detail="no answer to VoidBilling"))
    answers = [await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY) for _ in range(2)]
    assert [(one.status_code, one.json()["state"]) for one in answers] == [(202, "cancelling")] * 2
    assert "its step billing does not answer (no answer to VoidBilling)" in answers[0].json()["detail"]
    assert len(cancels(gateway)) == 2, "each time all that is left is undone"
    found = (await shown(gateway, id_))["cancel"]
    assert (found["state"], found["detail"]) == ("asked", answers[0].json()["detail"])
    await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="billing", reason="timed_out", detail="late"))
    found = (await shown(gateway, id_))["cancel"]
    assert (found["state"], found["detail"]) == ("done", "It was being undone already (timed_out).")


async def test_another_resellers_order_is_answered_like_one_that_is_not_there(gateway: Gateway) -> None:
    id_, none = await place(gateway), UUID(int=1)
    theirs = await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY, headers={"X-API-Key": BOREALIS})
    nobodys = await gateway.client.post(f"/v1/orders/{none}/cancel", json=WHY)
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.text.replace(str(id_), "") == nobodys.text.replace(str(none), "")
    under = await gateway.client.post(f"/v1/orders/{id_}/cancel", json=WHY, headers={"X-API-Key": NUMBERS_ONLY})
    assert under.status_code == 403
    assert cancels(gateway) == []


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "a\nb"}, {"reason": "so", "force": True}, []])
async def test_a_cancel_without_a_reason_or_with_more_is_refused(gateway: Gateway, body: object) -> None:
    id_ = await place(gateway)
    answer = await gateway.client.post(f"/v1/orders/{id_}/cancel", json=body)
    assert answer.status_code == 422
    assert cancels(gateway) == []
