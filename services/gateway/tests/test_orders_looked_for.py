"""Orders by what no index has: a service type that they ask for, when they begin. Looked through a piece at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway_service import order_queries, orders_reading_http

from .conftest import Gateway
from .posted import line, order
from .test_reading import fill, page


async def place(gateway: Gateway, **changes: Any) -> str:
    answer = await gateway.client.post("/v1/orders", json=order(**changes))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def all_pages(gateway: Gateway, **query: Any) -> tuple[list[str], int]:
    """All that is found, and on how many pages."""
    seen, cursor = await page(gateway, limit=2, **query)
    pages = 1
    while cursor is not None:
        more, cursor = await page(gateway, limit=2, after=cursor, **query)
        seen, pages = seen + more, pages + 1
    return seen, pages


async def test_orders_are_found_by_a_service_type_that_one_of_their_lines_asks_for(gateway: Gateway) -> None:
    both = await place(gateway, lines=[line(), line(service_type="fax-line")])
    await place(gateway, lines=[line(settings={"service_type": "fax-line"})])
    late = await place(gateway, lines=[line(service_type="fax-line")], labels={"campaign": "autumn"})
    assert await page(gateway, service_type="fax-line") == ([late, both], None)
    assert await page(gateway, service_type="fax-line", label="campaign:autumn") == ([late], None)
    assert await page(gateway, service_type="fax_line") == ([], None)


async def test_orders_are_found_by_when_they_begin(gateway: Gateway) -> None:
    today = datetime.now(UTC).replace(microsecond=0)
    days = [today + timedelta(days=at) for at in (1, 2, 3)]
    one, two, _ = [await place(gateway, start=day.isoformat()) for day in days]
    await place(gateway)
    assert await page(gateway, starts_before=days[2].isoformat()) == ([two, one], None)
    assert await page(gateway, starts_from=days[1].isoformat(), starts_before=days[2].isoformat()) == ([two], None)


async def test_a_piece_of_them_is_looked_through_at_a_time_and_none_is_missed(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_queries, "LOOKED_THROUGH", 2)
    monkeypatch.setattr(orders_reading_http, "PIECES", 2)
    rare = [await place(gateway, lines=[line(service_type="fax-line")])]
    await fill(gateway, 9)
    rare = [await place(gateway, lines=[line(service_type="fax-line")]), *rare]
    assert await all_pages(gateway, service_type="fax-line") == (rare, 3)
    assert (await all_pages(gateway, service_type="voice-line"))[0] == (await all_pages(gateway))[0][1:-1]
