"""A service type and a mail template come into force in the browser, with the services behind it that own them."""

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.suite import Suite
from tests.wizard_steps import press, sign_in

pytestmark = pytest.mark.timeout(300)
SCHEMA = (
    '{"type": "object", "properties": {"fax": {"type": "boolean", "title": "Fax too"}}, "additionalProperties": false}'
)


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


async def told(page: Page, text: str) -> None:
    await expect(page.get_by_role("status")).to_contain_text(text)


async def test_a_service_type_is_drafted_published_and_retired(suite: Suite, page: Page) -> None:
    type_ = f"line-{uuid4().hex[:8]}"
    await sign_in(page, suite)
    await page.goto("/catalogue/new")
    fields = {"Id": type_, "Name": "New line", "Settings as JSON Schema": '{"properties": 5}', "At least": "1"}
    fields |= {"At most": "2", "Version of the terms": "1", "Text of the terms": "Pay.", "Resellers": "acme"}
    for label, value in (fields | {"Reason of the change": "a new product"}).items():
        await page.get_by_label(f"{label} (required)").fill(value)
    await press(page, "Save the draft")
    await expect(page.get_by_role("alert")).to_contain_text("/type: ")
    await page.get_by_label("Settings as JSON Schema").fill(SCHEMA)
    await press(page, "Save the draft")
    await told(page, "The draft is saved.")
    await expect(page.get_by_role("region", name="Settings, as pages show them")).to_contain_text("Fax too")
    await page.get_by_label("Reason").fill("agreed")
    await page.get_by_label("I have looked").check()
    await press(page, "Publish")
    await told(page, "The version is published.")
    await page.goto("/catalogue")
    row = page.get_by_role("row").filter(has_text=type_)
    await expect(row).to_contain_text("Version 1, from")
    await page.goto(f"/catalogue/{type_}/draft")
    await page.get_by_label("At most (required)").fill("9")
    await page.get_by_label("Reason of the change").fill("more numbers")
    await press(page, "Save the draft")
    await page.get_by_role("link", name="What is different from the version in force").click()
    await expect(page.get_by_role("row").filter(has_text="Most numbers of a service")).to_contain_text("9")
    await page.goto(f"/catalogue/{type_}/versions/1")
    await page.get_by_label("Reason").fill("too dear")
    await page.get_by_label("Nobody is to buy it").check()
    await press(page, "Retire")
    await told(page, "The version is retired.")
    await page.goto(f"/catalogue/{type_}/log")
    for why in ("a new product", "agreed", "more numbers", "too dear"):
        await expect(page.get_by_role("table")).to_contain_text(why)


async def test_a_mail_template_is_previewed_saved_and_withdrawn(suite: Suite, page: Page) -> None:
    purpose = f"welcome_{uuid4().hex[:8]}"
    await sign_in(page, suite)
    await page.goto("/templates/new")
    await page.get_by_label("Purpose").fill(purpose)
    await page.get_by_label("Of", exact=True).select_option("acme")
    await press(page, "Continue")
    await page.get_by_label("Subject").fill("Welcome to {{ reseller.name }}")
    await page.get_by_label("Text", exact=False).first.fill("Dear {{ customer.nom }},\n\nwelcome.")
    await press(page, "Preview")
    await expect(page.get_by_role("alert")).to_contain_text("customer.name")
    await page.get_by_label("Text", exact=False).first.fill("Dear {{ customer.name }},\n\nwelcome.")
    await press(page, "Preview")
    preview = page.get_by_role("region", name="Preview")
    await expect(preview).to_contain_text("Welcome to acme")
    await expect(preview).to_contain_text("Dear Ada Lovelace,")
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name="See the HTML in a page of its own").click()
    await expect((await opened.value).get_by_text("Dear Ada Lovelace,")).to_be_visible()
    await page.get_by_label("Reason of the change").fill("a welcome")
    await press(page, "Save")
    await told(page, "The template is saved")
    await page.get_by_label("Reason for withdrawing it").fill("no more")
    await page.get_by_label("Mails are made from what it falls back on").check()
    await press(page, "Withdraw")
    await told(page, "The template is withdrawn")
