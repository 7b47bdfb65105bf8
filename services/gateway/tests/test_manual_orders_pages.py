"""Operators carry out by hand what was ordered over the TM Forum API and is not automated: of their resellers alone."""

from uuid import uuid4

import pytest
import pytest_asyncio

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .operators import Visitor, clerk_of_acme
from .tmf import ORDERS, Owners, item, order, place, show


@pytest_asyncio.fixture
async def anna(behind: Behind, gateway: Gateway) -> Visitor:
    Owners(behind)
    return await clerk_of_acme(gateway)


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Owners:
    return Owners(behind)


async def test_an_operator_moves_an_order_on_until_nothing_is_left_to_do(gateway: Gateway, anna: Visitor) -> None:
    made = await place(gateway, item(spec="<b>fibre</b>"), description="in the cellar")
    listed = await anna.get("/manual-orders")
    assert (listed.status_code, "PO-7" in listed.text, "<b>fibre" in listed.text) == (200, True, False)
    path = f"/manual-orders/{made['id']}"
    for state in ("inProgress", "completed"):
        moved = await anna.post(path, {"state": state, "why": "as agreed"})
        assert (moved.status_code, moved.headers["location"]) == (303, path)
        assert (await show(gateway, made["id"]))["state"] == state
    page = (await anna.get(path)).text
    assert "There is nothing left to do by hand" in page
    assert "operator:anna@acme.example as agreed" in page
    assert "Nothing waits" in (await anna.get("/manual-orders")).text


async def test_what_the_state_machine_does_not_know_is_said_at_the_field(gateway: Gateway, anna: Visitor) -> None:
    made = await place(gateway, item(spec="fibre-access"))
    path = f"/manual-orders/{made['id']}"
    for fields, field in (
        ({"state": "completed", "why": ""}, "state"),
        ({"state": "inProgress", "why": "x" * 201}, "why"),
    ):
        refused = await anna.post(path, fields)
        assert (refused.status_code, f'id="{field}-error"' in refused.text) == (422, True)
    assert (await show(gateway, made["id"]))["state"] == "acknowledged"


async def test_an_operator_sees_and_moves_nothing_of_other_resellers(gateway: Gateway, anna: Visitor) -> None:
    document = order(item(spec="fibre-access"), relatedParty=[], externalId="theirs")
    theirs = (await gateway.client.post(ORDERS, json=document, headers={"X-API-Key": BOREALIS})).json()["id"]
    mine = (await place(gateway, item(spec="fibre-access")))["id"]
    assert "theirs" not in (await anna.get("/manual-orders")).text
    for id_ in (theirs, str(uuid4())):
        assert (await anna.get(f"/manual-orders/{id_}")).status_code == 404
        fields = {"state": "inProgress"}
        assert (await anna.post(f"/manual-orders/{id_}", fields, on=f"/manual-orders/{mine}")).status_code == 404
