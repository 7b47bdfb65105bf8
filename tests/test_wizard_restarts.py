"""The wizard while each of the services is killed in turn, on the tab that needs it most: what is typed stays, what is
missing is said on top, and once the service is back one goes on. In the end everything was made once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from patchbay_local.processes import SERVICES
from tests.suite import Suite, eventually
from tests.wizard_steps import (
    Browse,
    begin,
    choose_service,
    fill_customer,
    nobody_yet,
    on_tab,
    press,
    press_tab,
    press_until,
    sign_in,
)

pytestmark = pytest.mark.timeout(300)
MISSING = "Not everything is there just now"
KEPT = "Nothing that you typed is lost"
LEFT_BEHIND = "SELECT cause FROM journal WHERE NOT sent AND at < now() - interval '10 seconds'"


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


@asynccontextmanager
async def killed(suite: Suite, *names: str) -> AsyncIterator[None]:
    """kill -9; after the block they are started again, and ready."""
    for name in names:
        suite.stack.kill(name)
    yield
    for name in names:
        suite.start(name)
    for name in names:
        await suite.ready(name)


async def says(page: Page, text: str) -> None:
    await expect(page.get_by_role("alert").filter(has_text=text).first).to_be_visible()


async def test_each_service_is_killed_while_one_works_and_nothing_is_lost(suite: Suite, browse: Browse) -> None:
    page, (name, email) = await browse(away=True), nobody_yet()
    await sign_in(page, suite)
    await begin(page)
    await fill_customer(page, name, email)
    await without_customer(suite, page, name)
    await choose_service(page, "Voice line")
    await press(page, "Next")
    await without_search_and_numbers(suite, page)
    await press(page, "Next")
    await without_provisioning(suite, page)
    await press(page, "Next")
    await without_billing(suite, page)
    await press(page, "Next")
    await without_gateway(suite, page)
    await without_any_of_them_while_it_is_created(suite, page)
    await press(page, "Next")
    await without_notifier(suite, page, name, email)
    (mail,) = await suite.mails(email, "Typed before")
    assert "Voice line" in mail["body"]
    made = await suite.rows("customer", "SELECT id FROM customer WHERE email = $1", email)
    assert len(made) == 1
    services = await suite.rows("provisioning", "SELECT state FROM service WHERE customer_id = $1", made[0]["id"])
    assert [one["state"] for one in services] == ["active"]
    await everything_is_said(suite)


async def everything_is_said(suite: Suite) -> None:
    """No message of any service was left behind by the process that died."""

    async def said() -> bool:
        return not [row for service in SERVICES for row in await suite.rows(service, LEFT_BEHIND)]

    await eventually(said)


async def without_customer(suite: Suite, page: Page, name: str) -> None:
    async with killed(suite, "customer"):
        await press(page, "Next")
        await on_tab(page, "Service")
        await press(page, "Back")
        await says(page, MISSING)
        await expect(page.get_by_label("Name (required)")).to_have_value(name)
        await page.get_by_label("Own reference").fill("Typed meanwhile")
        await press(page, "Next")
    await press(page, "Back")
    await expect(page.get_by_label("Own reference")).to_have_value("Typed meanwhile")
    await press(page, "Next")


async def without_search_and_numbers(suite: Suite, page: Page) -> None:
    await page.get_by_label("How many").fill("2")
    await page.get_by_label("Prefix").fill("0121")
    async with killed(suite, "search"):
        await press(page, "Search")
        await says(page, "Numbers cannot be searched for just now")
        await expect(page.get_by_label("Prefix")).to_have_value("0121")
    ticks = page.get_by_label("Tick or clear all listed numbers")
    await press_until(page, "Search", ticks)
    await ticks.check()
    async with killed(suite, "numbers"):
        await press(page, "Add Ticked Numbers")
        await says(page, KEPT)
    rows = page.get_by_role("region", name="Numbers of this service").get_by_role("row")
    await press_until(page, "Add Ticked Numbers", rows.nth(2))
    await expect(rows).to_have_count(3)


async def without_provisioning(suite: Suite, page: Page) -> None:
    destination = page.get_by_label("Forwarding destination").first
    await destination.fill("sip:desk@pbx.example")
    async with killed(suite, "provisioning"):
        await press(page, "Update")
        await on_tab(page, "Settings")
        await expect(destination).to_have_value("sip:desk@pbx.example")
        await press(page, "Next")
        await on_tab(page, "Billing")
        await press(page, "Back")
    await press(page, "Update")
    await expect(destination).to_have_value("sip:desk@pbx.example")


async def without_billing(suite: Suite, page: Page) -> None:
    chosen = page.get_by_label("Price List For this Service")
    await chosen.select_option("standard-gbp")
    async with killed(suite, "billing"):
        await press(page, "Change Price List")
        await says(page, KEPT)
        await expect(chosen).to_have_value("standard-gbp")
        await press_tab(page, "Numbers")
        await press_tab(page, "Billing")
        await says(page, MISSING)
    await press_until(page, "Change Price List", page.get_by_role("status").filter(has_text="locked"))


async def without_gateway(suite: Suite, page: Page) -> None:
    """Nobody presses anything twice: the page waits for the site."""
    agree = page.get_by_label("I Agree to the Terms and Conditions of these Services")
    await agree.check()
    async with killed(suite, "gateway"):
        await page.get_by_role("button", name="Update", exact=True).first.click()
        await says(page, "The site does not answer just now")
        await expect(agree).to_be_checked()
    await expect(page.get_by_text("Agreed by")).to_be_visible(timeout=20_000)


async def without_any_of_them_while_it_is_created(suite: Suite, page: Page) -> None:
    """They die when Create Services was just pressed; the page goes on by itself."""
    await press(page, "Create Services")
    await expect(page.get_by_role("heading", name="Service Creation")).to_be_visible()
    async with killed(suite, "provisioning", "gateway", "numbers", "billing"):
        pass
    await expect(page.get_by_text("Everything was created")).to_be_visible(timeout=60_000)


async def without_notifier(suite: Suite, page: Page, name: str, email: str) -> None:
    await page.get_by_label(f"Send an e-mail to {name}").check()
    subject = page.get_by_label("Subject").first
    await subject.fill("Typed before")
    async with killed(suite, "notifier"):
        await press(page, f"Preview the mail to {email}")
        await says(page, MISSING)
        await expect(subject).to_have_value("Typed before")
    await press(page, "Finish")
