"""Hubs of the TM Forum: what happens to orders, services and numbers is told in its shape, by webhooks."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from gateway_service.tmf import orders_moving
from patchbay_contracts.v1.orders import OrderCompleted

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .documented import Document
from .recorded import Recorded
from .registry import ADA
from .test_reading import told
from .test_tmf_inventory import FAR, LINE, RESOURCES, SERVICES, made
from .tmf import ORDERS, item, place

HUB = "/tmf-api/serviceOrdering/v4/hub"
OTHER_HUB = "/tmf-api/serviceInventoryManagement/v4/hub"
CALLBACK = "https://203.0.113.7/listener"


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Recorded:
    return Recorded(behind)


@pytest.fixture(autouse=True)
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether an address may be sent to is not what this is about."""

    async def fine(_: str) -> None:
        return None

    monkeypatch.setattr("gateway_service.webhook_targets.check_now", fine)


async def heard(gateway: Gateway) -> list[dict[str, Any]]:
    """What was told over the TM Forum API, in its order."""
    rows = await gateway.rows("SELECT body FROM event_log WHERE type LIKE 'tmf.%' ORDER BY turn, position")
    return [orjson.loads(row.body) for row in rows]


async def hooks(gateway: Gateway) -> dict[str, list[str]]:
    return {row.url: row.types for row in await gateway.rows("SELECT url, types FROM webhook WHERE reseller = 'acme'")}


async def test_hubs_of_one_callback_share_a_webhook_that_tells_what_they_want(gateway: Gateway) -> None:
    query = "eventType=ServiceOrderStateChangeEvent,ServiceOrderCreateEvent"
    first = await gateway.client.post(HUB, json={"callback": CALLBACK, "query": query})
    assert (first.status_code, first.json()["callback"], first.json()["query"]) == (201, CALLBACK, query)
    assert first.headers["location"] == f"http://gateway{HUB}/{first.json()['id']}"
    twin = {"callback": CALLBACK, "query": "eventType=ServiceOrderCreateEvent,ServiceOrderStateChangeEvent"}
    assert (await gateway.client.post(HUB, json=twin)).status_code == 409
    assert (await gateway.client.get(HUB)).json() == [first.json()]
    assert await hooks(gateway) == {CALLBACK: ["tmf.ServiceOrderCreateEvent", "tmf.ServiceOrderStateChangeEvent"]}
    second = (await gateway.client.post(OTHER_HUB, json={"callback": CALLBACK})).json()
    assert len((await hooks(gateway))[CALLBACK]) == 6
    assert (await gateway.client.get(first.headers["location"])).json() == first.json()
    assert (await gateway.client.get(OTHER_HUB)).json() == [second]
    for path in (first.headers["location"], f"{OTHER_HUB}/{second['id']}"):
        assert (await gateway.client.delete(path, headers={"X-API-Key": BOREALIS})).status_code == 404
        assert (await gateway.client.delete(path)).status_code == 204
        assert (await gateway.client.get(path)).status_code == 404
    assert await hooks(gateway) == {}


@pytest.mark.parametrize(
    ("hub", "status"),
    [
        ({}, 400),
        ({"callback": 7}, 400),
        ({"callback": CALLBACK, "query": "eventType=ServiceCreateEvent"}, 422),
        ({"callback": CALLBACK, "query": "state=completed"}, 422),
    ],
)
async def test_a_hub_that_cannot_be_meant_is_refused(gateway: Gateway, hub: dict[str, Any], status: int) -> None:
    answer = await gateway.client.post(HUB, json=hub)
    assert (answer.status_code, answer.json()["@type"]) == (status, "Error")
    assert await hooks(gateway) == {}


async def test_an_order_is_told_of_from_its_creation_to_its_end(gateway: Gateway) -> None:
    id_ = (await place(gateway))["id"]
    async with gateway.database.transaction() as db:
        await orders_moving.tell_ends(db)
    await told(gateway, OrderCompleted(order_id=UUID(id_), reseller="acme", customer_id=ADA))
    for _ in range(2):
        async with gateway.database.transaction() as db:
            await orders_moving.tell_ends(db)
    created, ended = await heard(gateway)
    assert (created["eventType"], ended["eventType"]) == ("ServiceOrderCreateEvent", "ServiceOrderStateChangeEvent")
    assert (created["event"]["serviceOrder"]["id"], ended["event"]["serviceOrder"]["state"]) == (id_, "completed")
    assert ended["event"]["serviceOrder"]["href"].endswith(f"{ORDERS}/{id_}")
    assert (ended["type"], ended["eventId"]) == ("tmf.ServiceOrderStateChangeEvent", ended["id"])
    assert ended["eventTime"] == ended["at"]


async def test_the_log_of_who_has_a_hub_is_as_the_document_says(gateway: Gateway) -> None:
    document = await Document.of(gateway)
    await told(gateway, OrderCompleted(order_id=UUID((await place(gateway))["id"]), reseller="acme", customer_id=ADA))
    async with gateway.database.transaction() as db:
        await orders_moving.tell_ends(db)
    (reading,) = [one for one in document.operations() if (one.method, one.path) == ("GET", "/v1/events")]
    answer = await document.call(reading)
    types = {event["type"].partition(".")[0] for event in answer.json()["events"]}
    assert types == {"order", "tmf"}
    document.check(reading, answer)


async def test_what_is_done_by_hand_is_told(gateway: Gateway) -> None:
    id_ = (await place(gateway, item(spec="fibre-access")))["id"]
    for given in ({"state": "inProgress"}, {"priority": "0"}, {"state": "completed"}):
        assert (await gateway.client.patch(f"{ORDERS}/{id_}", json=given)).status_code == 200
    async with gateway.database.transaction() as db:
        await orders_moving.tell_ends(db)
    await gateway.client.delete(f"{ORDERS}/{id_}")
    other = (await place(gateway, item(spec="fibre-access")))["id"]
    cancel = ORDERS.replace("/serviceOrder", "/cancelServiceOrder").replace("cancelServiceOrdering", "serviceOrdering")
    assert (await gateway.client.post(cancel, json={"serviceOrder": {"id": other}})).status_code == 201
    assert [one["eventType"].removesuffix("Event") for one in await heard(gateway)] == [
        "ServiceOrderCreate",
        "ServiceOrderStateChange",
        "ServiceOrderAttributeValueChange",
        "ServiceOrderStateChange",
        "ServiceOrderDelete",
        "ServiceOrderCreate",
        "CancelServiceOrderCreate",
        "ServiceOrderStateChange",
    ]


async def test_what_is_taken_in_and_let_go_is_told(gateway: Gateway) -> None:
    await made(gateway, RESOURCES, name=FAR)
    line = await made(gateway, SERVICES, **LINE)
    path = f"{SERVICES}/{line['id']}"
    await gateway.client.patch(path, json={"name": "Harbour"})
    await gateway.client.patch(path, json={"state": "terminated"})
    await gateway.client.delete(path)
    await gateway.client.patch(f"{RESOURCES}/{FAR}", json={"usageState": "busy"})
    await gateway.client.delete(f"{RESOURCES}/{FAR}")
    seen = await heard(gateway)
    assert [one["eventType"].removesuffix("Event") for one in seen] == [
        "ResourceCreate",
        "ServiceCreate",
        "ServiceAttributeValueChange",
        "ServiceStateChange",
        "ServiceDelete",
        "ResourceStateChange",
        "ResourceDelete",
    ]
    assert seen[3]["event"]["service"]["state"] == "terminated"
    assert (await gateway.client.get(f"{HUB}/{uuid4()}")).status_code == 404
