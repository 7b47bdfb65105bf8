"""The Add Services Wizard in a real browser, with all services behind it: as an operator goes through it."""

import pytest
from playwright.async_api import expect

from tests.suite import Suite
from tests.wizard_mails import opened
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


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


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
    await press_tab(page, "Numbers")
    await add_numbers(page, "0121", 2)
    await press_tab(page, "Billing")
    await lock_prices(page)
    await seen("Billing")
    await press(page, "Next")
    await read_and_agree(page)
    await seen("Creation")
    await create(page)
    await press(page, "Next")
    await page.get_by_label("What each service said, in its order").check()
    await press(page, "Update")
    await expect(page.get_by_role("region", name="What each service said")).to_contain_text("customer.CustomerReady")
    await page.get_by_label(f"Send an e-mail to {name}").check()
    for attached in ("A summary of the services (PDF)", "Their settings (CSV)", "The terms"):
        await page.get_by_label(attached).first.check()
    await press(page, f"Preview the mail to {email}")
    await expect(page.get_by_role("region", name="Preview")).to_contain_text(f"Dear {name},")
    await seen("Notifications")
    await page.get_by_label("Then go to").select_option("wizard")
    await press(page, "Finish")
    await on_tab(page, "The Add Services Wizard")
    (mail,) = await suite.mails(email)
    assert "Voice line" in mail["body"]
    parts = await opened(suite, mail)
    assert {"services.pdf", "settings.csv", "terms.txt"} < parts.keys()
    assert all(f"These terms apply to {of}" in parts["terms.txt"].get_content() for of in ("Voice line", "Hunt group"))


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
