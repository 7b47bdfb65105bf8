"""Lists of service orders of the TM Forum are filtered by any attribute, however many orders there are."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from gateway_service.tmf import order_queries, orders_moving, terms
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderFailed

from .behind import Behind
from .conftest import BOREALIS, Gateway
from .registry import ADA, SERVICE
from .test_reading import told
from .tmf import CUSTOMER, ORDERS, Owners, item, place

MANY = 10_001
_COPIES = """
    INSERT INTO tmf_order (reseller, id, sent, became, external_id, waits, open, ordered_at, terms, dated)
    SELECT reseller, gen_random_uuid(), sent, became, external_id, waits, open, ordered_at, terms, dated
    FROM tmf_order CROSS JOIN generate_series(1, $2) WHERE id = $1"""


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Owners:
    return Owners(behind)


async def asked(gateway: Gateway, **query: Any) -> httpx.Response:
    return await gateway.client.get(ORDERS, params={name.replace("__", "."): value for name, value in query.items()})


async def found(gateway: Gateway, **query: Any) -> set[str]:
    """The external ids of what is listed. As many are counted."""
    answer = await asked(gateway, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-total-count"] == str(len(answer.json()))
    return {one["externalId"] for one in answer.json()}


async def ended(gateway: Gateway) -> None:
    async with gateway.database.transaction() as db:
        await orders_moving.tell_ends(db)


async def test_an_order_is_found_by_what_it_says_while_it_is_under_way_and_when_it_has_ended(gateway: Gateway) -> None:
    done = await place(gateway, externalId="done", category="voice", priority=1, orderDate="2026-01-31")
    failed = await place(gateway, externalId="failed", note=[{"text": "a"}, {"text": "b, c"}])
    older = {"externalId": "hand", "relatedParty": [CUSTOMER], "orderItem": [item(spec="fibre")]}
    assert (await gateway.client.post(ORDERS, json=older)).status_code == 201
    await place(gateway, externalId="under way", category="voice")
    line = CreatedService(id=SERVICE, line=0, service_type="voice-line", numbers=(441214960000,))
    acme = {"reseller": "acme"}
    await told(gateway, OrderCompleted(order_id=UUID(done["id"]), customer_id=ADA, services=(line,), **acme))
    await told(gateway, OrderFailed(order_id=UUID(failed["id"]), step="billing", reason="no_price", detail="", **acme))
    for _ in range(2):
        assert await found(gateway, state="completed") == {"done"}
        assert await found(gateway, state="completed,failed") == {"done", "failed"}
        assert await found(gateway, state__ne="completed", category="voice") == {"under way"}
        assert await found(gateway, serviceOrderItem__service__serviceSpecification__id="fibre") == {"hand"}
        assert await found(gateway, orderItem__service__supportingResource__id="+441214960000") == {"done"}
        assert await found(gateway, serviceOrderItem__service__href=done["href"]) == set()
        assert await found(gateway, href=done["href"]) == {"done"}
        assert await found(gateway, errorMessage__code="no_price") == {"failed"}
        assert await found(gateway, note__text='"b, c"') == {"failed"}
        assert await found(gateway, priority="1") == {"done"}
        assert await found(gateway, orderDate="2026-01-31T00:00:00Z") == {"done"}
        assert await found(gateway, orderDate__lt="2026-02-01T00:00+01:00") == {"done"}
        assert await found(gateway, orderDate__gte="2026-02-01", state="failed,rejected") == {"failed"}
        assert await found(gateway, priority__gt="0") == {"done"}
        assert await found(gateway, externalId="done", state="failed") == set()
        await ended(gateway)
    theirs = await gateway.client.get(ORDERS, params={"state": "completed"}, headers={"X-API-Key": BOREALIS})
    assert theirs.json() == []


async def test_a_patched_order_is_found_by_what_it_says_now(gateway: Gateway) -> None:
    made = await place(gateway, item(spec="fibre"), externalId="hand", description="before")
    for change in ({"state": "inProgress"}, {"description": "after"}, {"state": "completed"}):
        assert (await gateway.client.patch(made["href"], json=change)).status_code == 200
    assert await found(gateway, description="after", state="completed") == {"hand"}
    assert await found(gateway, description="before") == set()


async def test_of_very_many_orders_those_that_match_are_counted_and_listed(gateway: Gateway) -> None:
    many = await place(gateway, item(spec="fibre"), externalId="many", category="data")
    await gateway.do(_COPIES, UUID(many["id"]), MANY)
    await place(gateway, item(spec="fibre"), externalId="one", category="voice")
    assert await found(gateway, category="voice", state="acknowledged") == {"one"}
    assert await found(gateway, category__ne="data") == {"one"}
    assert await found(gateway, category="voice", category__gt="v") == {"one"}
    page = await asked(gateway, state="acknowledged", category="data", offset=MANY, limit=1000, fields="id")
    assert (page.headers["x-total-count"], page.json()) == (str(MANY + 1), [{"id": page.json()[0]["id"]}])
    refused = await asked(gateway, category__gt="c")
    assert (refused.status_code, "category.gt: " in refused.json()["message"]) == (422, True)


async def test_orders_that_ended_before_they_were_found_so_are_found_little_by_little(gateway: Gateway) -> None:
    await place(gateway, item(spec="fibre"), externalId="old")
    await gateway.do("UPDATE tmf_order SET terms = NULL, dated = NULL, open = false")
    assert await found(gateway, state="acknowledged") == {"old"}
    async with gateway.database.transaction() as db:
        await orders_moving.catch_up(db)
    (row,) = await gateway.rows("SELECT terms, dated, open FROM tmf_order")
    assert row.terms
    assert (row.dated is None, row.open) == (False, False)
    assert await found(gateway, state="acknowledged") == {"old"}


async def test_what_a_rebuild_put_right_is_found_as_it_is_now(gateway: Gateway) -> None:
    made = await place(gateway, externalId="mended")
    await told(gateway, OrderCompleted(order_id=UUID(made["id"]), reseller="acme", customer_id=ADA))
    await ended(gateway)
    await gateway.do("UPDATE orders SET state = 'failed', event = '{}'")
    async with gateway.database.transaction() as db:
        await order_queries.anew(db, terms.carried_out_by([UUID(made["id"])]))
    assert await found(gateway, state="completed") == set()
    async with gateway.database.transaction() as db:
        await orders_moving.catch_up(db)
    assert await found(gateway, state="failed") == {"mended"}
