"""A service is changed from its page, with all services behind it: suspended and resumed, and its history says so."""

import pytest
from playwright.async_api import Page, expect

from tests.documents import line, new_number, order
from tests.suite import Suite
from tests.wizard_steps import Browse, press, sign_in

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


async def change(page: Page, what: str, why: str) -> None:
    """Ask for it on the page of the service, and see it through to its end."""
    await page.get_by_role("link", name=what, exact=True).click()
    await page.get_by_label("Reason").fill(why)
    await press(page, what)
    await expect(page.get_by_text("The change is done.")).to_be_visible(timeout=60_000)


async def test_a_service_is_suspended_and_resumed_from_its_page(suite: Suite, browse: Browse) -> None:
    number = new_number()
    made = await suite.ended(order(line(numbers={"exact": [number]})))
    (service,) = made["outcome"]["services"]
    page = await browse()
    await sign_in(page, suite)
    await page.goto(f"/services?number={number.removeprefix('+')}")
    await page.get_by_role("link", name=service["id"][-12:]).click()
    await change(page, "Suspend", "not paid")
    await expect(page.get_by_role("definition").filter(has_text="suspended")).to_be_visible()
    await change(page, "Resume", "paid")
    await expect(page.get_by_role("link", name="Suspend", exact=True)).to_be_visible()
    history = page.get_by_role("region", name="Changes, the newest first", exact=True)
    await expect(history).to_contain_text("State: active → suspended")
    await expect(history).to_contain_text("State: suspended → active")
    await expect(history).to_contain_text(f"operator:{suite.stack.operator[0]}")


async def test_a_number_is_added_from_the_page_of_its_service(suite: Suite, browse: Browse) -> None:
    first, second = new_number(), new_number()
    made = await suite.ended(order(line(numbers={"exact": [first]})))
    (service,) = made["outcome"]["services"]
    page = await browse()
    await sign_in(page, suite)
    await page.goto(f"/services/{service['id']}/add-numbers")
    await page.get_by_label("Numbers by name").fill(second)
    await page.get_by_label("Reason").fill("another desk")
    await press(page, "Add numbers")
    await expect(page.get_by_text("The change is done.")).to_be_visible(timeout=60_000)
    await expect(page.get_by_role("region", name="2 numbers")).to_contain_text(second)
