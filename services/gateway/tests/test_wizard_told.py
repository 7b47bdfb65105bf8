"""What the wizard says: by names, each fault once, where it can be put right, and what of the last report is gone."""

from urllib.parse import unquote

from .behind import FOUND, ROW, Behind, says
from .clerk import Clerk
from .owners import CUSTOMER, PRODUCT
from .page_forms import Page

NUMBERS = [ROW | {"grade": "gold", "e164": f"+4412173770{n}", "national": f"0121 737 70{n}"} for n in range(10, 22)]


async def test_findings_that_are_gone_since_the_report_was_last_seen_are_named(clerk: Clerk, behind: Behind) -> None:
    await clerk.fill()
    clerk.owners.find("customer", "no_name", message="There is no name.")
    await clerk.go("creation", "?report=full")
    assert "of the last report" not in clerk.form.seen
    clerk.owners.finds.clear()
    await behind.billing.go()
    await clerk.go("creation")
    assert "of the last report" not in clerk.form.seen, "what cannot be checked may be there still"
    await behind.billing.come()
    await clerk.go("creation")
    assert "1 finding of the last report is gone: Customer: There is no name." in clerk.form.seen
    await clerk.go("creation", "?report=full")
    await clerk.go("creation")
    assert "of the last report" not in clerk.form.seen, "it was seen"


async def test_service_types_go_by_their_names(clerk: Clerk) -> None:
    await clerk.fill()
    for tab, said in (
        ("numbers", "Find numbers for Voice line"),
        ("settings", "Voice line · 2 numbers"),
        ("service", "Voice line · 2 numbers"),
        ("creation", "Service 1 Voice line"),
    ):
        await clerk.go(tab)
        assert said in clerk.form.seen, tab


async def test_product_details_say_so_where_any_number_and_any_customer_will_do(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("service")
    for said in ("0 to 10 numbers.", "Of every grade.", "With any prefix.", "As many for a customer as are wanted."):
        assert said in clerk.form.seen


async def test_product_details_tell_what_a_service_asks_of_numbers_and_customers(clerk: Clerk) -> None:
    clerk.owners.product = PRODUCT | {
        "numbers": {"least": 1, "most": 4, "grades": ["gold"], "prefixes": ["44121", "44161"], "countries": ["44"]},
        "customers": {"needs": ["voice-line"], "excludes": ["fax"], "most_per_order": 2, "most_per_customer": 3},
    }
    await clerk.fill()
    await clerk.go("service")
    for said in (
        "1 to 4 numbers. Only of these grades: gold. Only such as begin with: +44121, +44161.",
        "Only with these calling codes: +44.",
        "Only for those who have, or get with the same order: Voice line.",
        "Not for those who have any of: fax.",
        "At most 2 in an order. At most 3 for a customer.",
    ):
        assert said in clerk.form.seen


async def test_that_no_service_is_chosen_for_an_existing_customer_is_one_finding(clerk: Clerk) -> None:
    await clerk.press("update", kind="existing")
    await clerk.press("find", find="Ada")
    await clerk.press("update", id=CUSTOMER["id"])
    answer = await clerk.go("creation", "?report=full")
    assert answer.text.count("draft.nothing_to_create") == 1
    assert "draft.nothing_chosen" not in answer.text


async def test_a_tab_opens_with_the_service_of_which_something_is_wrong_and_marks_it(clerk: Clerk) -> None:
    await clerk.fill()
    await clerk.go("service", "?service=new")
    await clerk.press("choose", service_type="voice-line")
    clerk.owners.find("provisioning", "bad", tab="settings", pointer="/lines/1/settings/greeting", message="Too loud.")
    clerk.forget()
    await clerk.go("settings")
    assert clerk.form.fields["service"] == ["s2"]
    assert "Voice line · 2 numbers Voice line · 0 numbers has errors" in clerk.form.seen
    await clerk.go("settings", "?service=s1")
    assert clerk.form.fields["service"] == ["s1"]
    assert "0 numbers has errors" in clerk.form.seen


async def test_an_error_of_a_number_on_another_page_of_settings_is_led_to_there(clerk: Clerk, behind: Behind) -> None:
    for replica in behind.replicas:
        replica.answers = says(FOUND | {"numbers": NUMBERS, "total": 12})
    at = "/lines/0/settings_by_number/+441217377021/greeting"
    clerk.owners.find("provisioning", "bad", tab="settings", pointer=at, message="Too loud.")
    await clerk.fill()
    await clerk.go("settings")
    await clerk.press("update", **{"services-0-settings-greeting": "Hello"})
    shown = Page((await clerk.go("settings", "?service=s1")).text)
    field = "services-0-settings_by_number-+441217377021-greeting"
    way = f"settings:s1:10:{field}"
    assert ("go", way, "") in shown.forms[-1].buttons
    assert "01217377021, Greeting: Too loud. Otherwise." in [said for _, said in shown.summary]
    leads_to = unquote((await clerk.send(go=way)).headers["location"])
    assert leads_to == f"/wizard/{clerk.id}/settings?service=s1&first=10#{field}"
    there = Page((await clerk.visitor.get(leads_to)).text)
    assert (field, "01217377021, Greeting: Too loud. Otherwise.") in there.summary
    assert "Too loud" in there.beside[field]
