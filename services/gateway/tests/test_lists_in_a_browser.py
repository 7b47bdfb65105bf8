"""Lists of customers and orders, and all about one of them, in a real browser: by keyboard, live."""

import pytest
from playwright.async_api import Page, expect

from patchbay_contracts.v1.orders import OrderCompleted

from .conftest import Gateway
from .operators import add_operator
from .registry import ADA
from .test_in_a_browser import Browse, Check, sign_in
from .test_reading import place, told

CUSTOMER = f"/customers/{ADA}"
PARTS = ("edit", "services", "orders", "charges", "mails", "pin", "log")


pytestmark = pytest.mark.usefixtures("registry")


async def test_an_order_under_way_ends_before_the_operators_eyes(gateway: Gateway, page: Page) -> None:
    await add_operator(gateway)
    id_ = await place(gateway)
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await page.goto(f"/orders/{id_}")
    await expect(page.get_by_role("status")).to_contain_text("under way")
    await told(gateway, OrderCompleted(order_id=id_, reseller="acme", customer_id=ADA))
    await expect(page.get_by_text("Everything that was ordered is there.")).to_be_visible()
    await expect(page.get_by_text("under way")).to_have_count(0)


async def test_orders_are_found_with_the_keyboard_alone(gateway: Gateway, page: Page) -> None:
    await add_operator(gateway)
    id_ = await place(gateway, reference="PO-7")
    await place(gateway, reference="PO-8")
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await page.goto("/orders")
    await page.get_by_label("Reference", exact=True).focus()
    await page.keyboard.type("PO-7")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.get_by_role("link", name=str(id_)[-12:], exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Order")


async def test_wrong_details_are_said_on_top_and_at_the_field(gateway: Gateway, page: Page, axe: Check) -> None:
    await add_operator(gateway)
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await page.goto(f"{CUSTOMER}/edit")
    await page.get_by_label("Phone").fill("call me")
    await page.get_by_label("Town or city").fill("Marylebone")
    await page.get_by_role("button", name="Update").click()
    await expect(page).to_have_title("Error: Change details: Ada Lovelace – Patchbay")
    await expect(page.get_by_role("alert")).to_be_focused()
    await axe(page)
    await page.get_by_role("link", name="Enter a phone number").click()
    await expect(page.get_by_label("Phone")).to_be_focused()
    await expect(page.get_by_label("Town or city")).to_have_value("Marylebone")


@pytest.mark.parametrize("js", [True, False])
async def test_a_customer_is_looked_after_with_and_without_javascript(
    gateway: Gateway, browse: Browse, js: bool
) -> None:
    await add_operator(gateway)
    page = await browse(js=js)
    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await page.goto("/customers")
    await page.get_by_role("link", name="Ada Lovelace").click()
    await page.get_by_role("link", name="Change details, contacts and organisations").click()
    await page.get_by_label("Name (required)").fill("Ada King")
    await page.get_by_label("Remove").check()
    await page.get_by_role("button", name="Update").click()
    await expect(page.get_by_role("status")).to_have_text("The details are changed.")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ada King")
    await expect(page.get_by_text("There are no contacts and no suppliers.")).to_be_visible()
    await page.get_by_label("Reason").fill("unpaid")
    await page.get_by_role("button", name="Block").click()
    await expect(page.get_by_role("status")).to_contain_text("is blocked")
    await page.get_by_role("link", name="PIN", exact=True).click()
    await page.get_by_label("PIN that the caller says").fill("4711x")
    await page.get_by_role("button", name="Verify").click()
    await expect(page.get_by_role("status")).to_have_text("The PIN is right.")
