"""What was typed on a page of the wizard that was left, or sent once the session had ended, is there again for whoever
comes back to it; what the draft cannot take is told, and can be taken over or dropped."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from .clerk import Clerk, PageForm
from .operators import ANNA, BEN, PASSWORD, add_operator
from .test_in_a_browser import Browse, Check

Open = Callable[..., Awaitable[Page]]
NAME, PHONE = "Name (required)", "Telephone"
CITY = "x" * 5_000
OURS = {"Sec-Fetch-Site": "same-origin"}
STORED = "() => Object.values(sessionStorage).join()"


@pytest_asyncio.fixture
async def see(clerk: Clerk, browse: Browse, site_url: str) -> Open:
    """Opens the Customer tab of the clerk's draft in another window."""

    async def open_tab(*, js: bool = True) -> Page:
        page = await browse(away=True, js=js)
        token = clerk.visitor.client.cookies["patchbay"]
        await page.context.add_cookies([{"name": "patchbay", "value": token, "url": site_url}])
        await page.goto(f"/wizard/{clerk.id}/customer")
        return page

    return open_tab


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.click()


async def sign_in(page: Page, email: str = ANNA, password: str = PASSWORD) -> None:
    await expect(page).to_have_title("Sign in – Patchbay")
    await expect(page.get_by_role("status")).to_contain_text("Your session has ended")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await press(page, "Sign in")


@pytest.mark.parametrize("how", ["press", "reload", "link", "signed in anew"])
async def test_whoever_typed_while_the_session_ended_finds_it_there_after_signing_in(
    clerk: Clerk, see: Open, how: str
) -> None:
    page = await see()
    await page.get_by_label(NAME).fill("Ada")
    await page.get_by_label("PIN").first.fill("90210")
    await clerk.gateway.do("DELETE FROM session")
    if how == "press":
        await press(page, "Next")
    elif how == "reload":
        await page.reload()
    elif how == "link":
        await page.get_by_role("link", name="Customers", exact=True).click()
    else:
        beside = await page.context.new_page()
        await beside.goto(f"/wizard/{clerk.id}/customer")
        await sign_in(beside)
        await expect(beside.get_by_role("heading", level=1)).to_have_text("Customer")
        await press(page, "Next")
    if how != "signed in anew":
        await expect(page).to_have_title("Sign in – Patchbay")
        stored = await page.evaluate(STORED)
        assert ("Ada" in stored, "90210" in stored, (await clerk.draft()).document.customer.name) == (True, False, "")
        await sign_in(page)
    if how == "link":
        await page.wait_for_url("**/customers")
        await page.goto(f"/wizard/{clerk.id}/customer")
    await expect(page.get_by_label(NAME)).to_have_value("Ada")
    await expect(page.locator("#left-pin")).to_be_visible()
    await expect(page.locator('[name="version"]')).to_have_value("2")
    assert (await clerk.draft()).document.customer.name == "Ada"
    assert await page.evaluate(STORED) == ""


async def test_what_somebody_typed_is_for_nobody_else(clerk: Clerk, see: Open) -> None:
    await add_operator(clerk.gateway, BEN)
    page = await see()
    await page.get_by_label(NAME).fill("Ada")
    await clerk.gateway.do("DELETE FROM session")
    await press(page, "Next")
    await sign_in(page, BEN)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Customer")
    await expect(page.get_by_label(NAME)).to_have_value("")
    assert await page.evaluate(STORED) == ""
    assert (await clerk.draft()).document.customer.name == ""


@pytest.mark.parametrize("taken", [True, False])
async def test_a_stale_page_that_was_left_by_a_link_is_told_and_its_text_can_be_taken_or_dropped(
    clerk: Clerk, see: Open, axe: Check, taken: bool
) -> None:
    page = await see()
    await clerk.press("update", name="Grace", phone="0121 496 0000")
    await page.get_by_label(NAME).fill("Ada")
    for _ in range(2):
        await page.get_by_role("link", name="Customers", exact=True).click()
        await page.wait_for_url("**/customers")
        await page.go_back()
        await expect(page.get_by_text("what you typed here before you left was not kept")).to_be_visible()
        await expect(page.get_by_label(NAME)).to_have_value("Ada")
        assert (await clerk.draft()).document.customer.name == "Grace"
    await axe(page)
    if taken:
        await page.get_by_label(PHONE).fill("0121 496 0001")
        await press(page, "Next")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Service")
    else:
        await press(page, "Drop What I Typed")
        await expect(page.get_by_label(NAME)).to_have_value("Grace")
        await expect(page.locator("#left-stale")).to_be_hidden()
    assert await page.evaluate(STORED) == ""
    customer = (await clerk.draft()).document.customer
    assert (customer.name, customer.phone) == (("Ada", "0121 496 0001") if taken else ("Grace", "0121 496 0000"))


async def test_what_was_typed_on_another_page_of_a_draft_that_was_changed_is_told(clerk: Clerk, see: Open) -> None:
    page = await see()
    await clerk.press("update", name="Grace")
    await page.get_by_label(NAME).fill("Ada")
    await page.goto(f"/wizard/{clerk.id}/service")
    await page.get_by_role("link", name="See what you typed there").click()
    await expect(page.get_by_text("what you typed here before you left was not kept")).to_be_visible()
    await expect(page.get_by_label(NAME)).to_have_value("Ada")


@pytest.mark.parametrize("js", [True, False])
async def test_what_is_sent_as_a_page_too_late_is_sent_on_by_who_signs_in(
    clerk: Clerk, see: Open, axe: Check, js: bool
) -> None:
    """As without JavaScript, and by a page that found no gateway."""
    page = await see(js=js)
    await page.get_by_label(NAME).fill("Ada")
    await page.get_by_label("PIN").first.fill("90210")
    await clerk.gateway.do("DELETE FROM session")
    if js:
        await page.evaluate("() => HTMLFormElement.prototype.submit.call(document.querySelector('#page'))")
    else:
        await press(page, "Next")
    await expect(page.get_by_text("What you typed there waits for you")).to_be_visible()
    if js:
        await axe(page)
    await sign_in(page, password="wrong-wrong-wrong")
    await expect(page.get_by_role("alert").first).to_contain_text("do not let anybody in")
    await page.get_by_label("Password").fill(PASSWORD)
    await press(page, "Sign in")
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in")
    await expect(page.get_by_text("A PIN or a file is not among it")).to_be_visible()
    if js:
        await axe(page)
    await press(page, "Keep What I Typed")
    await expect(page.get_by_label(NAME)).to_have_value("Ada")
    customer = (await clerk.draft()).document.customer
    assert (customer.name, customer.sealed_pin) == ("Ada", None)


async def test_only_what_our_own_page_sent_is_carried_and_only_for_who_typed_it(clerk: Clerk) -> None:
    await add_operator(clerk.gateway, BEN)
    fields: dict[str, Any] = {**clerk.form.fields, "name": "Ada", "go": "next"}
    await clerk.gateway.do("DELETE FROM session")
    client = clerk.visitor.client
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
        answer = await client.post(f"/wizard/{clerk.id}/customer", data=fields, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2F&ended=sent")
    assert "What you sent last was not kept" in (await clerk.visitor.get("/sign-in?next=%2F&ended=sent")).text
    page = await client.post(f"/wizard/{clerk.id}/customer", data=fields, headers=OURS)
    assert (page.status_code, "What you typed there waits" in page.text) == (403, True)
    typed = PageForm(page.text.replace('action="/sign-in"', 'id="page"')).fields
    given = {name: values[0] for name, values in typed.items()} | {"password": PASSWORD}
    assert "Ada" in given["sent"]
    by_ben = await clerk.visitor.post("/sign-in", given | {"email": BEN}, on="/sign-in")
    assert by_ben.status_code == 303
    await clerk.gateway.do("DELETE FROM session")
    for garbage in (
        {"sent": "[[1]]"},
        {"sent": "x" * 1000},
        {"to": "//evil.example"},
        {"to": f"/wizard/{clerk.id}/discard"},
    ):
        fields = {"csrf": await clerk.visitor.token("/sign-in"), "email": ANNA}
        answer = await client.post("/sign-in", data=given | fields | garbage)
        assert answer.status_code == 303
        await clerk.gateway.do("DELETE FROM session")


async def test_a_text_that_is_too_long_to_be_kept_is_there_whole_again(clerk: Clerk, see: Open) -> None:
    page = await see()
    await page.get_by_label(NAME).fill("Ada")
    await page.get_by_label("PIN").first.fill("90210")
    await page.get_by_label("Town or city").fill(CITY)
    await page.get_by_role("link", name="Customers", exact=True).click()
    await page.wait_for_url("**/customers")
    customer = (await clerk.draft()).document.customer
    assert (customer.name, len(customer.city), customer.sealed_pin is None) == ("Ada", 2_000, False)
    await page.go_back()
    await expect(page.locator("#left-cut")).to_be_visible()
    await expect(page.get_by_label("Town or city")).to_have_value(CITY)
    await page.get_by_label("Town or city").fill("Leeds")
    await page.get_by_role("button", name="Next", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Service")
    assert (await clerk.draft()).document.customer.city == "Leeds"
