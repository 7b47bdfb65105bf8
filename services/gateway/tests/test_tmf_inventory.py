"""TMF638 and TMF639: services and numbers as the TM Forum shows them; what exists elsewhere is taken in and let go."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from .behind import Behind
from .conftest import BOREALIS, ORDERS_ONLY, Gateway
from .recorded import Recorded
from .registry import ADA, SERVICE
from .serving import NUMBERS, THEIRS, a_service
from .tmf import characteristics

SERVICES = "/tmf-api/serviceInventoryManagement/v4/service"
RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"
FAR = "+4930901820"
LINE = {
    "name": "To the harbour",
    "description": "behind the lighthouse",
    "state": "active",
    "startDate": "2020-02-30T00:00",
    "serviceSpecification": {"id": "Leased Line", "href": "https://example.com/leased-line"},
    "serviceCharacteristic": characteristics(bandwidth="100M"),
    "myOwn": [1],
}


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Recorded:
    return Recorded(behind)


async def made(gateway: Gateway, path: str, **document: Any) -> dict[str, Any]:
    answer = await gateway.client.post(path, json=document)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == found["href"] == f"http://gateway{path}/{found['id']}"
    return found


async def tried(gateway: Gateway, method: str, path: str, **document: Any) -> httpx.Response:
    answer = await gateway.client.request(method, path, json=document if method != "DELETE" else None)
    if answer.status_code >= 400:
        assert (answer.json()["status"], answer.json()["@type"]) == (str(answer.status_code), "Error")
    return answer


async def test_a_service_is_shown_as_the_standard_has_it(gateway: Gateway) -> None:
    found = (await gateway.client.get(f"{SERVICES}/{SERVICE}")).json()
    assert found["href"] == f"http://gateway{SERVICES}/{SERVICE}"
    assert (found["state"], found["serviceSpecification"]["id"]) == ("active", "voice-line")
    assert found["supportingResource"][0]["href"] == f"http://gateway{RESOURCES}/+{NUMBERS[0]}"
    assert found["relatedParty"][0]["id"] == str(ADA)
    values = {one["name"]: one["value"] for one in found["serviceCharacteristic"]}
    assert (values["greeting"], values["priceList"]) == ("Hello", "standard-gbp")
    part = await gateway.client.get(f"{SERVICES}/{SERVICE}", params={"fields": "state"})
    assert part.json() == {"state": "active"}


async def test_services_are_listed_filtered_and_cut(gateway: Gateway, owners: Recorded) -> None:
    owners.many = 4
    page = await gateway.client.get(SERVICES, params={"limit": 2, "offset": 1, "fields": "id"})
    assert (page.headers["x-total-count"], page.headers["x-result-count"]) == ("5", "2")
    assert [len(one) for one in page.json()] == [1, 1]
    found = await gateway.client.get(SERVICES, params={"serviceCharacteristic.value": "Hello", "id": str(SERVICE)})
    assert [one["id"] for one in found.json()] == [str(SERVICE)]
    assert (await gateway.client.get(SERVICES, params={"state": "terminated"})).json() == []


async def test_a_service_that_exists_elsewhere_is_taken_in_and_comes_back_as_it_was_sent(gateway: Gateway) -> None:
    found = await made(gateway, SERVICES, **LINE)
    assert {name: found[name] for name in LINE} == LINE
    assert (found["serviceType"], found["@type"], found["@baseType"]) == ("leased-line", "Service", "Entity")
    assert (await gateway.client.get(found["href"])).json() == found
    theirs = await gateway.client.get(found["href"], headers={"X-API-Key": BOREALIS})
    assert theirs.status_code == 404


async def test_its_state_goes_as_the_standard_does_and_it_is_let_go_when_it_rests(gateway: Gateway) -> None:
    path = f"{SERVICES}/{(await made(gateway, SERVICES, **LINE | {'state': 'designed'}))['id']}"
    assert (await gateway.client.get(path)).json()["state"] == "designed"
    assert (await tried(gateway, "PATCH", path, state="feasibilityChecked")).status_code == 422
    active = (await tried(gateway, "PATCH", path, state="active", name="Harbour", myOwn=None)).json()
    assert (active["state"], active["name"], "myOwn" in active) == ("active", "Harbour", False)
    assert (await tried(gateway, "DELETE", path)).status_code == 409
    assert (await tried(gateway, "PATCH", path, state="terminated")).status_code == 200
    assert (await tried(gateway, "PATCH", path, state="active")).status_code == 422
    assert (await tried(gateway, "PATCH", path, id="other")).status_code == 422
    assert (await tried(gateway, "DELETE", path)).status_code == 204
    assert (await tried(gateway, "GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"serviceSpecification": None}, 400),
        ({"state": None}, 400),
        ({"state": "sold"}, 422),
        ({"supportingResource": [{"id": FAR}]}, 422),
        ({"supportingResource": [{"id": "cpe-7"}]}, 422),
        ({"supportingService": [{"id": str(uuid4())}]}, 422),
        ({"relatedParty": [{"role": "customer", "id": str(uuid4())}]}, 422),
    ],
)
async def test_a_service_without_what_it_needs_or_that_names_what_is_not_there_is_refused(
    gateway: Gateway, owners: Recorded, change: dict[str, Any], status: int
) -> None:
    before = len(owners.services)
    assert (await tried(gateway, "POST", SERVICES, **LINE | change)).status_code == status
    assert len(owners.services) == before
    assert await gateway.rows("SELECT FROM tmf_record") == []


async def test_what_patchbay_carries_out_is_described_here_and_changed_by_ordering(
    gateway: Gateway, owners: Recorded
) -> None:
    path = f"{SERVICES}/{SERVICE}"
    found = (await tried(gateway, "PATCH", path, name="Reception", state="active")).json()
    assert (found["name"], found["state"]) == ("Reception", "active")
    tries: tuple[dict[str, Any], ...] = (
        {"state": "terminated"}, {"serviceCharacteristic": []}, {"supportingResource": []}
    )  # fmt: skip
    for change in tries:
        assert (await tried(gateway, "PATCH", path, **change)).status_code == 422
    assert (await tried(gateway, "DELETE", path)).status_code == 409
    owners.services[SERVICE] = a_service(state="ended")
    assert (await tried(gateway, "DELETE", path)).status_code == 409
    assert (await tried(gateway, "PATCH", f"{SERVICES}/{THEIRS}", name="mine")).status_code == 404


async def test_a_number_is_shown_with_its_states_and_its_service(gateway: Gateway, owners: Recorded) -> None:
    found = (await gateway.client.get(f"{RESOURCES}/+{NUMBERS[0]}")).json()
    assert (found["id"], found["resourceStatus"], found["usageState"]) == (f"+{NUMBERS[0]}", "reserved", "active")
    values = {one["name"]: one["value"] for one in found["resourceCharacteristic"]}
    assert (values["grade"], values["service"]) == ("gold", str(SERVICE))
    free = (await gateway.client.get(f"{RESOURCES}/441217370000")).json()
    assert (free["resourceStatus"], free["usageState"]) == ("available", "idle")
    owners.services[SERVICE] = a_service(state="suspended")
    assert (await gateway.client.get(f"{RESOURCES}/+{NUMBERS[0]}")).json()["resourceStatus"] == "suspended"
    for none in (FAR, "cpe-7"):
        assert (await tried(gateway, "GET", f"{RESOURCES}/{none}")).status_code == 404


async def test_a_number_that_exists_elsewhere_is_taken_in_used_and_let_go(gateway: Gateway) -> None:
    found = await made(gateway, RESOURCES, name=FAR, description="ported", resourceStatus="standby", myOwn={"a": 1})
    assert (found["id"], found["description"], found["myOwn"]) == (FAR, "ported", {"a": 1})
    assert (found["resourceStatus"], found["@type"], found["@baseType"]) == ("standby", "LogicalResource", "Resource")
    path = f"{RESOURCES}/{FAR}"
    assert (await tried(gateway, "PATCH", path, resourceStatus="alarm")).json()["resourceStatus"] == "alarm"
    assert (await tried(gateway, "PATCH", path, resourceStatus="sold")).status_code == 422
    line = await made(gateway, SERVICES, **LINE | {"supportingResource": [{"id": FAR}]})
    assert (await tried(gateway, "DELETE", path)).status_code == 409
    await tried(gateway, "PATCH", f"{SERVICES}/{line['id']}", state="terminated")
    assert (await tried(gateway, "DELETE", path)).status_code == 204
    assert (await tried(gateway, "GET", path)).status_code == 404


async def test_a_number_that_was_taken_in_is_not_taken_in_again(gateway: Gateway) -> None:
    tries = [{"category": category} for category in ("ported", "other", "third")]
    answers = await asyncio.gather(*(tried(gateway, "POST", RESOURCES, name=FAR, **one) for one in tries))
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    (first,) = (one.json() for one in answers if one.status_code == 201)
    assert (await gateway.client.get(first["href"])).json() == first
    assert (await tried(gateway, "POST", RESOURCES, name=FAR)).status_code == 409
    assert len(await gateway.rows("SELECT FROM event_log WHERE type = 'tmf.ResourceCreateEvent'")) == 1
    await tried(gateway, "DELETE", f"{RESOURCES}/{FAR}")
    await gateway.do("INSERT INTO tmf_record VALUES ('acme', 'resource', $1, '{}')", FAR)  # as of a gateway that died
    assert (await made(gateway, RESOURCES, name=FAR, category="other"))["category"] == "other"


async def test_numbers_are_listed_the_newest_first_wherever_they_are(gateway: Gateway) -> None:
    for number in (FAR, "+4930901821"):
        await made(gateway, RESOURCES, name=number)
    seen, total = list[str](), len(NUMBERS) + 2
    for offset in range(0, total, 2):
        page = await gateway.client.get(RESOURCES, params={"offset": offset, "limit": 2})
        assert page.headers["x-total-count"] == str(total)
        seen += [one["id"] for one in page.json()]
    assert seen == ["+4930901821", FAR, *(f"+{number}" for number in NUMBERS)]
    assert len((await gateway.client.get(RESOURCES, params={"usageState": "active", "limit": 3})).json()) == 3
    assert (await gateway.client.get(RESOURCES, params={"id": FAR, "fields": "id"})).json() == [{"id": FAR}]
    assert (await gateway.client.get(RESOURCES, headers={"X-API-Key": BOREALIS})).headers["x-total-count"] == str(
        len(NUMBERS)
    )


@pytest.mark.parametrize(
    ("document", "status"), [({}, 400), ({"name": "cpe-7"}, 422), ({"name": FAR, "usageState": "sold"}, 422)]
)
async def test_what_is_no_number_is_not_taken_in(gateway: Gateway, document: dict[str, Any], status: int) -> None:
    assert (await tried(gateway, "POST", RESOURCES, **document)).status_code == status


async def test_a_number_of_the_house_is_described_here_and_changed_by_ordering(
    gateway: Gateway, owners: Recorded
) -> None:
    path = f"{RESOURCES}/+{NUMBERS[0]}"
    assert (await tried(gateway, "PATCH", path, description="front desk")).json()["description"] == "front desk"
    assert (await tried(gateway, "PATCH", path, usageState="idle")).status_code == 422
    assert (await tried(gateway, "DELETE", path)).status_code == 409
    assert (await tried(gateway, "PATCH", f"{RESOURCES}/+441217370000", description="mine")).status_code == 422
    owners.refusals["/numbers/taken-in"] = (409, {"detail": "It is one of the house."})
    assert (await tried(gateway, "POST", RESOURCES, name=f"+{NUMBERS[0]}")).status_code == 409


@pytest.mark.parametrize("path", [SERVICES, RESOURCES])
async def test_a_key_needs_the_scope(gateway: Gateway, path: str) -> None:
    answer = await gateway.client.get(path, headers={"X-API-Key": ORDERS_ONLY})
    assert (answer.status_code, answer.json()["@type"]) == (403, "Error")
