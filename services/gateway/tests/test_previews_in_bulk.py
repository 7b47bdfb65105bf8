"""Lines of a bulk name the previews that they were seen with, and are told what has changed since."""

import json
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from .behind import Behind
from .conftest import Gateway
from .posted import ndjson
from .test_dry_run import COST, NDJSON, Owners, preview, wanting


@pytest.fixture
def owners(behind: Behind) -> Owners:
    return Owners(behind)


async def fails(_: web.Request) -> web.StreamResponse:
    raise web.HTTPServiceUnavailable


async def send(gateway: Gateway, *documents: dict[str, Any], batch: str = "") -> list[dict[str, Any]]:
    params = {"batch": batch} if batch else {}
    answer = await gateway.client.post("/v1/orders/bulk", content=ndjson(*documents), headers=NDJSON, params=params)
    return [json.loads(one) for one in answer.content.splitlines()]


@pytest.mark.parametrize("batch", ["", str(uuid4())])
async def test_each_line_is_told_of_its_own_preview_and_asked_about_with_the_others(
    owners: Owners, behind: Behind, gateway: Gateway, batch: str
) -> None:
    seen = [await preview(gateway, wanting(reference=f"PO-{n}")) for n in range(3)]
    owners.cost = COST | {"setup": {"amount": "6.00", "currency": "GBP"}}
    behind.customer.asked.clear()
    documents = [
        wanting(reference="PO-0", preview=seen[0]),
        wanting(reference="other"),
        wanting(reference="PO-1", preview=seen[1], require_unchanged=True),
        wanting(reference="PO-2", preview=str(uuid4())),
    ]
    told, plain, changed, unknown = await send(gateway, *documents, batch=batch)
    assert (told["preview"]["id"], told["preview"]["unchanged"]) == (seen[0], False)
    assert told["preview"]["changes"]["prices"]["now"] == [owners.cost]
    assert plain.keys() == {"line", "id", "state"}
    assert [one["error"]["type"] for one in (changed, unknown)] == [
        "/problems/preview_changed", "/problems/no_such_preview",
    ]  # fmt: skip
    assert len(behind.customer.asked) == 1
    assert await gateway.count() == 2
    if batch:
        again, *_ = await send(gateway, *documents, batch=batch)
        assert again == told | {"replayed": True}


async def test_lines_that_name_no_preview_ask_nobody(owners: Owners, behind: Behind, gateway: Gateway) -> None:
    assert [one["state"] for one in await send(gateway, wanting(), wanting())] == ["accepted"] * 2
    assert [len(one.asked) for one in (behind.customer, behind.numbers, behind.provisioning, behind.billing)] == [0] * 4


async def test_owners_that_cannot_be_asked_refuse_no_line_for_good(
    owners: Owners, behind: Behind, gateway: Gateway
) -> None:
    seen, batch = await preview(gateway, wanting()), str(uuid4())
    line, answers = wanting(preview=seen), behind.customer.answers
    behind.customer.answers = fails
    for named in ("", batch):
        (away,) = await send(gateway, line, batch=named)
        assert away["error"]["status"] >= 500
    behind.customer.answers = answers
    (told,) = await send(gateway, line, batch=batch)
    assert told["preview"]["unchanged"] is True
