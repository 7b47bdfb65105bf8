"""What a client of the TM Forum API orders is seen through all three APIs, changed, ended, and told to its hub."""

from typing import Any

import httpx
import orjson

from tests.documents import EXISTING, PIN, Document, new_number
from tests.suite import Suite, eventually

ORDERING, SERVICES, RESOURCES = (
    f"/tmf-api/{api}/v4" for api in ("serviceOrdering", "serviceInventoryManagement", "resourceInventoryManagement")
)

LIFE = ["ServiceCreateEvent"] + ["ServiceStateChangeEvent"] * 3
"""What a service is told of that is made, suspended, resumed and ended."""


async def hub(client: httpx.AsyncClient, api: str) -> str:
    """Listen to an API, at a place where nobody is."""
    answer = await client.post(f"{api}/hub", json={"callback": "http://127.0.0.1:9/listener"})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def ordered(client: httpx.AsyncClient, item: Document, **more: Any) -> Document:
    """Place a service order, and see it through to its end."""
    document = {"externalId": f"tmf-{new_number()}", "serviceOrderItem": [{"id": "1"} | item]} | more
    answer = await client.post(f"{ORDERING}/serviceOrder", json=document)
    assert answer.status_code == 201, answer.text
    path = answer.headers["location"]

    async def ended() -> Document | None:
        found = dict((await client.get(path)).json())
        return None if found["state"] in ("acknowledged", "inProgress") else found

    found = await eventually(ended)
    assert found is not None
    return found


async def test_an_order_is_placed_seen_changed_and_ended_through_the_tm_forum_api(suite: Suite) -> None:
    number = new_number()
    customer = {"role": "customer", "name": "Ada Lovelace", "email": f"a{number[1:]}@customer.example", "pin": PIN}
    service = {
        "serviceSpecification": {"id": "voice-line"},
        "serviceCharacteristic": [{"name": "priceList", "value": "standard-gbp"}],
        "supportingResource": [{"id": number}],
    }
    async with suite.client() as client:
        hubs = [await hub(client, api) for api in (SERVICES, RESOURCES)]
        made = await ordered(client, {"action": "add", "service": service}, relatedParty=[customer])
        assert made["state"] == "completed", made.get("errorMessage")
        id_ = made["serviceOrderItem"][0]["service"]["id"]
        shown = (await client.get(f"{SERVICES}/service/{id_}")).json()
        assert (shown["state"], [one["id"] for one in shown["supportingResource"]]) == ("active", [number])
        await suite.balanced()
        resource = (await client.get(f"{RESOURCES}/resource/{number}")).json()
        assert (resource["usageState"], resource["resourceStatus"]) == ("active", "reserved")
        page = await client.get(f"{RESOURCES}/resource", params={"limit": 1, "fields": "id"})
        assert page.json() == [{"id": number}]
        for wanted, state in (({"state": "inactive"}, "inactive"), ({"state": "active"}, "active")):
            changed = await ordered(client, {"action": "modify", "service": {"id": id_} | wanted})
            assert changed["state"] == "completed", changed.get("errorMessage")
            assert (await client.get(f"{SERVICES}/service/{id_}")).json()["state"] == state
        refused = await ordered(
            client, {"action": "modify", "service": {"id": id_, "serviceCharacteristic": [{"name": "no", "value": 1}]}}
        )
        assert refused["state"] in ("rejected", "failed")
        assert refused["errorMessage"][0]["message"]
        assert (await client.delete(f"{SERVICES}/service/{id_}")).status_code == 409
        assert (await ordered(client, {"action": "delete", "service": {"id": id_}}))["state"] == "completed"
        await suite.balanced()
        assert (await client.get(f"{SERVICES}/service/{id_}")).json()["state"] == "terminated"
        assert (await client.get(f"{RESOURCES}/resource/{number}")).json()["resourceStatus"] == "standby"

        async def told() -> bool:
            query = "SELECT body FROM event_log WHERE type LIKE 'tmf.%' ORDER BY turn, position"
            rows = [orjson.loads(row["body"]) for row in await suite.rows("gateway", query)]
            orders = [row for row in rows if row["eventType"] == "ServiceOrderStateChangeEvent"]
            services, numbers = (
                [row["eventType"] for row in rows if row["event"].get(of, {}).get("id") == mine]
                for of, mine in (("service", id_), ("resource", number))
            )
            assert services in [LIFE[:n] for n in range(len(LIFE) + 1)]
            return services == LIFE and numbers == ["ResourceStateChangeEvent"] * len(LIFE) and len(orders) >= 5

        await eventually(told)
        rows = await suite.rows(
            "gateway", "SELECT body FROM event_log WHERE type LIKE 'tmf.Res%' ORDER BY turn, position"
        )
        shown = [found for row in rows if (found := orjson.loads(row["body"])["event"]["resource"])["id"] == number]
        assert [shown[at]["resourceStatus"] for at in (0, -1)] == ["reserved", "standby"]
        assert {one["href"] for one in shown} == {f"{suite.stack.url('gateway')}{RESOURCES}/resource/{number}"}
        for path in hubs:
            assert (await client.delete(path)).status_code == 204


async def test_an_order_is_cancelled_while_it_is_carried_out_and_its_number_is_free_again(suite: Suite) -> None:
    number = new_number()
    numbers = [{"name": "priceList", "value": "standard-gbp"}, {"name": "numbers", "value": number}]
    service = {"serviceSpecification": {"id": "voice-line"}, "serviceCharacteristic": numbers}
    item, customer = {"action": "add", "service": service}, {"relatedParty": [{"role": "customer", "id": EXISTING}]}
    async with suite.client() as client:
        suite.stack.kill("billing")
        document = {"serviceOrderItem": [{"id": "1"} | item]} | customer
        made = (await client.post(f"{ORDERING}/serviceOrder", json=document)).json()
        cancel = {"serviceOrder": {"id": made["id"]}, "cancellationReason": "ordered twice"}
        task = (await client.post(f"{ORDERING}/cancelServiceOrder", json=cancel)).json()
        assert (task["state"], (await client.get(made["href"])).json()["state"]) == (
            "inProgress",
            "assessingCancellation",
        )
        suite.start("billing")

        async def done() -> bool:
            state: str = (await client.get(task["href"])).json()["state"]
            return state == "done"

        await eventually(done)
        found = (await client.get(made["href"])).json()
        assert (found["state"], found["cancellationReason"]) == ("cancelled", "ordered twice")
        again = await ordered(client, item, **customer)
        assert again["state"] == "completed", again.get("errorMessage")
        late = await client.post(f"{ORDERING}/cancelServiceOrder", json={"serviceOrder": {"id": again["id"]}})
        assert (late.status_code, "action delete" in late.json()["message"]) == (422, True)
    await suite.balanced()


async def test_what_is_done_by_hand_and_what_exists_elsewhere_is_kept_and_let_go(suite: Suite) -> None:
    number = "+49" + new_number()[3:]
    async with suite.client() as client:
        item = {"id": "1", "action": "add", "service": {"serviceSpecification": {"name": "Fibre to the harbour"}}}
        waits = (await client.post(f"{ORDERING}/serviceOrder", json={"serviceOrderItem": [item]})).json()
        assert waits["state"] == "acknowledged"
        cancel = {"serviceOrder": {"id": waits["id"]}}
        assert (await client.post(f"{ORDERING}/cancelServiceOrder", json=cancel)).json()["state"] == "done"
        assert (await client.get(waits["href"])).json()["state"] == "cancelled"
        resource = (await client.post(f"{RESOURCES}/resource", json={"name": number})).json()
        assert resource["id"] == number
        line = {"state": "active", "serviceSpecification": {"id": "Fibre"}, "supportingResource": [{"id": number}]}
        service = (await client.post(f"{SERVICES}/service", json=line)).json()
        assert (await client.delete(f"{RESOURCES}/resource/{number}")).status_code == 409
        async with suite.client(suite.stack.api_key_2) as rival:
            for href in (waits["href"], resource["href"], service["href"]):
                assert (await rival.get(href)).status_code == 404
        modify = {"action": "modify", "service": {"id": service["id"], "state": "inactive"}}
        by_hand = await client.post(f"{ORDERING}/serviceOrder", json={"serviceOrderItem": [{"id": "1"} | modify]})
        assert by_hand.json()["state"] == "acknowledged"
        assert (await client.patch(service["href"], json={"state": "terminated"})).status_code == 200
        for href in (service["href"], resource["href"]):
            assert (await client.delete(href)).status_code == 204
    await suite.balanced()
