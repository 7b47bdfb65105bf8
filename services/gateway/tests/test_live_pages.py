"""What becomes of an order is told on its open page, and nobody is told who may not see it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Page, expect

from gateway_service.pages import streams
from patchbay_contracts.v1.orders import OrderDelayed, OrderFailed

from .conftest import Gateway
from .operators import BEN, Visitor, add_operator
from .registry import Registry
from .test_in_a_browser import go, sign_in
from .test_reading import place, told

LIMIT = 20
OVER = "event: ended\ndata:\n\n"


pytestmark = pytest.mark.usefixtures("registry")


@asynccontextmanager
async def followed(anna: Visitor, site_url: str, id_: UUID) -> AsyncIterator[AsyncIterator[str]]:
    cookies = dict(anna.client.cookies)
    async with (
        asyncio.timeout(LIMIT),
        httpx.AsyncClient(base_url=site_url, cookies=cookies) as client,
        client.stream("GET", f"/orders/{id_}/events") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.aiter_lines()


async def reads(lines: AsyncIterator[str], text: str) -> None:
    async for line in lines:
        if text in line:
            return
    pytest.fail(f"the stream ended before: {text}")


def delayed(id_: UUID) -> OrderDelayed:
    return OrderDelayed(order_id=id_, reseller="acme", step="numbers", detail="asked again")


def failed(id_: UUID) -> OrderFailed:
    return OrderFailed(order_id=id_, reseller="acme", step="billing", reason="no_price", detail="ask")


async def test_an_order_is_shown_anew_whenever_something_becomes_of_it_until_it_has_ended(
    gateway: Gateway, anna: Visitor, site_url: str
) -> None:
    id_ = await place(gateway)
    async with followed(anna, site_url, id_) as lines:
        await reads(lines, "Nothing yet.")
        await told(gateway, delayed(id_))
        await reads(lines, "numbers: asked again")
        await told(gateway, failed(id_))
        await reads(lines, "Nothing was created")
        assert "\n".join([line async for line in lines]).endswith("event: ended\ndata:\n")
    assert (await anna.get(f"/orders/{id_}/events")).text.endswith(OVER)


@pytest.mark.parametrize(
    "what",
    [
        "DELETE FROM session",
        "UPDATE operator SET resellers = '{borealis}'",
        "UPDATE operator SET roles = '{inventory}'",
    ],
)
async def test_nobody_is_told_any_more_who_may_not_see_the_order(
    gateway: Gateway, anna: Visitor, site_url: str, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    id_ = await place(gateway)
    async with followed(anna, site_url, id_) as lines:
        await reads(lines, ": nothing new")
        await gateway.do(what)
        assert [line async for line in lines if line not in ("", ": nothing new")] == ["event: ended", "data:"]


async def test_a_foreign_order_is_not_followed_and_who_is_signed_out_is_told_nothing(
    gateway: Gateway, anna: Visitor
) -> None:
    id_ = await place(gateway)
    await add_operator(gateway, BEN, roles=["operator"], resellers=["borealis"])
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    assert (await ben.get(f"/orders/{id_}/events")).status_code == 404
    await gateway.do("DELETE FROM session")
    assert (await anna.get(f"/orders/{id_}/events")).text == OVER


async def test_what_is_typed_stays_while_the_end_is_shown_on_the_open_page(
    gateway: Gateway, page: Page, registry: Registry
) -> None:
    await add_operator(gateway)
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    id_ = await place(gateway)
    await go(page, f"/orders/{id_}")
    await page.get_by_label("Why").fill("typed")
    await told(gateway, failed(id_))
    await expect(page.get_by_text("Nothing was created: what had been done was undone")).to_be_visible()
    await expect(page.get_by_label("Why")).to_have_value("typed")
