"""Other ways through the wizard, in a real browser with all services behind it: for a customer who is there, for nobody
but a customer, with a service for each number and mails to all, and once more after the network refused."""

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.documents import REFUSED_PREFIX
from tests.suite import Suite
from tests.wizard_mails import one_mail
from tests.wizard_steps import (
    Browse,
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
THEIR_REFERENCE, THEIR_NAME = "AC-1002", "Harbour Garage Ltd"
"""Of a customer who is there, and has a pool of its own."""
KNOWN_ADDRESS = "office07@acme-customer.example"
"""Of another one."""
SUPPLIER, CONTACT, RESELLER = "wires@supplier.example", "grace@contact.example", "orders@acme.example"
ATTACHMENTS = ("A summary of the services (PDF)", "Their settings (CSV)", "The terms")
POOLS = ("the public pool", "the reseller's own pool", "the existing customer's pool")


@pytest.fixture
def site_url(suite: Suite) -> str:
    return suite.stack.url("gateway")


@pytest_asyncio.fixture
async def page(suite: Suite, browse: Browse) -> Page:
    """Of somebody at a new draft."""
    page = await browse()
    await sign_in(page, suite)
    await begin(page)
    return page


async def search(page: Page, method: str, pool: str, **filters: str) -> None:
    await page.get_by_label("How they are chosen").select_option(label=method)
    for box in await page.get_by_role("group", name="Where they come from").get_by_role("checkbox").all():
        await box.uncheck()
    await page.get_by_label(pool).check()
    for label, text in filters.items():
        await page.get_by_label(label.replace("_", " "), exact=True).fill(text)
    await press(page, "Search")


async def add(page: Page, many: int) -> None:
    """The first of those that were found, one by one."""
    for added in range(1, many + 1):
        await page.get_by_role("region", name="Free numbers").get_by_role("button").first.click()
        rows = page.get_by_role("region", name="Numbers of this service").get_by_role("row")
        await expect(rows).to_have_count(added + 1)


async def add_service(page: Page, name: str) -> None:
    """After the one before; nobody is told yet of what its numbers and settings lack."""
    await press(page, "Next")
    await press(page, "Add Another Service")
    await choose_service(page, name)
    await press(page, "Next")
    await on_tab(page, "Numbers")
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_customer_who_is_there_gets_three_services_with_numbers_chosen_in_every_way(page: Page) -> None:
    await page.get_by_label("Use an Existing Customer").check()
    await press(page, "Update")
    await page.get_by_label("Find a customer").fill(THEIR_REFERENCE)
    await press(page, "Find Customer")
    await page.get_by_role("radio", name=THEIR_NAME).check()
    await press(page, "Choose Customer")
    await expect(page.get_by_role("button", name=f"Customer Details of {THEIR_NAME}")).to_be_visible()
    await press(page, "Next")
    await choose_service(page, "Voice line")
    await press(page, "Next")
    await search(page, "next available", POOLS[0], How_many="2", Prefix="0121")
    await add(page, 1)
    await page.get_by_text("More about segments, runs and single grades").click()
    await search(page, "contain segments", POOLS[1], Prefix="0117", Contains="77")
    await page.get_by_role("region", name="Free numbers").get_by_role("button").first.click()
    await expect(page.get_by_role("region", name="Numbers of this service")).to_contain_text("0117")
    await add_service(page, "Hunt group")
    await search(page, "one run of numbers", POOLS[2], How_many="3")
    await page.get_by_label("Tick or clear all listed numbers").check()
    await press(page, "Add Ticked Numbers")
    await expect(page.get_by_role("region", name="Numbers of this service").get_by_role("row")).to_have_count(4)
    await add_service(page, "Fax to e-mail")
    await search(page, "at random", POOLS[0], How_many="3", Prefix="0121")
    await add(page, 1)
    await press(page, "Next")
    await expect(page.get_by_role("alert")).to_have_count(0)
    await press(page, "Next")
    await lock_prices(page)
    await press(page, "Next")
    await read_and_agree(page)
    await press(page, "Create Services")
    await page.locator(".finding.error").get_by_role("button", name="Settings").click()
    await page.get_by_label("E-mail address for faxes").fill("faxes@harbour.example")
    await press_tab(page, "Creation")
    await create(page)
    made = page.get_by_role("region", name="What was made")
    for what in ("Voice line +44121", "Hunt group +44113498", "Fax to e-mail +44121"):
        await expect(made.get_by_role("row", name=what)).to_be_visible()
    await press(page, "Next")
    await page.get_by_label("Then go to").select_option(label="The new service")
    await press(page, "Finish")
    await on_tab(page, "Service Details")
    await expect(page.get_by_role("link", name=f"Customer: {THEIR_NAME}")).to_be_visible()


async def test_only_a_customer_is_created(suite: Suite, page: Page) -> None:
    name, email = nobody_yet()
    await fill_customer(page, name, email)
    await press(page, "Next")
    await page.get_by_label("Only Create a Customer Account").check()
    await press(page, "Choose, and See Product Details")
    await press(page, "Next")
    await on_tab(page, "Billing")
    await press(page, "Back")
    await on_tab(page, "Service")
    await press_tab(page, "Settings")
    await expect(page.get_by_text("Only the customer is created, so there is nothing to set.")).to_be_visible()
    await press(page, "Next")
    await on_tab(page, "Billing")
    await press(page, "Next")
    await expect(page.get_by_text("Only notes were found.")).to_be_visible()
    await create(page)
    await press(page, "Next")
    await page.get_by_label(f"Send an e-mail to {name}").check()
    await page.get_by_label("Then go to").select_option(label="Its customer")
    await press(page, "Finish")
    await on_tab(page, name)
    (mail,) = await suite.mails(email)
    assert mail["subject"] == "Your account with Acme Telecom"


async def add_contacts(page: Page) -> None:
    await page.get_by_label("Kind").last.select_option("supplier")
    for at, (name, email) in enumerate((("Wires & Sons", SUPPLIER), ("Grace Hopper", CONTACT))):
        if at:
            await page.get_by_text("Add a contact or supplier").click()
        await page.locator(f"#contacts-{at}-name").fill(name)
        await page.locator(f"#contacts-{at}-email").fill(email)
        await press(page, "Update")


async def set_each(page: Page) -> None:
    """One for all, another one copied from number to number, and one from a file that came from the page."""
    numbers = [await one.get_attribute("value") for one in await page.locator('input[name="shown"]').all()]
    first, second, third = (page.locator(f"#number-{number}") for number in numbers)
    await page.get_by_label("One service for each number").check()
    await first.locator("summary").click()
    await first.get_by_label("Name shown to those you call").fill("=1+1")
    await first.get_by_label("Forwarding destination").fill("voicemail")
    await press(page, f"Update +{numbers[0]}")
    await first.get_by_label("Forwarding", exact=True).select_option(label="When busy")
    await press(page, f"Apply to all what +{numbers[0]} has")
    await second.locator("summary").click()
    await second.get_by_label("Name shown to those you call").fill("Desk two")
    await press(page, f"Update +{numbers[1]}")
    await third.locator("summary").click()
    await third.get_by_label("Copy from").select_option(numbers[1])
    await press(page, f"Copy to +{numbers[2]}")
    await expect(third.get_by_label("Name shown to those you call")).to_have_value("Desk two")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download them as CSV").click()
    text = (await (await coming.value).path()).read_text("utf-8-sig").replace("Desk two", "Desk of Zoë", 1)
    file = {"name": "settings.csv", "mimeType": "text/csv", "buffer": f"{text}+44999,x\n".encode()}
    await page.get_by_label("CSV of settings").set_input_files(file)  # type: ignore[arg-type]
    await press(page, "Import CSV")
    for said in ("3 rows were taken.", "Line 5, +44999"):
        await expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
    await expect(second.get_by_label("Name shown to those you call")).to_have_value("Desk of Zoë")


async def test_each_number_has_a_service_of_its_own_and_everybody_gets_mails_that_open(
    suite: Suite, page: Page
) -> None:
    name, _ = nobody_yet()
    await fill_customer(page, name, KNOWN_ADDRESS)
    await add_contacts(page)
    await press(page, "Next")
    await choose_service(page, "Voice line")
    await press(page, "Next")
    await add_numbers(page, "0121", 3)
    await press(page, "Next")
    await set_each(page)
    await press(page, "Next")
    await lock_prices(page)
    await press(page, "Next")
    await expect(page.get_by_text("Voice line: 3 services, one for each number")).to_be_visible()
    await read_and_agree(page)
    await press(page, "Waive this Warning")
    await expect(page.get_by_role("alert").first).to_contain_text("Say why it may be so")
    await page.get_by_label("Why it may be so").fill("It is their second account")
    await press(page, "Waive this Warning")
    await create(page)
    await expect(page.get_by_role("region", name="What was made").get_by_role("row")).to_have_count(4)
    await press(page, "Next")
    for log in ("What was made", "Warnings that were waived", "Terms that were agreed to"):
        await page.get_by_label(log, exact=True).check()
    for attached in (*ATTACHMENTS, "Send an e-mail to"):
        for box in await page.get_by_label(attached).all():
            await box.check()
    await press(page, f"Preview the mail to {KNOWN_ADDRESS}")
    await expect(page.get_by_text("It is their second account")).to_be_visible()
    await expect(page.get_by_role("region", name="Preview")).to_contain_text("Monthly: ")
    await press(page, "Finish")
    customer = await one_mail(suite, KNOWN_ADDRESS, "Your new services", name)
    assert f"Dear {name}," in customer["text/plain"]
    assert f"<p>Dear {name},</p>" in customer["text/html"]
    assert "Price list: Standard\n" in customer["services.pdf"]
    assert customer["services.pdf"].count("Monthly: ") == 4, "of each service, and altogether"
    for to in (RESELLER, SUPPLIER, CONTACT, suite.stack.operator[0]):
        mail = await one_mail(suite, to, f"{name}: new services", name)
        assert name in mail["text/plain"]
        assert f"Services of {name}" in mail["services.pdf"]
        knows = to in (RESELLER, suite.stack.operator[0])
        assert ("Monthly: " in mail["services.pdf"], "standard-gbp" in mail["settings.csv"]) == (knows, knows)
    assert "Order: " in (await one_mail(suite, RESELLER, name, name))["text/plain"]


async def test_what_the_network_refuses_is_undone_said_and_corrected(suite: Suite, page: Page) -> None:
    name, email = nobody_yet()
    await fill_customer(page, name, email)
    await press(page, "Next")
    await choose_service(page, "Voice line")
    await press(page, "Next")
    await add_numbers(page, REFUSED_PREFIX.replace("44", "0", 1), 1)
    await press_tab(page, "Billing")
    await lock_prices(page)
    await press(page, "Next")
    await read_and_agree(page)
    await press(page, "Create Services")
    told = page.get_by_role("alert").filter(has_text="Nothing was created")
    await expect(told).to_contain_text("Service 1, Voice line", timeout=60_000)
    await expect(told).to_contain_text("The network does not take +44151496")
    steps = page.get_by_role("region", name="Step by step")
    for step in ("Customer undone", "Numbers undone", "Billing undone", "Services refused, undone"):
        await expect(steps.get_by_role("row", name=step)).to_be_visible()
    await press(page, "Next")
    await page.get_by_label("What was made").check()
    await press(page, "Update")
    await expect(steps).to_be_visible()
    await expect(page.get_by_role("button", name="Correct It and Try Again")).to_have_count(0)
    await press(page, "Back")
    await press(page, "Correct It and Try Again")
    await press_tab(page, "Numbers")
    await page.locator('input[name="chosen"]').check()
    await press(page, "Remove Ticked Numbers")
    await add_numbers(page, "0121", 1)
    await press_tab(page, "Billing")
    await lock_prices(page)
    await press(page, "Next")
    await create(page)
    customers = await suite.rows("customer", "SELECT state FROM customer WHERE email = $1 ORDER BY state", email)
    assert [one["state"] for one in customers] == ["active", "withdrawn"]
