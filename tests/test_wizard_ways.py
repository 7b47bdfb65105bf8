"""The wizard by keyboard, at 320 px in the dark, and beside a rival."""

from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from tests.suite import Suite
from tests.wizard_steps import (
    Browse,
    Check,
    Picture,
    add_numbers,
    begin,
    choose_service,
    create,
    fill_customer,
    lock_prices,
    nobody_yet,
    on_tab,
    press,
    press_tab,
    read_and_agree,
    sign_in,
)

pytestmark = pytest.mark.timeout(300)
MOST_KEYS = 250
"""So many times Tab is pressed at the most until something is reached: more than a page has controls."""
_SEEN = """(e) => { const s = getComputedStyle(e);
    return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none"; }"""


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


async def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, and see that it shows."""
    for _ in range(MOST_KEYS):
        if await wanted.evaluate("(e) => e === document.activeElement"):
            assert await wanted.evaluate(_SEEN), f"nobody sees that {wanted} has the focus"
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached")


async def type_into(page: Page, label: str, text: str) -> None:
    await reach(page, page.get_by_label(label).first)
    await page.keyboard.type(text)


async def hit(page: Page, button: str, key: str = "Enter") -> None:
    await reach(page, page.get_by_role("button", name=button, exact=True).first)
    await page.keyboard.press(key)


async def tick(page: Page, box: str) -> None:
    await reach(page, page.get_by_label(box, exact=True))
    await page.keyboard.press("Space")
    await expect(page.get_by_label(box, exact=True)).to_be_checked()


async def test_the_keyboard_alone_goes_through_all_tabs(suite: Suite, browse: Browse) -> None:
    page, (name, email) = await browse(), nobody_yet()
    await sign_in(page, suite)
    await reach(page, page.get_by_role("link", name="The Add Services Wizard"))
    await page.keyboard.press("Enter")
    await hit(page, "Next")
    await on_tab(page, "Customer")
    for label, text in (("Name (required)", name), ("E-mail Address (required)", email), ("PIN", "8305")):
        await type_into(page, label, text)
    await hit(page, "Next")
    await on_tab(page, "Service")
    await reach(page, page.locator("input[name=service_type]").first)
    voice = page.get_by_label("Voice line", exact=True)
    for _ in range(20):
        if await voice.is_checked():
            break
        await page.keyboard.press("ArrowDown")
    await hit(page, "Choose, and See Product Details")
    await expect(page.get_by_role("region", name="Product Details")).to_contain_text("Voice line")
    await hit(page, "Next")
    await on_tab(page, "Numbers")
    await type_into(page, "Prefix", "0121")
    await hit(page, "Search")
    await tick(page, "Tick or clear all listed numbers")
    await hit(page, "Add Ticked Numbers", "Space")
    chosen = page.get_by_role("region", name="Numbers of this service").get_by_role("row")
    await expect(chosen).to_have_count(21)
    await hit(page, "Next")
    await on_tab(page, "Settings")
    await hit(page, "Next")
    await on_tab(page, "Billing")
    await type_into(page, "Price List For this Service", "Standard")
    await hit(page, "Change Price List")
    await expect(page.get_by_role("status")).to_contain_text("locked")
    await hit(page, "Next")
    await on_tab(page, "Creation")
    await tick(page, "I Agree to the Terms and Conditions of these Services")
    await hit(page, "Create Services")
    await expect(page.get_by_text("Everything was created")).to_be_visible(timeout=60_000)
    await hit(page, "Next")
    await on_tab(page, "Notifications")
    await hit(page, "Finish")
    await expect(page.get_by_role("heading", level=1)).not_to_have_text("Notifications")


async def test_in_the_dark_at_320_px_every_tab_can_be_read_and_used(
    suite: Suite, browse: Browse, axe: Check, fits: Check, picture: Picture
) -> None:
    page, (name, email) = await browse(dark=True, narrow=True), nobody_yet()

    async def seen(tab: str) -> None:
        await on_tab(page, tab)
        await axe(page)
        await fits(page)
        await picture(page, f"wizard-{tab.lower()}-dark-narrow")

    await sign_in(page, suite)
    await begin(page)
    await fill_customer(page, name, "no address")
    for tab, button in (("Creation", "Create Services"), ("Customer", "Update")):
        await press_tab(page, tab)
        await press(page, button)
        await expect(page.get_by_role("alert").first).to_be_visible()
        await seen(tab)
    await fill_customer(page, name, email)
    await press(page, "Next")
    await choose_service(page, "Voice line")
    await seen("Service")
    await press(page, "Next")
    await add_numbers(page, "0121", 2)
    await seen("Numbers")
    await press(page, "Next")
    await seen("Settings")
    await press(page, "Next")
    await lock_prices(page)
    await seen("Billing")
    await press(page, "Next")
    await read_and_agree(page)
    await create(page)
    await seen("Creation")
    await press(page, "Next")
    await page.get_by_label("What each service said, in its order").check()
    await press(page, "Update")
    await seen("Notifications")


@pytest.mark.parametrize("js", [True, False])
async def test_a_number_that_a_rival_was_faster_with_is_told_at_once_with_the_next_best(
    suite: Suite, browse: Browse, js: bool
) -> None:
    page = await browse(js=js)
    await sign_in(page, suite)
    await begin(page)
    await fill_customer(page, *nobody_yet())
    await press(page, "Next")
    await choose_service(page, "Voice line")
    await press(page, "Next")
    await page.get_by_label("Prefix").fill("0121")
    await press(page, "Search")
    add = page.locator('button[value^="add:"]').first
    wanted = str(await add.get_attribute("value")).removeprefix("add:")
    async with suite.client() as rival:
        held = {"owner": {"kind": "basket", "id": str(uuid4())}, "numbers": [f"+{wanted}"]}
        answer = await rival.post("/v1/numbers/holds", json=held)
        assert answer.status_code == 200, answer.text
    await add.click()
    await expect(page.get_by_text("Lost to somebody else")).to_be_visible()
    await page.get_by_role("button", name="Add +").first.click()
    rows = page.get_by_role("region", name="Numbers of this service").get_by_role("row")
    await expect(rows).to_have_count(2)
    await expect(page.locator(f'input[name="chosen"][value="{wanted}"]')).to_have_count(0)
