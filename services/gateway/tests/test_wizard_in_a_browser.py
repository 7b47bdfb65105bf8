"""The wizard's tabs with JavaScript: what is pressed replaces the page's main part, and all else is as when pages load:
address, title, focus, Back and Forward, errors, files, what is sent while an order is created."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from patchbay_contracts.v1.orders import OrderCompleted

from .behind import FOUND, ROW, Behind, says
from .clerk import Clerk
from .test_in_a_browser import Browse
from .test_progress import moves
from .test_reading import told

Open = Callable[[str], Awaitable[Page]]
_KEPT = "() => window.kept === true"
NUMBERS = [ROW | {"grade": "gold", "e164": f"+44121737700{n}", "national": f"0121 737 700{n}"} for n in range(9)]


@pytest_asyncio.fixture
async def see(clerk: Clerk, browse: Browse, site_url: str) -> Open:
    """Opens a tab of the clerk's draft in a browser; what is loaded anew afterwards is not `kept`."""

    async def open_tab(tab: str) -> Page:
        page = await browse()
        token = clerk.visitor.client.cookies["patchbay"]
        await page.context.add_cookies([{"name": "patchbay", "value": token, "url": site_url}])
        await page.goto(f"/wizard/{clerk.id}/{tab}")
        await page.evaluate("() => { window.kept = true }")
        return page

    return open_tab


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.click()


async def on_tab(page: Page, title: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)


async def test_next_changes_the_main_part_and_the_browser_goes_back_and_forth(see: Open) -> None:
    page = await see("customer")
    await page.get_by_label("Name (required)").fill("Ada")
    await press(page, "Next")
    await on_tab(page, "Service")
    assert page.url.endswith("/service")
    await expect(page).to_have_title("Service – The Add Services Wizard – Patchbay")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert await page.evaluate(_KEPT)
    await page.get_by_role("radio", name="Voice line").check()
    await press(page, "Choose, and See Product Details")
    await expect(page.get_by_role("region", name="Product Details")).to_be_focused()
    assert page.url.endswith("/service?service=s1#product")
    assert await page.evaluate(_KEPT)
    await page.go_back()
    await on_tab(page, "Customer")
    await expect(page.get_by_label("Name (required)")).to_have_value("Ada")
    await page.go_forward()
    await on_tab(page, "Service")
    await page.reload()
    await expect(page.get_by_role("radio", name="Voice line")).to_be_checked()
    await press(page, "Next")
    await on_tab(page, "Numbers")


async def test_whoever_adds_numbers_stays_where_they_are(behind: Behind, clerk: Clerk, see: Open) -> None:
    behind.replicas[0].answers = behind.replicas[1].answers = says(FOUND | {"numbers": NUMBERS, "total": 9})
    await clerk.go("service")
    await clerk.press(go="next", service_type="voice-line")
    await clerk.press("search")
    page = await see("numbers")
    third = page.get_by_role("button", name="Add 0121 737 7002", exact=True)
    await third.focus()
    before = await page.evaluate("scrollY")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Remove +441217377002")).to_be_visible()
    await expect(page.get_by_role("button", name="Add 0121 737 7003")).to_be_focused()
    assert await page.evaluate("scrollY") == before
    await page.get_by_role("button", name="Add 0121 737 7008").click()
    await expect(page.get_by_role("button", name="Add 0121 737 7007")).to_be_focused()
    await page.get_by_role("button", name="Remove +441217377002").press("Enter")
    await expect(page.get_by_role("button", name="Remove +441217377008")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("None yet.")).to_be_visible()
    await expect(page.get_by_role("region", name="Chosen numbers")).to_be_focused()
    await page.get_by_label("Prefix").fill("0121")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Prefix")).to_be_focused()
    assert await page.evaluate(_KEPT)
    assert (await clerk.draft()).document.numbers == ()


async def test_a_refusal_is_said_on_top_and_leads_to_what_stops(clerk: Clerk, see: Open) -> None:
    await clerk.fill()
    clerk.owners.find("customer", "no_name", message="No name.")
    page = await see("creation")
    await press(page, "Create Services")
    await expect(page).to_have_title("Error: Creation – The Add Services Wizard – Patchbay")
    await expect(page.get_by_role("alert").first).to_be_focused()
    await page.get_by_role("link", name="No name.").click()
    await expect(page.locator(".finding.error")).to_be_focused()
    await clerk.go("customer")
    await clerk.press("update", phone="0121 496 0000")
    await press(page, "Create Services")
    await expect(page.get_by_role("alert").first).to_contain_text("was changed meanwhile")
    assert await page.evaluate(_KEPT)


async def test_what_is_found_or_led_to_has_the_focus_before_the_errors(clerk: Clerk, see: Open) -> None:
    await clerk.fill()
    clerk.owners.find("customer", "no_name", message="No name.")
    clerk.owners.find("provisioning", "voicemail", tab="settings", pointer="/lines/0/settings/voicemail")
    page = await see("creation")
    await page.locator(".finding.error").filter(has_text="Not so.").get_by_role("button").first.click()
    await on_tab(page, "Settings")
    await expect(page.get_by_role("alert").first).to_contain_text("Not so.")
    await expect(page.get_by_role("radio", name="Yes").first).to_be_focused()
    await clerk.go("customer")
    await clerk.press("update", kind="existing")
    page = await see("customer")
    await page.get_by_label("Find a customer").fill("Ada")
    await press(page, "Find Customer")
    await expect(page.locator("#found")).to_be_focused()
    await expect(page.locator("#found")).to_contain_text("Ada Lovelace")
    assert await page.evaluate(_KEPT)


async def test_a_file_is_sent(clerk: Clerk, see: Open) -> None:
    await clerk.fill()
    page = await see("settings")
    await press(page, "Import CSV")
    await expect(page.get_by_role("alert").first).to_contain_text("No file is chosen")
    content = b"number,greeting\n+441217377007,Hello\n"
    await page.get_by_label("CSV of settings").set_input_files(
        {"name": "settings.csv", "mimeType": "text/csv", "buffer": content}
    )
    await press(page, "Import CSV")
    await expect(page.get_by_role("status")).to_have_text("1 row was taken.")
    assert await page.evaluate(_KEPT)
    assert (await clerk.draft()).document.services[0].settings_by_number == {441217377007: {"greeting": "Hello"}}


async def test_what_is_created_is_seen_step_by_step(clerk: Clerk, see: Open) -> None:
    await clerk.fill()
    page = await see("creation")
    await press(page, "Create Services")
    await expect(page.get_by_text("It is being created.")).to_be_visible()
    order = UUID(str((await clerk.draft()).order_id))
    await moves(clerk.gateway, order, ("customer", "asked"))
    await expect(page.get_by_role("cell", name="under way")).to_be_visible()
    await told(clerk.gateway, OrderCompleted(order_id=order, reseller="acme", customer_id=uuid4()))
    await moves(clerk.gateway, order, ("customer", "done"))
    await expect(page.get_by_text("Everything was created")).to_be_visible()
    await press(page, "Next")
    await on_tab(page, "Notifications")
    assert await page.evaluate(_KEPT)
    await page.get_by_label("Then go to").select_option("wizard")
    await press(page, "Finish")
    await on_tab(page, "The Add Services Wizard")
    assert not await page.evaluate(_KEPT), "another page is loaded as a whole"


async def test_whoever_is_signed_out_meanwhile_signs_in_and_comes_back(clerk: Clerk, see: Open) -> None:
    page = await see("customer")
    await clerk.gateway.do("DELETE FROM session")
    await press(page, "Next")
    await expect(page).to_have_title("Sign in – Patchbay")
    await expect(page.get_by_role("main")).to_have_count(1)
    await page.get_by_label("E-mail address").fill("anna@acme.example")
    await page.get_by_label("Password").fill("correct-horse-battery")
    await press(page, "Sign in")
    await on_tab(page, "Customer")


async def test_what_gets_no_answer_of_ours_is_sent_again_as_pages_send_it(see: Open) -> None:
    async def lose(route: Route) -> None:
        if route.request.resource_type == "fetch":
            await route.fulfill(status=503, content_type="text/html", body="<p>No server.</p>")
        else:
            await route.continue_()

    page = await see("customer")
    await page.route("**/wizard/*/customer", lose)
    await page.get_by_label("Name (required)").fill("Ada")
    await press(page, "Next")
    await on_tab(page, "Service")
    assert not await page.evaluate(_KEPT)
    await press(page, "Back")
    await expect(page.get_by_label("Name (required)")).to_have_value("Ada")
