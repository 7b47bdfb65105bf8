"""What is no service order of the TM Forum breaks nothing."""

from typing import Any

import pytest

from .behind import Behind
from .conftest import Gateway
from .recorded import Recorded
from .registry import SERVICE
from .tmf import ORDERS, item, order, place

SERVICES = "/tmf-api/serviceInventoryManagement/v4/service"
RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"
CANCELS = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"
HUB = "/tmf-api/serviceOrdering/v4/hub"
LINE = {"state": "active", "serviceSpecification": {"id": "leased-line"}}
FAR = {"name": "+4930901820"}
BY_HAND = item(spec="fibre-access")
SAID = {
    "description": [], "category": 0, "note": [[None]], "@type": {}, "@baseType": False, "@schemaLocation": 1,
}  # fmt: skip
WRONG: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    ORDERS: (
        order(BY_HAND),
        SAID | {"externalId": {}, "priority": [], "requestedStartDate": 7, "orderDate": 0, "relatedParty": [0],
                "externalReference": [""], "cancellationReason": [], "serviceOrderItem": [BY_HAND | {"state": 0}]},
    ),
    SERVICES: (
        LINE,
        SAID | {"name": 0, "state": 0, "hasStarted": "yes", "startDate": 1, "serviceSpecification": "a",
                "serviceCharacteristic": [{}], "supportingResource": [0], "supportingService": 0, "relatedParty": "a"},
    ),
    RESOURCES: (
        FAR,
        SAID | {"value": {}, "name": 0, "usageState": [], "resourceCharacteristic": 0, "resourceSpecification": [],
                "startOperatingDate": 1},
    ),
    CANCELS: (
        {"serviceOrder": {"id": "1"}},
        {"serviceOrder": 1, "cancellationReason": [], "requestedCancellationDate": 1},
    ),
    HUB: ({"callback": "https://example.com/"}, {"callback": 0, "query": 0}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Recorded:
    return Recorded(behind)


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, (_, wrong) in WRONG.items() for name in wrong])
async def test_an_attribute_of_another_type_is_refused_by_its_name(gateway: Gateway, path: str, name: str) -> None:
    good, wrong = WRONG[path]
    answers = [await gateway.client.post(path, json=good | {name: wrong[name]})]
    if path == ORDERS and name != "serviceOrderItem":
        made = await place(gateway, BY_HAND)
        answers.append(await gateway.client.patch(f"{path}/{made['id']}", json={name: wrong[name]}))
    if path == SERVICES:
        answers.append(await gateway.client.patch(f"{path}/{SERVICE}", json={name: wrong[name]}))
    for answer in answers:
        assert answer.status_code in (400, 422), answer.text
        assert answer.json()["@type"] == "Error"
        assert f"/{name}" in answer.json()["message"]


@pytest.mark.parametrize("path", [ORDERS, SERVICES, RESOURCES])
async def test_null_says_nothing_and_takes_away_what_was_said(gateway: Gateway, path: str) -> None:
    good, wrong = WRONG[path]
    fixed = {*good, *SAID, "value", "orderDate", "cancellationReason", "resourceSpecification"}
    nothing = dict.fromkeys(wrong.keys() - fixed | {"description"}) | {"myOwn": {"deep": None}}
    answer = await gateway.client.post(path, json=good | {"note": [{"text": "a"}]} | nothing)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["myOwn"], None in made.values()) == ({"deep": None}, False)
    changed = await gateway.client.patch(f"{path}/{made['id']}", json=nothing | {"note": None})
    assert changed.status_code == 200, changed.text
    assert "note" not in changed.json()


@pytest.mark.parametrize("id_", ["", 10**20])
async def test_a_text_that_cannot_be_is_refused_alone(gateway: Gateway, id_: str | int) -> None:
    answer = await gateway.client.post(ORDERS, json=order(BY_HAND | {"id": id_}))
    message = answer.json()["message"]
    assert (answer.status_code, message.count("/serviceOrderItem")) == (422, 1), message
    assert message.startswith("/serviceOrderItem/0/id: ")


async def test_what_looks_like_an_order_elsewhere_breaks_nothing(gateway: Gateway) -> None:
    for odd in ({"orderItem": [1]}, {"orderItem": "x"}, {"serviceOrderItem": [{"service": {"relatedParty": 5}}]}):
        answer = await gateway.client.post(SERVICES, json=LINE | odd)
        assert answer.status_code == 201, answer.text
        made = await place(gateway, BY_HAND)
        answer = await gateway.client.post(CANCELS, json={"serviceOrder": {"id": made["id"]}, "relatedParty": 5} | odd)
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b'{"serviceOrderItem": []}',
        b'{"serviceOrderItem": [1]}',
        b'{"serviceOrderItem": [{"id": "1", "action": "sell", "service": {}}]}',
        b'{"serviceOrderItem": [{"id": "1", "action": "add"}]}',
        b'{"orderItem": [], "serviceOrderItem": []}',
        b"[" * 10_000,
        b'{"a":' * 60 + b"1" + b"}" * 60,
    ],
)
async def test_what_is_no_service_order_is_a_bad_request(gateway: Gateway, body: bytes) -> None:
    answer = await gateway.client.post(ORDERS, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["@type"]) == (400, "Error")
