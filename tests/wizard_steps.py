"""What an operator does in the Add Services Wizard, step by step, by the names of its controls."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from playwright.async_api import Locator, Page, Request, expect

from tests.suite import Suite, eventually

Browse = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
Picture = Callable[[Page, str], Awaitable[None]]


async def sign_in(page: Page, suite: Suite) -> None:
    email, password = suite.stack.operator
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await press(page, "Sign in")
    await on_tab(page, "Home")


async def press(page: Page, name: str) -> None:
    """What follows is there when it returns, loaded as a page or put into this one by htmx: which may begin a moment
    later, when what was typed before is kept."""
    async with page.expect_request(_is_of_a_button):
        await page.get_by_role("button", name=name, exact=True).first.click()
    await expect(page.locator(".htmx-request")).to_have_count(0, timeout=20_000)


def _is_of_a_button(request: Request) -> bool:
    """And not what keeps what was typed."""
    is_whole = request.resource_type in {"document", "fetch", "xhr"}
    return is_whole and b"keep=yes" not in (request.post_data_buffer or b"")


async def press_until(page: Page, name: str, there: Locator) -> None:
    """Press it, and again where a service that was away is not asked yet, until it has led there."""

    async def led_there() -> bool:
        await press(page, name)
        return await there.is_visible()

    await eventually(led_there)


async def press_tab(page: Page, title: str) -> None:
    await page.get_by_role("navigation", name="Tabs of the wizard").get_by_role("button", name=title).click()
    await on_tab(page, title)


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


async def create(page: Page) -> None:
    """And see it through to its end."""
    await press(page, "Create Services")
    await expect(page.get_by_text("Everything was created")).to_be_visible(timeout=60_000)
