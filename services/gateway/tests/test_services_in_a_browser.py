"""Services, and the forms that change them, in a real browser: by keyboard, live."""

import pytest
from playwright.async_api import Page, expect

from patchbay_contracts.v1.orders import OrderCompleted

from .conftest import Gateway
from .operators import add_operator
from .registry import ADA
from .serving import Serving
from .test_in_a_browser import sign_in
from .test_reading import told
from .test_service_changes import PAGE, placed


@pytest.fixture(autouse=True)
def registry(serving: Serving) -> Serving:
    """The owners of whom everybody here asks."""
    return serving


async def signed_in(page: Page) -> None:
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")


async def test_a_service_is_ended_with_the_keyboard_and_the_end_is_seen(gateway: Gateway, page: Page) -> None:
    await add_operator(gateway)
    await signed_in(page)
    await page.goto(PAGE)
    await page.get_by_role("link", name="End", exact=True).focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("Reason").focus()
    await page.keyboard.type("moved away")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").first).to_be_focused()
    await page.get_by_label("Yes, this service shall end for good").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="End for good").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("under way")
    await told(gateway, OrderCompleted(order_id=placed(gateway).order_id, reseller="acme", customer_id=ADA))
    await expect(page.get_by_text("The change is done.")).to_be_visible()
