"""A price list is drafted and published in the browser, and from then on orders are charged by it."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.documents import line, order
from tests.suite import Suite
from tests.wizard_steps import press, sign_in

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


async def save(page: Page, setup: str, monthly: str) -> None:
    for what in ("Service itself", "Platinum", "Gold", "Silver", "Bronze", "Standard"):
        await page.get_by_label(f"voice-line, {what}, set-up").fill(setup)
        await page.get_by_label(f"voice-line, {what}, monthly").fill(monthly)
    await page.get_by_label("Reason of the change").fill("as agreed")
    await press(page, "Save the draft")
    await expect(page.get_by_role("status")).to_have_text("The draft is saved.")


async def publish(page: Page) -> None:
    await page.get_by_label("Reason").fill("as agreed")
    await page.get_by_label("I have looked at the prices").check()
    await press(page, "Publish")
    await expect(page.get_by_role("status")).to_have_text("The version is published.")


async def charged(suite: Suite, price_list: str) -> tuple[str, str]:
    """Set-up and monthly of an order of a voice line with a number by that list."""
    shown = await suite.ended(order(line(price_list=price_list)))
    assert shown["state"] == "completed", shown["outcome"]
    (setup,), (monthly,) = shown["outcome"]["setup"], shown["outcome"]["monthly"]
    return setup["amount"], monthly["amount"]


async def test_orders_are_charged_by_what_was_drafted_and_published(suite: Suite, page: Page) -> None:
    list_ = f"spring-{uuid4().hex[:8]}"
    await sign_in(page, suite)
    await page.goto("/price-lists/new")
    await page.get_by_label("Id (required)").fill(list_)
    await page.get_by_label("Reseller (required)").fill("acme")
    await page.get_by_label("Name (required)").fill("Spring")
    await page.get_by_label("Id of the service type").fill("voice-line")
    await press(page, "Add to the table")
    await save(page, "3.00", "2.50")
    refused = await suite.ended(order(line(price_list=list_)))
    assert (refused["state"], refused["outcome"]["step"]) == ("failed", "billing")
    await publish(page)
    assert await charged(suite, list_) == ("6.0000", "5.0000")

    await page.goto(f"/price-lists/{list_}/draft")
    await save(page, "1.00", "4.25")
    await page.get_by_role("link", name="What is different from the version in force").click()
    await expect(page.get_by_role("table")).to_contain_text(re.compile(r"2\.50 GBP.*4\.25 GBP.*1\.75 GBP", re.DOTALL))
    await page.go_back()
    assert await charged(suite, list_) == ("6.0000", "5.0000")
    await publish(page)
    assert await charged(suite, list_) == ("2.0000", "8.5000")
    await page.goto(f"/price-lists/{list_}")
    await expect(page.get_by_role("region", name="Whose charges are by this price list")).to_contain_text("acme")
    await suite.balanced()
