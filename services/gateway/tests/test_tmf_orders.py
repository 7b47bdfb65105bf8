"""TMF641: service orders become orders and changes, and come back as they were sent with what became of them."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from patchbay_contracts.message import Message
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.v1.orders import ChangedService, CreatedService, OrderBegun, OrderCompleted, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder

from .behind import Behind
from .conftest import BOREALIS, ORDERS_ONLY, Gateway
from .registry import ADA, SERVICE
from .serving import NUMBERS, THEIRS
from .test_back_orders import back_ordered
from .test_reading import told
from .tmf import CUSTOMER, NEW, ORDERS, Owners, about, characteristics, item, order, place, placed, show


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Owners:
    return Owners(behind)


async def test_an_item_that_adds_a_service_is_a_line_of_an_order_for_its_customer(gateway: Gateway) -> None:
    values = characteristics(priceList="standard-gbp", numberCount=2, numberPrefix="0121", voicemail=True)
    made = await place(
        gateway,
        item(serviceCharacteristic=values),
        item(
            "2",
            supportingResource=[{"id": "+441217370000"}],
            serviceCharacteristic=characteristics(priceList="wholesale-gbp"),
        ),
    )
    (message,) = placed(gateway)
    assert isinstance(message, PlaceOrder)
    assert (str(message.order_id), message.reference, message.customer.kind) == (made["id"], "PO-7", "existing")
    first, second = message.lines
    assert (first.service_type, first.price_list, first.settings) == ("voice-line", "standard-gbp", {"voicemail": True})
    assert (first.numbers.count, first.numbers.prefix) == (2, "0121")
    assert (second.numbers.exact, second.price_list) == ((441217370000,), "wholesale-gbp")
    assert (await gateway.client.get(f"/v1/orders/{made['id']}")).json()["reference"] == "PO-7"


async def test_what_a_client_sent_comes_back_letter_for_letter(gateway: Gateway) -> None:
    sent = {
        "externalId": "PO-8",
        "priority": "1",
        "category": "voice",
        "description": "Zwei Leitungen — \u2603",
        "requestedStartDate": "2026-12-01T09:00:00.000+01:00",
        "requestedCompletionDate": "2026-12-24T00:00:00Z",
        "note": [{"text": "ring twice"}],
        "myOwn": {"deep": [1, 2.5, None, True]},
        "@type": "MyOrder",
        "@schemaLocation": "https://example.com/my.json",
    }
    answer = await gateway.client.post(ORDERS, json=order(**sent))
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == made["href"] == f"http://gateway{ORDERS}/{made['id']}"
    again = (await gateway.client.get(made["href"])).json()
    for found in (made, again):
        assert {name: found[name] for name in sent} == sent
        assert found["relatedParty"] == [CUSTOMER]
        assert found["state"] == "inProgress"
        assert found["serviceOrderItem"] == [item() | {"state": "inProgress"}]
        assert found["@baseType"]
    assert (await place(gateway))["@type"] == "ServiceOrder"


async def test_older_clients_are_answered_in_kind(gateway: Gateway) -> None:
    sent = {"externalId": 7, "relatedParty": [CUSTOMER], "orderItem": [item(1)]}  # type: ignore[arg-type]
    answer = await gateway.client.post(ORDERS, json=sent)
    assert answer.status_code == 201, answer.text
    assert "serviceOrderItem" not in answer.json()
    assert answer.json()["orderItem"][0]["action"] == "add"
    listed = await gateway.client.get(ORDERS, params={"serviceOrderItem.action": "add"})
    assert len(listed.json()) == 1


async def test_a_new_customer_is_made_and_the_pin_is_nowhere_to_be_seen(gateway: Gateway) -> None:
    made = await place(gateway, relatedParty=[NEW])
    (message,) = placed(gateway)
    assert isinstance(message, PlaceOrder)
    assert (message.customer.kind, message.customer.name) == ("new", "Grace Hopper")  # type: ignore[union-attr]
    assert "pin" not in made["relatedParty"][0]
    rows = await gateway.rows("SELECT sent FROM tmf_order")
    assert "90210-pin" not in json.dumps(made) + rows[0].sent


async def test_a_customer_is_known_by_the_resellers_own_reference(gateway: Gateway) -> None:
    await place(gateway, relatedParty=[{"role": "Customer", "id": "A-1"}])
    (message,) = placed(gateway)
    assert isinstance(message, PlaceOrder)
    assert message.customer.id == ADA  # type: ignore[union-attr]


async def test_an_order_that_is_done_names_its_services_and_numbers(gateway: Gateway) -> None:
    made = await place(gateway)
    service = CreatedService(id=SERVICE, line=0, service_type="voice-line", numbers=(441214960000,))
    event = OrderCompleted(order_id=UUID(made["id"]), reseller="acme", customer_id=ADA, services=(service,))
    await told(gateway, event)
    found = await show(gateway, made["id"])
    assert (found["state"], found["serviceOrderItem"][0]["state"]) == ("completed", "completed")
    assert found["completionDate"] >= found["startDate"] >= found["orderDate"]
    done = found["serviceOrderItem"][0]["service"]
    assert (done["id"], done["state"]) == (str(SERVICE), "active")
    assert done["href"] == f"http://gateway/tmf-api/serviceInventoryManagement/v4/service/{SERVICE}"
    assert [one["id"] for one in done["supportingResource"]] == ["+441214960000"]


@pytest.mark.parametrize(("step", "state"), [("validity", "rejected"), ("billing", "failed")])
async def test_an_order_that_is_refused_says_why(gateway: Gateway, step: str, state: str) -> None:
    made = await place(gateway)
    failed = OrderFailed(order_id=UUID(made["id"]), reseller="acme", step=step, reason="no_price", detail="ask for one")
    await told(gateway, failed)
    found = await show(gateway, made["id"])
    assert (found["state"], found["serviceOrderItem"][0]["state"]) == (state, state)
    assert (found["errorMessage"][0]["code"], found["errorMessage"][0]["message"]) == ("no_price", "ask for one")


async def test_an_order_that_waits_for_numbers_is_pending_until_it_has_them(gateway: Gateway) -> None:
    made = await place(gateway)
    await back_ordered(gateway, UUID(made["id"]))
    found = await show(gateway, made["id"])
    assert (found["state"], found["serviceOrderItem"][0]["state"]) == ("pending", "pending")
    assert "completionDate" not in found
    listed = await gateway.client.get(ORDERS, params={"state": "pending"})
    assert [one["id"] for one in listed.json()] == [made["id"]]
    await told(gateway, OrderBegun(order_id=UUID(made["id"]), reseller="acme"))
    assert (await show(gateway, made["id"]))["state"] == "inProgress"


@pytest.mark.parametrize(
    ("service", "wanted"),
    [
        ({"state": "inactive"}, {"kind": "suspend"}),
        ({"state": "terminated"}, {"kind": "end"}),
        ({"serviceCharacteristic": characteristics(greeting="Hi", code=None)}, {"settings": {"greeting": "Hi"}}),
        ({"serviceCharacteristic": characteristics(numberCount=2)}, {"kind": "add_numbers"}),
        ({"supportingResource": [{"id": f"+{n}"} for n in NUMBERS[1:]]}, {"kind": "remove_numbers"}),
        ({"serviceCharacteristic": characteristics(priceList="wholesale-gbp")}, {"price_list": "wholesale-gbp"}),
    ],
)
async def test_an_item_that_modifies_a_service_is_a_change_of_it(
    gateway: Gateway, service: dict[str, Any], wanted: dict[str, Any]
) -> None:
    made = await place(gateway, about(SERVICE, **service))
    (message,) = placed(gateway)
    assert isinstance(message, PlaceChange)
    assert (str(message.order_id), message.service_id, message.version) == (made["id"], SERVICE, 3)
    assert wanted.items() <= message.wanted.model_dump().items()
    done = OrderCompleted(
        order_id=message.order_id, reseller="acme", customer_id=ADA, change=ChangedService(id=SERVICE, kind="suspend")
    )
    await told(gateway, done)
    assert (await show(gateway, made["id"]))["state"] == "completed"


async def test_a_service_is_ended_and_others_are_added_by_one_order(gateway: Gateway) -> None:
    made = await place(gateway, about(SERVICE, "delete"), item("2"), item("3", spec="fibre-access"))
    kinds: dict[type[Message], Any] = {type(one): one for one in placed(gateway)}
    assert len(kinds) == 2
    assert [one["state"] for one in made["serviceOrderItem"]] == ["inProgress", "inProgress", "acknowledged"]
    done = OrderCompleted(order_id=kinds[PlaceOrder].order_id, reseller="acme", customer_id=ADA)
    await told(gateway, done)
    found = await show(gateway, made["id"])
    assert [one["state"] for one in found["serviceOrderItem"]] == ["inProgress", "completed", "acknowledged"]
    assert found["state"] == "inProgress"


async def test_what_is_not_automated_is_acknowledged_and_waits(gateway: Gateway) -> None:
    made = await place(gateway, item(spec="fibre-access"), relatedParty=[])
    assert (made["state"], placed(gateway)) == ("acknowledged", [])
    assert (await gateway.rows("SELECT waits FROM tmf_order"))[0].waits


@pytest.mark.parametrize(
    ("document", "place_"),
    [
        (order(relatedParty=[CUSTOMER | {"id": str(uuid4())}]), "/relatedParty"),
        (order(relatedParty=[CUSTOMER | {"id": "nobody"}]), "/relatedParty"),
        (order(relatedParty=[]), "/relatedParty"),
        (order(about(uuid4(), state="inactive")), "/serviceOrderItem/0/service/id"),
        (order(about(THEIRS, "delete")), "/serviceOrderItem/0/service/id"),
        (order(about(SERVICE, "noChange"), {"id": "2", "action": "delete", "service": {}}), "/serviceOrderItem/1/"),
        (order(about(SERVICE)), "nothing would be different"),
        (order(about(SERVICE, state="feasibilityChecked")), "/serviceOrderItem/0/service/state"),
        (order(about(SERVICE, state="inactive", serviceCharacteristic=characteristics(a=1))), "at once"),
        (order(about(SERVICE, "delete"), about(SERVICE, "delete") | {"id": "2"}), "another item changes"),
        (order(item(serviceCharacteristic=[])), "priceList"),
        (order(item(serviceCharacteristic=characteristics(priceList="UPPER"))), "/serviceCharacteristic"),
        (order(item(supportingResource=[{"id": "0121"}])), "E.164"),
        (order(item() | {"quantity": 201}), "200"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_place(gateway: Gateway, document: dict[str, Any], place_: str) -> None:
    answer = await gateway.client.post(ORDERS, json=document)
    error = answer.json()
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/json"
    assert place_ in error["message"]
    assert (error["status"], error["@type"]) == (str(answer.status_code), "Error")
    assert error["code"]
    assert error["reason"]
    assert error["referenceError"].startswith("http")
    assert (await gateway.count(), await gateway.rows("SELECT FROM tmf_order")) == (0, [])


async def test_an_order_sent_again_under_its_key_is_made_once(gateway: Gateway) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = [await gateway.client.post(ORDERS, json=order(), headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert (again.headers["idempotency-replayed"], again.headers["location"]) == ("true", first.headers["location"])
    other = await gateway.client.post(ORDERS, json=order(priority="2"), headers=key)
    assert (other.status_code, other.json()["@type"]) == (422, "Error")
    assert await gateway.count() == 1


async def test_errors_of_every_kind_are_in_the_tm_forums_shape(gateway: Gateway, owners: Owners) -> None:
    owners.refusals["/customers/get"] = (503, {"detail": "Try again."})
    client = gateway.client
    for answer, status in (
        (await client.get(ORDERS, headers={"X-API-Key": "nobody"}), 401),
        (await client.get(ORDERS, headers={"X-API-Key": ORDERS_ONLY}), 403),
        (await client.get(f"{ORDERS}/nothing"), 404),
        (await client.get("/tmf-api/nothing/v4"), 404),
        (await client.put(ORDERS, json={}), 405),
        (await client.get(ORDERS, params={"limit": "many"}), 400),
        (await client.get(ORDERS, params={"sort": "-state"}), 400),
        (await client.post(ORDERS, content=b"x", headers={"Content-Type": "text/plain"}), 415),
        (await client.post(ORDERS, json=order(), headers={"Idempotency-Key": ""}), 422),
        (await client.post(ORDERS, json=order()), 503),
    ):
        error = answer.json()
        assert (answer.status_code, error["status"], error["@type"]) == (status, str(status), "Error"), error
        assert {"code", "reason", "message", "referenceError"} <= error.keys()
    await gateway.do("ALTER TABLE tmf_order RENAME TO gone")
    broken = await client.get(ORDERS)
    await gateway.do("ALTER TABLE gone RENAME TO tmf_order")
    assert (broken.status_code, broken.json()["@type"]) == (500, "Error")


async def test_nobody_sees_or_deletes_anothers_order(gateway: Gateway) -> None:
    made = await place(gateway, item(spec="fibre-access"))
    theirs = {"X-API-Key": BOREALIS}
    assert (await gateway.client.get(ORDERS, headers=theirs)).json() == []
    for path in (f"{ORDERS}/{made['id']}", f"{ORDERS}/{uuid4()}"):
        assert (await gateway.client.get(path, headers=theirs)).status_code == 404
        assert (await gateway.client.delete(path, headers=theirs)).status_code == 404
    assert (await show(gateway, made["id"]))["id"] == made["id"]


async def test_an_order_is_deleted_before_it_begins_and_after_it_ended_but_not_meanwhile(gateway: Gateway) -> None:
    waits, runs = await place(gateway, item(spec="fibre-access")), await place(gateway)
    assert (await gateway.client.delete(f"{ORDERS}/{waits['id']}")).status_code == 204
    assert (await gateway.client.delete(f"{ORDERS}/{runs['id']}")).status_code == 409
    await told(gateway, OrderCompleted(order_id=UUID(runs["id"]), reseller="acme", customer_id=ADA))
    assert (await gateway.client.delete(f"{ORDERS}/{runs['id']}")).status_code == 204
    assert (await gateway.client.get(ORDERS)).json() == []
    assert (await gateway.client.get(f"/v1/orders/{runs['id']}")).status_code == 200


async def test_a_list_is_filtered_cut_and_shown_as_it_was_asked_for(gateway: Gateway) -> None:
    ids = [(await place(gateway, externalId=f"PO,{n}", priority=str(n % 2)))["id"] for n in range(5)]
    await place(gateway, item(spec="fibre-access"), externalId="by-hand")

    async def found(**query: Any) -> tuple[list[Any], str, str]:
        answer = await gateway.client.get(ORDERS, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json(), answer.headers["x-total-count"], answer.headers["x-result-count"]

    whole, total, shown = await found()
    assert ([one["id"] for one in whole[1:]], total, shown) == (ids[::-1], "6", "6")
    page, total, shown = await found(offset=2, limit=2, fields="id")
    assert (page, total, shown) == ([{"id": ids[3]}, {"id": ids[2]}], "6", "2")
    page, total, shown = await found(priority="1", limit=1, fields="externalId,priority")
    assert (page, total, shown) == ([{"externalId": "PO,3", "priority": "1"}], "2", "1")
    assert await found(externalId='"PO,2"', fields="none") == (
        [{"id": ids[2], "href": f"http://gateway{ORDERS}/{ids[2]}"}],
        "1",
        "1",
    )
    assert (await found(**{"serviceOrderItem.service.serviceSpecification.id": "fibre-access"}))[1] == "1"
    assert (await found(state="acknowledged,completed"))[1] == "1"
    assert (await found(id=ids[0], state="completed"))[1] == "0"
    assert (await found(id="no-id"))[1] == "0"
    one = await gateway.client.get(f"{ORDERS}/{ids[0]}", params={"fields": "state,id"})
    assert one.json() == {"state": "inProgress", "id": ids[0]}
