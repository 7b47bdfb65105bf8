"""References that only one order is to have, also when many ask at once; labels, and terms as they were agreed to."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from patchbay_contracts.v1.orders import OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder

from .conftest import BOREALIS, Gateway
from .posted import ndjson, order
from .test_batches import send
from .test_reading import place, shown, told

UNIQUE = {"unique_reference": True}


async def post(gateway: Gateway, **changes: Any) -> tuple[int, dict[str, Any]]:
    answer = await gateway.client.post("/v1/orders", json=order(**changes))
    return answer.status_code, answer.json()


async def test_a_unique_reference_that_an_order_has_is_refused_and_the_order_is_named(gateway: Gateway) -> None:
    first = await place(gateway, **UNIQUE)
    status, problem = await post(gateway, **UNIQUE)
    assert (status, problem["type"], problem["errors"][0]["pointer"]) == (
        409,
        "/problems/reference_in_use",
        "/reference",
    )
    assert str(first) in problem["detail"]
    assert (await post(gateway, reference="PO-2", **UNIQUE))[0] == 202
    assert await gateway.count() == 2


async def test_orders_that_did_not_ask_for_it_count_as_well_and_may_repeat_it_themselves(gateway: Gateway) -> None:
    first = await place(gateway)
    assert (await post(gateway))[0] == 202
    status, problem = await post(gateway, **UNIQUE)
    assert (status, str(first) in problem["detail"]) == (409, True)


async def test_a_failed_order_leaves_its_reference_to_the_next(gateway: Gateway) -> None:
    for _ in range(2):
        id_ = await place(gateway, **UNIQUE)
        await told(gateway, OrderFailed(order_id=id_, reseller="acme", step="numbers", reason="taken", detail="gone"))
    last = await place(gateway, **UNIQUE)
    assert str(last) in (await post(gateway, **UNIQUE))[1]["detail"]


async def test_of_many_at_once_one_has_it_and_the_others_name_that_one(gateway: Gateway) -> None:
    answers = await asyncio.gather(*(post(gateway, **UNIQUE) for _ in range(20)))
    (made,) = [answer["id"] for status, answer in answers if status == 202]
    assert sum(status == 409 and made in answer["detail"] for status, answer in answers) == 19
    assert await gateway.count() == 1


async def test_the_same_order_under_its_key_is_answered_as_before(gateway: Gateway) -> None:
    key = {"Idempotency-Key": "k"}
    answers = [await gateway.client.post("/v1/orders", json=order(**UNIQUE), headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()


async def test_another_reseller_may_have_the_same(gateway: Gateway) -> None:
    await place(gateway, **UNIQUE)
    theirs = await gateway.client.post("/v1/orders", json=order(**UNIQUE), headers={"X-API-Key": BOREALIS})
    assert theirs.status_code == 202


@pytest.mark.parametrize("batch", [True, False])
async def test_in_a_bulk_the_second_is_refused_alone(gateway: Gateway, batch: bool) -> None:
    lines = ndjson(order(**UNIQUE), order(**UNIQUE), order(reference="PO-2"), order(reference="PO-2", **UNIQUE))
    name = str(uuid4())
    if batch:
        answers = await send(gateway, name, lines)
        again = await send(gateway, name, lines)
        assert again == [one | {"replayed": True} for one in answers]
    else:
        sent = await gateway.client.post(
            "/v1/orders/bulk", content=lines, headers={"Content-Type": "application/x-ndjson"}
        )
        answers = [json.loads(one) for one in sent.content.splitlines()]
    assert [one.get("state") or one["error"]["status"] for one in answers] == ["accepted", 409, "accepted", 409]
    assert answers[0]["id"] in answers[1]["error"]["detail"]
    assert answers[2]["id"] in answers[3]["error"]["detail"]
    assert await gateway.count() == 2


async def test_labels_and_terms_are_kept_and_shown_as_they_were_given(gateway: Gateway) -> None:
    labels = {"campaign": "autumn", "shop/branch": "Leeds"}
    terms = [{"service_type": "voice-line", "version": "2", "hash": "0" * 64}]
    id_ = await place(gateway, labels=labels, terms=terms)
    plain = await place(gateway)
    found = await shown(gateway, id_)
    assert (found["labels"], found["order"]["labels"], found["order"]["terms"]) == (labels, labels, terms)
    page = (await gateway.client.get("/v1/orders")).json()["orders"]
    assert [(one["id"], one["labels"]) for one in page] == [(str(plain), {}), (str(id_), labels)]
    placed = [PlaceOrder.model_validate_json(one.body) for one in gateway.kafka.said]
    assert [len(one.terms) for one in placed] == [1, 0]
    assert "labels" not in gateway.kafka.said[0].body.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"Campaign": "x"}},
        {"labels": {"": "x"}},
        {"labels": {"a": "x" * 101}},
        {"labels": {"a": "x\ny"}},
        {"labels": {f"a{n}": "x" for n in range(21)}},
        {"labels": {"a": 1}},
        {"terms": [{"service_type": "voice-line", "version": "2", "hash": "abc"}]},
        {"terms": [{"service_type": "voice-line", "version": "2", "hash": "0" * 64}] * 2},
        {"unique_reference": True, "reference": None},
    ],
)
async def test_labels_terms_and_references_that_cannot_be_meant_are_refused(
    gateway: Gateway, changes: dict[str, Any]
) -> None:
    status, problem = await post(gateway, **changes)
    assert status == 422
    assert all(error["remedy"] for error in problem["errors"])
