"""Every list of the API, with the services behind it: read page by page while others add to it, and exported whole."""

import csv
import io
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from tests.documents import EXISTING, line, order
from tests.suite import Suite

pytestmark = pytest.mark.timeout(300)
Add = Callable[[Suite, httpx.AsyncClient, str], Awaitable[Any]]
MOST = 200
SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}
WHY = {"why": "a test wants more of them"}


def _good(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text
    return answer


async def an_order(suite: Suite, _: httpx.AsyncClient, __: str) -> None:
    """With which come a customer, a service and a number."""
    assert (await suite.ended(order(line())))["state"] == "completed"


async def mails(suite: Suite, _: httpx.AsyncClient, __: str) -> None:
    """That an order writes when it has ended."""
    document = order(line())
    await suite.ended(document)
    assert await suite.mails(document["customer"]["email"])


async def a_quote(_: Suite, caller: httpx.AsyncClient, __: str) -> None:
    lines = [{"service_type": "voice-line", "price_list": "standard-gbp"}]
    _good(await caller.post("/v1/quotes", json={"owner": {"kind": "customer", "id": EXISTING}, "lines": lines}))


async def a_price_list(_: Suite, caller: httpx.AsyncClient, id_: str) -> None:
    prices = [{"service_type": "voice-line", "setup": "10", "monthly": "5"}]
    await _published(caller, f"/v1/prices/{id_}", {"name": id_, "currency": "GBP", "prices": prices})


async def a_service_type(_: Suite, caller: httpx.AsyncClient, id_: str) -> None:
    entry = {"name": id_, "settings_schema": SCHEMA, "numbers": {"most": 1}, "resellers": ["acme"]}
    await _published(caller, f"/v1/service-types/{id_}", {"entry": entry | {"terms": {"version": "1", "text": "Pay."}}})


async def _published(caller: httpx.AsyncClient, path: str, draft: dict[str, Any]) -> None:
    saved = _good(await caller.put(f"{path}/draft", json=WHY | draft, headers={"If-Match": '"0"'}))
    today = saved.json()["changed_at"][:10]
    seen = {"If-Match": saved.headers["etag"]}
    _good(await caller.post(f"{path}/versions/1/publish", json=WHY | {"valid_from": today}, headers=seen))


LISTS: dict[str, tuple[Add, tuple[str, ...]]] = {
    "orders": (an_order, ("id",)),
    "customers": (an_order, ("id",)),
    "services": (an_order, ("id",)),
    "numbers": (an_order, ("e164",)),
    "mails": (mails, ("order_id", "recipient", "purpose")),
    "quotes": (a_quote, ("id",)),
    "price-lists": (a_price_list, ("price_list",)),
    "catalogue": (a_service_type, ("service_type",)),
}
"""How one more comes into each, and what tells its rows apart."""


@pytest.mark.parametrize("name", LISTS)
async def test_what_was_there_when_reading_began_is_read_once_whatever_comes_in_meanwhile(
    suite: Suite, name: str
) -> None:
    add, key = LISTS[name]
    path, fields = f"/v1/{name}", ",".join(key)
    async with suite.client() as caller:

        async def more() -> None:
            for beginning in ("a", "m", "z"):  # before what was read, and behind it
                await add(suite, caller, f"{beginning}-{uuid4().hex[:8]}")

        await more()
        there = await exported(caller, path, fields)
        read, cursor, pages = Counter[tuple[str, ...]](), None, 0
        while cursor is not None or not pages:
            page: dict[str, Any] = {"fields": fields, "limit": min(MOST, max(1, len(there) // 4))}
            page |= {"after": cursor} if cursor else {}
            answer = _good(await caller.get(path, params=page)).json()
            (rows,) = (value for word, value in answer.items() if word != "next")
            read.update(tuple(row[field] for field in key) for row in rows)
            cursor, pages = answer["next"], pages + 1
            if pages < 3:
                await more()
        assert pages > 2
        assert set(there.values()) == {1}
        assert {row: read[row] for row in there} == there
        assert (await exported(caller, path, fields, "csv")).keys() >= there.keys() | read.keys()


async def exported(caller: httpx.AsyncClient, path: str, fields: str, kind: str = "ndjson") -> Counter[tuple[str, ...]]:
    """All rows, as one answer that is sent piece by piece has them."""
    answer = _good(await caller.get(path, params={"fields": fields, "format": kind}))
    assert answer.headers["transfer-encoding"] == "chunked"
    if kind == "ndjson":
        rows = [orjson.loads(row) for row in answer.text.splitlines()]
        assert {tuple(row) for row in rows} == {tuple(fields.split(","))}
        return Counter(tuple(map(str, row.values())) for row in rows)
    head, *cells = csv.reader(io.StringIO(answer.text))
    assert head == fields.split(",")
    return Counter(tuple(cell.removeprefix("'") for cell in row) for row in cells)
