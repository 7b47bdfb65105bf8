"""Lists of the TM Forum's inventories: owners find what is asked for, and what clients say themselves is heeded."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest

from .behind import Behind
from .conftest import Gateway
from .recorded import Recorded
from .registry import ADA, SERVICE
from .serving import NUMBERS, a_service
from .test_tmf_inventory import FAR, LINE, RESOURCES, SERVICES, made

NOON, LATER, A_BIT_LATER = "2026-06-01T12:00:00Z", "2026-06-01T12:00:00.0005Z", "2026-06-01T12:00:00.001000Z"
NEW = UUID(int=77)
Asked = tuple[str, dict[str, str], dict[str, Any]]
ASKED: Sequence[Asked] = [
    (SERVICES, {"state": "active,terminated"}, {"states": ["active", "ended", "refused", "withdrawn"]}),
    (SERVICES, {"state.ne": "terminated", "isServiceEnabled": "false"}, {"states": ["planned", "suspended"]}),
    (SERVICES, {"name": "voice-line,No such"}, {"service_types": ["voice-line"]}),
    (SERVICES, {"name": "a,b", "serviceSpecification.id": "b,c"}, {"service_types": ["b"]}),
    (SERVICES, {"relatedParty.id": str(ADA), "category": "CFS"}, {"customer_ids": [str(ADA)]}),
    (SERVICES, {"orderItem.serviceOrderId": str(ADA)}, {"order_ids": [str(ADA)]}),
    (SERVICES, {"supportingResource.id": "+441214960000,441"}, {"numbers": ["+441214960000"]}),
    (SERVICES, {"startDate.gte": NOON}, {"created_from": NOON}),
    (SERVICES, {"startDate.gt": LATER, "startDate.lt": LATER}, {"created_from": A_BIT_LATER,
                                                                "created_before": A_BIT_LATER}),
    (SERVICES, {"description": "x"}, {"ids": []}),
    (SERVICES, {"description.ne": "x", "hasStarted": "true", "@type": "Service"}, {"ids": None}),
    (SERVICES, {"hasStarted": "false"}, {"ids": []}),
    (RESOURCES, {"value": "+441214960000", "category": "telephoneNumber"}, {"numbers": ["+441214960000"]}),
    (RESOURCES, {"resourceStatus": "suspended"}, {"states": ["suspended"]}),
    (RESOURCES, {"usageState": "active", "resourceSpecification.id": "telephone-number"},
     {"states": ["active", "suspended"], "numbers": None}),
    (RESOURCES, {"administrativeState": "shutdown"}, {"states": []}),
    (RESOURCES, {"startOperatingDate.lte": "2026-06-01"}, {"created_before": "2026-06-01T00:00:00.001000Z"}),
    (RESOURCES, {"category": "cpe"}, {"numbers": []}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Recorded:
    return Recorded(behind)


async def listed(gateway: Gateway, path: str, **query: str) -> httpx.Response:
    answer = await gateway.client.get(path, params={name.replace("__", "."): value for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return answer


async def ids(gateway: Gateway, path: str, **query: str) -> list[str]:
    """What is listed. As many are counted."""
    answer = await listed(gateway, path, **query)
    assert answer.headers["x-total-count"] == str(len(answer.json()))
    return [one["id"] for one in answer.json()]


@pytest.mark.parametrize(("path", "query", "wanted"), ASKED)
async def test_what_is_asked_for_is_what_the_owner_is_asked(
    gateway: Gateway, behind: Behind, path: str, query: dict[str, str], wanted: dict[str, Any]
) -> None:
    page = await gateway.client.get(path, params=query | {"offset": "3", "limit": "7"})
    assert page.status_code == 200, page.text
    asked = behind.provisioning.asked[-1].document
    assert {name: asked[name] for name in wanted} == wanted
    assert path == RESOURCES or (asked["offset"], asked["count"]) == (3, 7)


async def test_of_very_many_services_those_that_match_are_counted(gateway: Gateway, owners: Recorded) -> None:
    owners.many = 10_001
    page = await listed(gateway, SERVICES, state="active", limit="1", offset="9000")
    assert (page.headers["x-total-count"], page.headers["x-result-count"]) == ("10002", "1")
    assert await ids(gateway, SERVICES, state="active", description="x") == []
    refused = await gateway.client.get(SERVICES, params={"state": "active", "serviceCharacteristic.value": "Hello"})
    assert (refused.status_code, "serviceCharacteristic.value: " in refused.json()["message"]) == (422, True)
    owners.many = 0
    assert await ids(gateway, SERVICES, serviceCharacteristic__value="Hello", name__ne="x") == [str(SERVICE)]


async def test_services_are_found_by_what_clients_say_of_them(gateway: Gateway, owners: Recorded) -> None:
    owners.services[NEW] = a_service(id=NEW, state="suspended")
    await gateway.client.patch(f"{SERVICES}/{NEW}", json={"name": "Reception", "description": "front desk"})
    line = (await made(gateway, SERVICES, **LINE | {"state": "designed"}))["id"]
    assert await ids(gateway, SERVICES, name="Reception") == [str(NEW)]
    assert await ids(gateway, SERVICES, name="voice-line") == [str(SERVICE)]
    assert await ids(gateway, SERVICES, description="front desk", state="inactive") == [str(NEW)]
    assert await ids(gateway, SERVICES, description__ne="front desk") == [str(SERVICE), line]
    assert await ids(gateway, SERVICES, state="inactive,designed") == [str(NEW), line]
    assert await ids(gateway, SERVICES, state="inactive") == [str(NEW)]
    assert await ids(gateway, SERVICES, serviceSpecification__id="Leased Line", myOwn="1") == [line]
    assert await ids(gateway, SERVICES, startDate="2020-02-30T00:00") == [line]


async def test_numbers_are_found_by_what_clients_say_of_them(gateway: Gateway) -> None:
    await made(gateway, RESOURCES, name=FAR, resourceStatus="standby", description="ported")
    first, second, *_ = (f"+{number}" for number in NUMBERS)
    await gateway.client.patch(f"{RESOURCES}/{second}", json={"description": "front desk"})
    assert await ids(gateway, RESOURCES, description="ported,front desk") == [FAR, second]
    assert await ids(gateway, RESOURCES, description="ported,front desk", resourceStatus="reserved") == [second]
    assert await ids(gateway, RESOURCES, resourceStatus="standby") == [FAR]
    assert await ids(gateway, RESOURCES, name=f"{first},{FAR}") == [FAR, first]
    assert await ids(gateway, RESOURCES, resourceCharacteristic__value="gold", name=f"{first},{FAR}") == [first]
    found = await listed(gateway, RESOURCES, description__ne="ported", limit="2", offset="1")
    assert found.headers["x-total-count"] == str(len(NUMBERS))
