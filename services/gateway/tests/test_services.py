"""Services over the API: a change is accepted as an order of its own, under its reseller and nobody else's."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway_service import handlers
from patchbay_chassis.testing import message_of
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.v1.orders import ChangedService, OrderCompleted

from .behind import Behind, says
from .conftest import BOREALIS, NUMBERS_ONLY, Gateway

SERVICE = UUID("00000000-0000-7000-8000-00000000a0a1")
PATH = f"/v1/services/{SERVICE}/changes"
SHOWN = {
    "id": str(SERVICE),
    "version": 3,
    "reseller": "acme",
    "customer_id": str(uuid4()),
    "order_id": str(uuid4()),
    "line": 0,
    "service_type": "voice-line",
    "price_list": "standard-gbp",
    "state": "active",
    "created_at": "2026-06-01T12:00:00Z",
}


def change(kind: str = "suspend", **wanted: Any) -> dict[str, Any]:
    return {"version": 3, "why": "not paid", "reference": "T-1", "wanted": {"kind": kind} | wanted}


async def test_a_change_is_accepted_as_an_order_and_placed_with_who_asked_for_it(gateway: Gateway) -> None:
    answer = await gateway.client.post(PATH, json=change() | {"notify": ["reseller"]})
    assert answer.status_code == 202
    id_ = answer.json()["id"]
    assert answer.headers["location"] == f"/v1/orders/{id_}"
    (envelope,) = gateway.kafka.said
    placed = message_of(envelope)
    assert isinstance(placed, PlaceChange)
    assert (str(placed.order_id), placed.reseller, placed.service_id) == (id_, "acme", SERVICE)
    assert (placed.by, placed.why, placed.version, placed.wanted.kind) == ("key:test", "not paid", 3, "suspend")
    assert placed.notify == ("reseller",)


async def test_a_change_is_shown_and_listed_among_the_orders_with_its_kind(gateway: Gateway) -> None:
    id_ = (await gateway.client.post(PATH, json=change())).json()["id"]
    changed = ChangedService(id=SERVICE, kind="suspend")
    event = OrderCompleted(order_id=id_, reseller="acme", customer_id=uuid4(), change=changed)
    async with gateway.database.transaction() as db:
        await handlers.router.routes[OrderCompleted].handler([event], db)
    shown = (await gateway.client.get(f"/v1/orders/{id_}")).json()
    assert (shown["kind"], shown["state"], shown["reference"]) == ("change", "completed", "T-1")
    assert shown["order"]["service_id"] == str(SERVICE)
    assert shown["outcome"]["change"] == {"id": str(SERVICE), "kind": "suspend"}
    assert [entry["message"] for entry in shown["timeline"]] == [
        "provisioning.PlaceChange.v1",
        "orders.OrderCompleted.v1",
    ]
    listed = (await gateway.client.get("/v1/orders")).json()["orders"]
    assert [(one["id"], one["kind"]) for one in listed] == [(id_, "change")]
    theirs = await gateway.client.get(f"/v1/orders/{id_}", headers={"X-API-Key": BOREALIS})
    assert theirs.status_code == 404


async def test_a_change_sent_again_under_its_key_is_made_once(gateway: Gateway) -> None:
    key = {"Idempotency-Key": "once"}
    first = await gateway.client.post(PATH, json=change(), headers=key)
    again = await gateway.client.post(PATH, json=change(), headers=key)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = await gateway.client.post(f"/v1/services/{uuid4()}/changes", json=change(), headers=key)
    assert other.status_code == 422
    assert await gateway.count() == 1


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (change() | {"version": 0}, "/version"),
        ({k: v for k, v in change().items() if k != "why"}, "/why"),
        (change() | {"why": "two\nlines"}, "/why"),
        (change("colour"), "/wanted"),
        (change("price_list", price_list="x", from_date="soon"), "/wanted/from_date"),
        (change("remove_numbers", numbers=["0121"]), "/wanted/numbers/0"),
        (change("suspend", colour="red"), "/wanted/colour"),
        (change("settings", settings={"a": "\0"}), "/wanted/settings"),
        (change() | {"notify": ["everybody"]}, "/notify/0"),
    ],
)
async def test_what_cannot_be_meant_is_refused_at_its_field(
    gateway: Gateway, document: dict[str, Any], pointer: str
) -> None:
    answer = await gateway.client.post(PATH, content=json.dumps(document), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert await gateway.count() == 0


@pytest.mark.parametrize(("key", "status"), [("", 401), (NUMBERS_ONLY, 403)])
async def test_who_may_not_order_may_not_change(gateway: Gateway, key: str, status: int) -> None:
    answer = await gateway.client.post(PATH, json=change(), headers={"X-API-Key": key})
    assert answer.status_code == status
    assert await gateway.count() == 0


async def test_a_service_and_its_history_are_asked_for_the_callers_reseller_alone(
    behind: Behind, gateway: Gateway
) -> None:
    behind.provisioning.answers = says({"services": [SHOWN]})
    answer = await gateway.client.get(f"/v1/services/{SERVICE}")
    assert (answer.status_code, answer.json()["version"]) == (200, 3)
    behind.provisioning.answers = says({"changes": [], "next": None})
    headers = {"X-API-Key": BOREALIS}
    assert (await gateway.client.get(PATH, headers=headers)).json() == {"changes": [], "next": None}
    asked = [(call.path, call.document["resellers"]) for call in behind.provisioning.asked]
    assert asked == [("/services/get", ["acme"]), ("/services/history", ["borealis"])]


async def test_a_service_that_is_not_there_or_another_resellers_is_answered_alike(
    behind: Behind, gateway: Gateway
) -> None:
    behind.provisioning.answers = says({"services": []})
    assert (await gateway.client.get(f"/v1/services/{SERVICE}")).status_code == 404


FOUND = {
    "code": "billing.other_currency",
    "severity": "warning",
    "tab": "billing",
    "pointer": "/change/wanted/price_list",
    "message": "it is charged in EUR",
    "remedy": "choose another",
}


@pytest.mark.parametrize(
    ("found", "waived", "may_place"),
    [
        ({}, "", False),
        ({}, "agreed", True),
        ({"severity": "error"}, "agreed", False),  # nobody can waive it
        ({"severity": "info"}, "", True),
        ({"pointer": "/change/wanted/from_date"}, "agreed", False),  # another one
    ],
)
async def test_a_change_is_checked_and_its_warnings_waived_before_it_is_placed(
    behind: Behind, gateway: Gateway, found: dict[str, str], waived: str, may_place: bool
) -> None:
    behind.provisioning.answers = says({"findings": [FOUND | found]})
    document = change("price_list", price_list="x", from_date="2099-01-01")
    if waived:
        document["waived"] = [{"code": FOUND["code"], "pointer": "/wanted/price_list", "reason": waived}]
    answer = await gateway.client.post(f"{PATH}/validity", json=document)
    assert answer.status_code == 200
    (finding,) = answer.json()["findings"]
    assert finding["pointer"] == (FOUND | found)["pointer"].removeprefix("/change")
    assert finding["waived"] == (waived if may_place and waived else None)
    assert answer.json()["may_place"] is may_place
    assert await gateway.count() == 0
    (asked,) = behind.provisioning.asked
    assert (asked.path, asked.document["reseller"], asked.document["service_id"]) == (
        "/services/validity",
        "acme",
        str(SERVICE),
    )


async def test_a_check_is_refused_like_the_change_itself(behind: Behind, gateway: Gateway) -> None:
    bad = await gateway.client.post(f"{PATH}/validity", json=change("suspend") | {"version": 0})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/version")
    nobody = await gateway.client.post(f"{PATH}/validity", json=change(), headers={"X-API-Key": NUMBERS_ONLY})
    assert nobody.status_code == 403
    await behind.provisioning.go()
    assert (await gateway.client.post(f"{PATH}/validity", json=change())).status_code == 503
