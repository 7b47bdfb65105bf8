"""Hubs of the TM Forum's inventories hear of services and numbers that orders made or changed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway_service.tmf import telling
from gateway_service.tmf.telling import Answer, Job
from patchbay_chassis.errand import Errand
from patchbay_contracts.services import ChangeKind
from patchbay_contracts.v1.orders import ChangedService, CreatedService, OrderCompleted

from .behind import Behind
from .conftest import Gateway
from .recorded import Recorded
from .registry import ADA, SERVICE
from .serving import NUMBERS, THEIRS, a_service
from .telling import placed
from .test_reading import told
from .test_tmf_hubs import CALLBACK, heard, reachable

HUBS = "/tmf-api/{}/v4/hub"
SERVICES, RESOURCES = HUBS.format("serviceInventoryManagement"), HUBS.format("resourceInventoryManagement")
__all__ = ["reachable"]


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Recorded:
    return Recorded(behind)


async def listen(gateway: Gateway, hub: str) -> str:
    answer = await gateway.client.post(hub, json={"callback": CALLBACK})
    assert answer.status_code == 201, answer.text
    return f"{hub}/{answer.json()['id']}"


async def made(gateway: Gateway, *ids: UUID, numbers: Sequence[int] = NUMBERS, reseller: str = "acme") -> None:
    """An order is done, and these are its services."""
    services = [CreatedService(id=id_, line=0, service_type="voice-line", numbers=tuple(numbers)) for id_ in ids]
    order = await placed(gateway)
    await told(gateway, OrderCompleted(order_id=order, reseller=reseller, customer_id=ADA, services=tuple(services)))


async def changed(gateway: Gateway, kind: ChangeKind, **numbers: tuple[int, ...]) -> None:
    """An order is done that changes the service."""
    change = ChangedService(id=SERVICE, kind=kind, **numbers)
    order = await placed(gateway)
    await told(gateway, OrderCompleted(order_id=order, reseller="acme", customer_id=ADA, change=change))


async def taken(gateway: Gateway) -> tuple[Errand[Job, Answer], Sequence[Job]]:
    """What a replica takes in hand."""
    errand = telling.errand(gateway.running, gateway.app.state.desk.upstream)
    async with gateway.database.transaction() as db:
        return errand, await errand.take(db, 10)


async def tell(gateway: Gateway, errand: Errand[Job, Answer], jobs: Sequence[Job]) -> None:
    """It asks the owners, and tells."""
    answers = await errand.run(jobs)
    async with gateway.running.turn() as turn:
        await errand.record(answers, turn.db)


async def hears(gateway: Gateway) -> list[tuple[str, str]]:
    """What hubs are told now: the event, and of what."""
    before = len(await heard(gateway))
    await tell(gateway, *await taken(gateway))
    return [_short(one) for one in (await heard(gateway))[before:]]


def _short(event: dict[str, Any]) -> tuple[str, str]:
    (shown,) = event["event"].values()
    return event["eventType"].removesuffix("Event"), shown["id"]


async def test_a_service_that_an_order_made_is_told_with_its_numbers(gateway: Gateway) -> None:
    await listen(gateway, SERVICES)
    await listen(gateway, RESOURCES)
    await made(gateway, SERVICE)
    assert await hears(gateway) == [
        ("ServiceCreate", str(SERVICE)),
        *(("ResourceStateChange", f"+{number}") for number in NUMBERS),
    ]
    service, number, *_ = [one["event"] for one in await heard(gateway)]
    assert (service["service"]["state"], service["service"]["relatedParty"][0]["id"]) == ("active", str(ADA))
    assert (number["resource"]["resourceStatus"], number["resource"]["usageState"]) == ("reserved", "active")
    assert await hears(gateway) == []


@pytest.mark.parametrize(
    ("kind", "what", "numbers"),
    [
        ("settings", "AttributeValueChange", ()),
        ("price_list", "AttributeValueChange", ()),
        ("suspend", "StateChange", NUMBERS),
        ("resume", "StateChange", NUMBERS),
        ("end", "StateChange", NUMBERS),
        ("add_numbers", "AttributeValueChange", NUMBERS[:1]),
        ("remove_numbers", "AttributeValueChange", NUMBERS[1:]),
    ],
)
async def test_what_a_change_did_is_told(
    gateway: Gateway, owners: Recorded, kind: ChangeKind, what: str, numbers: tuple[int, ...]
) -> None:
    await listen(gateway, SERVICES)
    await listen(gateway, RESOURCES)
    if kind in ("end", "remove_numbers"):
        free(owners, numbers)
    moved = {"add_numbers": "added", "remove_numbers": "removed", "end": "removed"}
    await changed(gateway, kind, **({moved[kind]: numbers} if kind in moved else {}))
    assert await hears(gateway) == [
        (f"Service{what}", str(SERVICE)),
        *(("ResourceStateChange", f"+{number}") for number in numbers),
    ]


async def test_a_number_is_told_as_it_is_once_its_owner_has_done_what_the_order_says(
    gateway: Gateway, owners: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listen(gateway, RESOURCES)
    number = NUMBERS[0]
    await changed(gateway, "remove_numbers", removed=(number,))
    assert await hears(gateway) == []
    free(owners, [number])
    assert await hears(gateway) == [("ResourceStateChange", f"+{number}")]
    assert (await heard(gateway))[-1]["event"]["resource"]["resourceStatus"] == "available"
    await changed(gateway, "add_numbers", added=(number,))
    assert await hears(gateway) == []
    monkeypatch.setattr(telling, "PATIENCE", timedelta(0))
    assert await hears(gateway) == [("ResourceStateChange", f"+{number}")]


def free(owners: Recorded, numbers: Sequence[int]) -> None:
    """They are in no service any more."""
    owners.services[SERVICE] = a_service(numbers=[number for number in NUMBERS if number not in numbers])
    owners.free |= {f"+{number}" for number in numbers}


async def test_a_hub_of_one_inventory_hears_of_that_alone_and_of_nothing_before_it_or_after_it(
    gateway: Gateway,
) -> None:
    await made(gateway, SERVICE)
    hub = await listen(gateway, SERVICES)
    await listen(gateway, HUBS.format("serviceOrdering"))
    assert await hears(gateway) == []
    await changed(gateway, "suspend")
    assert await hears(gateway) == [("ServiceStateChange", str(SERVICE))]
    assert (await gateway.client.delete(hub)).status_code == 204
    await changed(gateway, "resume")
    assert (await hears(gateway), await gateway.rows("SELECT FROM tmf_told")) == ([], [])


async def test_what_another_reseller_ordered_is_told_to_nobody_else(gateway: Gateway) -> None:
    await listen(gateway, SERVICES)
    await made(gateway, THEIRS, reseller="borealis")
    assert await hears(gateway) == []


async def test_while_an_owner_is_away_it_waits_and_is_told_once(gateway: Gateway, behind: Behind) -> None:
    await listen(gateway, SERVICES)
    await changed(gateway, "settings")
    await behind.provisioning.go()
    assert await hears(gateway) == []
    await behind.provisioning.come()
    assert (await taken(gateway))[1] == []
    await gateway.do("UPDATE tmf_told SET due = now()")
    slow = await taken(gateway)
    await gateway.do("UPDATE tmf_told SET due = now()")
    assert await hears(gateway) == [("ServiceAttributeValueChange", str(SERVICE))]
    await tell(gateway, *slow)
    assert len(await heard(gateway)) == 1


async def test_many_numbers_are_told_order_by_order(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST_NUMBERS", len(NUMBERS) - 1)
    await listen(gateway, SERVICES)
    for _ in range(2):
        await made(gateway, SERVICE)
    assert [await hears(gateway) for _ in range(3)] == [[("ServiceCreate", str(SERVICE))]] * 2 + [[]]


async def test_many_services_are_told_page_by_page(
    gateway: Gateway, owners: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST_EVENTS", 2)
    await listen(gateway, SERVICES)
    many = [UUID(int=n) for n in range(1, 6)]
    for id_ in many:
        owners.services[id_] = a_service(id=id_)
        await made(gateway, id_, numbers=())
    found = [await hears(gateway) for _ in range(4)]
    assert [id_ for some in found for _, id_ in some] == [str(id_) for id_ in many]
    assert [len(some) for some in found[:2]] == [2, 2]
