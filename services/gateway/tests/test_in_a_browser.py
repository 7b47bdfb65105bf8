"""The site in a real browser: with and without JavaScript, by keyboard, and what is wrong said where it is."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from .conftest import ACME, Gateway
from .operators import ANNA, PASSWORD, add_operator

Browse = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]


async def go(page: Page, path: str, status: int = 200) -> None:
    """Goes there, and fails if another page is shown than that: what is read must be what was meant."""
    answer = await page.goto(path)
    assert answer is not None
    assert (answer.status, page.url.endswith(path)) == (status, True), f"{path}: {answer.status} {page.url}"


async def sign_in(page: Page, password: str = PASSWORD) -> None:
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(ANNA)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("js", [True, False])
async def test_anna_signs_in_and_out(gateway: Gateway, browse: Browse, js: bool) -> None:
    await add_operator(gateway)
    page = await browse(js=js)
    await page.goto("/?from=here")
    await expect(page).to_have_title("Sign in – Patchbay")
    await page.get_by_label("E-mail address").fill("ANNA@acme.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    assert page.url.endswith("/?from=here")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_title("Sign in – Patchbay")


async def test_what_is_wrong_is_said_on_top_and_at_the_field(gateway: Gateway, page: Page, axe: Check) -> None:
    await page.goto("/sign-in")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_title("Error: Sign in – Patchbay")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_role("link", name="Enter your e-mail address").click()
    await expect(page.get_by_label("E-mail address")).to_be_focused()
    await expect(page.get_by_label("E-mail address")).to_have_accessible_description("Error: Enter your e-mail address")
    await axe(page)


async def test_the_keyboard_alone_is_enough(gateway: Gateway, page: Page) -> None:
    await add_operator(gateway)
    await page.goto("/sign-in")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("E-mail address")).to_be_focused()
    await page.keyboard.type(ANNA)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")


async def test_the_api_is_read_and_tried_without_any_other_site(gateway: Gateway, page: Page, site_url: str) -> None:
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    await go(page, "/docs")
    await page.get_by_role("button", name="Authorize").click()
    await page.get_by_label("Value:", exact=True).fill(ACME)
    await page.get_by_label("Apply credentials").first.click()
    await page.get_by_role("button", name="Close", exact=True).last.click()
    listing = page.locator(".opblock-get").filter(has=page.locator("[data-path='/v1/orders']")).first
    await listing.click()
    await listing.get_by_role("button", name="Try it out").click()
    await listing.get_by_role("button", name="Execute").click()
    await expect(listing.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200")
    assert {url for url in asked if not url.startswith((site_url, "data:"))} == set()
