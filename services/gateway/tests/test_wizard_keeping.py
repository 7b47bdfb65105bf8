"""What was typed and not sent by any press is kept when its page is hidden or left; a stale page overwrites nothing by
that, and whoever comes back goes on."""

from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from patchbay_chassis.testing import eventually

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .test_in_a_browser import Browse

Open = Callable[..., Awaitable[Page]]
LIMIT = 20
HIDDEN = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
GREETING, OWN = "services-0-settings-greeting", "services-0-settings_by_number-+441217377007-greeting"


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    return await Clerk.at_a_draft(gateway, behind)


@pytest_asyncio.fixture
async def see(clerk: Clerk, browse: Browse, site_url: str) -> Open:
    """Opens a tab of the clerk's draft, each time in another window."""

    async def open_tab(tab: str, *, away: bool = False, js: bool = True) -> Page:
        page = await browse(away=away, js=js)
        token = clerk.visitor.client.cookies["patchbay"]
        await page.context.add_cookies([{"name": "patchbay", "value": token, "url": site_url}])
        await page.goto(f"/wizard/{clerk.id}/{tab}")
        return page

    return open_tab


async def hide(page: Page) -> None:
    """And wait until what was typed is kept, or is not."""
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.evaluate(HIDDEN, True)


async def version_shown(page: Page, clerk: Clerk) -> None:
    """The page goes on with the version that the draft has."""
    await expect(page.locator('[name="version"]')).to_have_value(str((await clerk.draft()).version))


async def test_what_was_typed_is_there_after_the_page_was_closed(clerk: Clerk, see: Open) -> None:
    page = await see("customer")
    await page.get_by_label("Name (required)").fill("Ada")
    await page.get_by_label("E-mail Address (required)").fill("no address")
    await page.get_by_label("PIN").first.fill("90210")
    await page.close(run_before_unload=True)

    async def is_kept() -> bool:
        return (await clerk.draft()).document.customer.name == "Ada"

    await eventually(is_kept, LIMIT)
    again = await see("customer")
    await expect(again.get_by_label("Name (required)")).to_have_value("Ada")
    await expect(again.get_by_label("E-mail Address (required)")).to_have_value("no address")
    await expect(again.get_by_text("A PIN is set")).to_be_visible()


async def test_whoever_comes_back_goes_on_and_an_older_page_overwrites_nothing(clerk: Clerk, see: Open) -> None:
    page, older = await see("customer"), await see("customer")
    await page.get_by_label("Name (required)").fill("Ada")
    await hide(page)
    await version_shown(page, clerk)
    await older.get_by_label("Name (required)").fill("Grace")
    await hide(older)
    assert (await clerk.draft()).document.customer.name == "Ada"
    await page.evaluate(HIDDEN, False)
    await page.get_by_label("Telephone").fill("0121 496 0000")
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Service")
    assert (await clerk.draft()).document.customer.phone == "0121 496 0000"
    await older.get_by_role("button", name="Next", exact=True).click()
    await expect(older.get_by_role("alert").first).to_contain_text("was changed meanwhile")
    await expect(older.get_by_label("Name (required)")).to_have_value("Grace")
    assert (await clerk.draft()).document.customer.name == "Ada"
    await older.get_by_label("Name (required)").fill("Eve")
    await older.close(run_before_unload=True)
    assert (await clerk.draft()).document.customer.name == "Ada", "a page that was told so keeps nothing by itself"


async def test_a_lost_answer_locks_nobody_out(clerk: Clerk, see: Open) -> None:
    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    page = await see("customer", away=True)
    await page.route("**/customer", lose, times=1)
    await page.get_by_label("Name (required)").fill("Ada")
    async with page.expect_event("requestfailed"):
        await page.evaluate(HIDDEN, True)
    assert (await clerk.draft()).document.customer.name == "Ada"
    await page.get_by_label("Telephone").fill("0121 496 0000")
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Service")
    assert (await clerk.draft()).document.customer.phone == "0121 496 0000"


@pytest.mark.parametrize("how", ["reload", "back", "link"])
async def test_the_page_that_follows_is_not_stale(clerk: Clerk, see: Open, how: str) -> None:
    page = await see("customer")
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Service")
    await page.get_by_role("radio", name="Voice line").check()
    if how == "reload":
        await page.reload()
        await expect(page.get_by_role("radio", name="Voice line")).to_be_checked()
    elif how == "back":
        await page.go_back()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Customer")
    else:
        await page.get_by_role("link", name="Customers", exact=True).click()
        await page.wait_for_url("**/customers")
        await page.goto(f"/wizard/{clerk.id}/service")
        await expect(page.get_by_role("radio", name="Voice line")).to_be_checked()
    await version_shown(page, clerk)
    assert [one.service_type for one in (await clerk.draft()).document.services] == ["voice-line"]
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_without_javascript_the_ways_in_the_header_keep_it_as_well(clerk: Clerk, see: Open) -> None:
    page = await see("customer", js=False)
    await page.get_by_label("Name (required)").fill("Ada")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Customer")
    await page.get_by_label("Town or city").fill("x" * 5000)
    await page.get_by_role("button", name="Customers", exact=True).click()
    await expect(page.get_by_role("alert").first).to_be_focused()
    await page.get_by_label("Town or city").fill("Leeds")
    await page.get_by_role("button", name="Update", exact=True).first.click()
    await page.get_by_label("Telephone").fill("0121 496 0000")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_title("Sign in – Patchbay")
    customer = (await clerk.draft()).document.customer
    assert (customer.name, customer.city, customer.phone) == ("Ada", "Leeds", "0121 496 0000")


async def test_what_is_kept_is_what_a_press_would_keep(clerk: Clerk) -> None:
    """Numbers that show what all have go on having it; nobody agrees, or gives numbers back, without pressing."""
    await clerk.fill()
    await clerk.go("settings")
    first = dict(clerk.form.fields)
    assert (await clerk.send(keep="yes", **{GREETING: "Hello"})).text == str((await clerk.draft()).version)
    clerk.form.fields.update({**first, "version": [str((await clerk.draft()).version)]})
    await clerk.press(go="next", **{GREETING: "Hello"})
    (service,) = (await clerk.draft()).document.services
    assert (service.settings, service.settings_by_number) == ({"greeting": "Hello"}, {})
    await clerk.go("creation")
    await clerk.press("update", agree=None)
    await clerk.send(keep="yes", agree="yes")
    await clerk.go("customer")
    await clerk.send(keep="yes", reseller="borealis", name="Grace")
    draft = await clerk.draft()
    assert draft.document.agreement is None
    assert (draft.reseller, draft.document.customer.name, len(draft.document.numbers)) == ("acme", "Grace", 2)
    await clerk.go("service", "?service=new")
    for _ in range(2):
        await clerk.send(keep="yes", service_type="voice-line")
    assert [one.key for one in (await clerk.draft()).document.services] == ["s1", "s2"]
