"""TMF641: what Patchbay does not carry out by itself is moved on by hand, as the standard's state machine goes."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from patchbay_contracts.v1.orders import OrderCompleted

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .registry import ADA
from .test_reading import told
from .tmf import CANCELS, CUSTOMER, ORDERS, Owners, item, place, show

FIBRE = {"spec": "fibre-access"}


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Owners:
    return Owners(behind)


async def patch(gateway: Gateway, id_: str, **given: Any) -> httpx.Response:
    return await gateway.client.patch(f"{ORDERS}/{id_}", json=given)


async def test_an_order_that_waits_is_moved_on_until_it_is_done(gateway: Gateway) -> None:
    id_ = (await place(gateway, item(**FIBRE)))["id"]
    begun = (await patch(gateway, id_, state="inProgress")).json()
    assert (begun["state"], begun["serviceOrderItem"][0]["state"]) == ("inProgress", "inProgress")
    assert begun["startDate"]
    done = (await patch(gateway, id_, state="completed", description="laid in the cellar")).json()
    assert (done["state"], done["description"]) == ("completed", "laid in the cellar")
    assert done["completionDate"] >= done["startDate"]
    assert await show(gateway, id_) == done
    assert not (await gateway.rows("SELECT waits FROM tmf_order"))[0].waits


@pytest.mark.parametrize(
    "ways", [["completed"], ["inProgress", "acknowledged"], ["rejected", "inProgress"], ["sold"], [7]]
)
async def test_a_state_that_the_standard_does_not_know_from_there_is_refused(gateway: Gateway, ways: list[Any]) -> None:
    id_ = (await place(gateway, item(**FIBRE)))["id"]
    *first, last = ways
    for state in first:
        assert (await patch(gateway, id_, state=state)).status_code == 200
    before = await show(gateway, id_)
    refused = await patch(gateway, id_, state=last)
    assert (refused.status_code, refused.json()["@type"]) == (422, "Error")
    assert await show(gateway, id_) == before


async def test_items_are_moved_one_by_one(gateway: Gateway) -> None:
    id_ = (await place(gateway, item("a", **FIBRE), item("b", **FIBRE)))["id"]
    await patch(gateway, id_, state="inProgress")
    await patch(gateway, id_, serviceOrderItem=[{"id": "a", "state": "completed"}])
    found = await show(gateway, id_)
    assert [one["state"] for one in found["serviceOrderItem"]] == ["completed", "inProgress"]
    assert found["state"] == "inProgress"
    await patch(gateway, id_, serviceOrderItem=[{"id": "b", "state": "failed", "service": {"name": "tried"}}])
    found = await show(gateway, id_)
    assert (found["state"], found["serviceOrderItem"][1]["service"]["name"]) == ("partial", "tried")
    assert (await patch(gateway, id_, serviceOrderItem=[{"id": "c", "state": "completed"}])).status_code == 422


async def test_what_patchbay_carries_out_itself_is_not_moved_by_hand(gateway: Gateway) -> None:
    made = await place(gateway)
    for given in (
        {"state": "completed"},
        {"serviceOrderItem": [{"id": "1", "state": "completed"}]},
        {"serviceOrderItem": [{"id": "1", "service": {"name": "other"}}]},
        {"relatedParty": [CUSTOMER | {"id": str(uuid4())}]},
    ):
        assert (await patch(gateway, made["id"], **given)).status_code == 422, given
    changed = (await patch(gateway, made["id"], state="inProgress", priority="0", note=[{"text": "soon"}])).json()
    assert (changed["priority"], changed["note"]) == ("0", [{"text": "soon"}])
    await told(gateway, OrderCompleted(order_id=made["id"], reseller="acme", customer_id=ADA))
    assert (await patch(gateway, made["id"], state="inProgress")).status_code == 422


async def test_a_patch_changes_what_the_standard_lets_be_changed(gateway: Gateway) -> None:
    made = await place(gateway, item(**FIBRE), category="voice", myOwn=1)
    assert (await patch(gateway, made["id"], id=str(uuid4()))).status_code == 422
    assert (await patch(gateway, made["id"], category="data")).status_code == 422
    found = (await patch(gateway, made["id"], category="voice", myOwn=None, externalId="PO-9")).json()
    assert (found["externalId"], "myOwn" in found) == ("PO-9", False)
    listed = await gateway.client.get(ORDERS, params={"externalId": "PO-9"})
    assert [one["id"] for one in listed.json()] == [made["id"]]
    secret = {"role": "customer", "name": "Grace", "pin": "90210-pin"}
    assert "90210-pin" not in (await patch(gateway, made["id"], relatedParty=[secret])).text
    assert "90210-pin" not in (await gateway.rows("SELECT sent FROM tmf_order"))[0].sent


async def test_nobody_moves_or_cancels_anothers_order(gateway: Gateway) -> None:
    made = await place(gateway, item(**FIBRE))
    theirs = {"X-API-Key": BOREALIS}
    answer = await gateway.client.patch(f"{ORDERS}/{made['id']}", json={"state": "inProgress"}, headers=theirs)
    asked = {"serviceOrder": {"id": made["id"]}}
    assert answer.status_code == 404
    assert (await gateway.client.post(CANCELS, json=asked, headers=theirs)).status_code == 422
    assert (await show(gateway, made["id"]))["state"] == "acknowledged"
