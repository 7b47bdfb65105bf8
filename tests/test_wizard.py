"""The Add Services Wizard in a real browser, with all services behind it: as an operator goes through it."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.suite import Suite

Browse = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
Picture = Callable[[Page, str], Awaitable[None]]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


async def sign_in(page: Page, suite: Suite) -> None:
    email, password = suite.stack.operator
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await press(page, "Sign in")


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.click()


async def on_tab(page: Page, title: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)


async def begin(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("link", name="The Add Services Wizard").click()
    await press(page, "Next")
    await on_tab(page, "Customer")


async def fill_customer(page: Page, name: str, email: str) -> None:
    await page.get_by_label("Reseller", exact=False).first.select_option("acme")
    await page.get_by_label("Name (required)").fill(name)
    await page.get_by_label("E-mail Address (required)").fill(email)
    await page.get_by_label("PIN").first.fill("8305")


def nobody_yet() -> tuple[str, str]:
    """Name and e-mail address of a customer who is like no other: nothing is to be waived."""
    own = uuid4().hex
    return f"Ada {own[:12]} {own[12:24]}", f"ada-{own}@customer.example"


async def choose_service(page: Page, name: str) -> None:
    await page.get_by_label(name, exact=True).check()
    await press(page, "Choose, and See Product Details")
    await expect(page.get_by_role("region", name="Product Details")).to_contain_text(name)


async def add_numbers(page: Page, prefix: str, count: int) -> None:
    await page.get_by_label("How many").fill(str(count))
    await page.get_by_label("Prefix").fill(prefix)
    await press(page, "Search")
    await page.get_by_label("Tick or clear all listed numbers").check()
    await press(page, "Add Ticked Numbers")
    rows = page.get_by_role("region", name="Numbers of this service").get_by_role("row")
    await expect(rows).to_have_count(count + 1)


async def lock_prices(page: Page) -> None:
    for choice in await page.get_by_label("Price List For this Service").all():
        await choice.select_option("standard-gbp")
    await press(page, "Change Price List")
    await expect(page.get_by_role("status")).to_contain_text("locked")


async def read_and_agree(page: Page) -> None:
    await page.get_by_label("Show the Full Validity Report").check()
    await page.get_by_label("Read the full terms and conditions").check()
    await press(page, "Update")
    await expect(page.get_by_role("region", name="Terms of Voice line")).to_be_visible()
    await page.get_by_label("I Agree to the Terms and Conditions of these Services").check()
    await press(page, "Update")
    await expect(page.get_by_label("I Agree to the Terms and Conditions of these Services")).to_be_checked()


@pytest.mark.parametrize("js", [True, False])
async def test_a_customer_with_two_services_and_four_numbers_comes_from_one_sitting(
    suite: Suite, browse: Browse, axe: Check, fits: Check, picture: Picture, js: bool
) -> None:
    page = await browse(js=js)
    name, email = nobody_yet()

    async def seen(tab: str) -> None:
        await on_tab(page, tab)
        if js:  # what looks at a page is a script as well
            await axe(page)
            await fits(page)
            await picture(page, f"wizard-{tab.lower()}")

    await sign_in(page, suite)
    await begin(page)
    await fill_customer(page, name, email)
    await seen("Customer")
    await press(page, "Next")
    await choose_service(page, "Voice line")
    await seen("Service")
    await press(page, "Next")
    await add_numbers(page, "0121", 2)
    await seen("Numbers")
    await press(page, "Next")
    await seen("Settings")
    await press(page, "Add Another Service")
    await choose_service(page, "Hunt group")
    await page.get_by_role("button", name="Numbers").first.click()
    await add_numbers(page, "0121", 2)
    await page.get_by_role("button", name="Billing").first.click()
    await lock_prices(page)
    await seen("Billing")
    await press(page, "Next")
    await read_and_agree(page)
    await seen("Creation")
    await press(page, "Create Services")
    await expect(page.get_by_text("Everything was created")).to_be_visible(timeout=60_000)
    await press(page, "Next")
    await page.get_by_label("What each service said, in its order").check()
    await press(page, "Update")
    await expect(page.get_by_role("region", name="What each service said")).to_contain_text("customer.CustomerReady")
    await page.get_by_label(f"Send an e-mail to {name}").check()
    await seen("Notifications")
    await page.get_by_label("Then go to").select_option("wizard")
    await press(page, "Finish")
    await on_tab(page, "The Add Services Wizard")
    (mail,) = await suite.mails(email)
    assert "Voice line" in mail["body"]


async def test_of_two_browsers_on_one_draft_the_stale_one_is_told_and_a_restart_loses_nothing(
    suite: Suite, browse: Browse, axe: Check, fits: Check
) -> None:
    first, second = await browse(), await browse(dark=True, narrow=True)
    for page in (first, second):
        await sign_in(page, suite)
    await begin(first)
    await second.goto(first.url)
    await fill_customer(first, "Grace Hopper", nobody_yet()[1])
    await press(first, "Next")
    await second.get_by_label("Name (required)").fill("Somebody Else")
    await press(second, "Next")
    await on_tab(second, "Customer")
    await expect(second.get_by_role("alert").first).to_contain_text("was changed meanwhile")
    await expect(second.get_by_label("Name (required)")).to_have_value("Somebody Else")
    await axe(second)
    await fits(second)
    await suite.restart("gateway")
    await first.goto(first.url.replace("/service", "/customer"))
    await expect(first.get_by_label("Name (required)")).to_have_value("Grace Hopper")
