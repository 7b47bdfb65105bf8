"""Searches on the Numbers tab: a stale tab overwrites no filters, and whoever adds a number stays on the page of it."""

from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from .behind import FOUND, ROW, Behind, says
from .clerk import Clerk
from .conftest import Gateway
from .test_in_a_browser import Browse

NUMBERS = [ROW | {"grade": "gold", "e164": f"+44121737700{n}", "national": f"0121 737 700{n}"} for n in range(3)]
MORE = "page-2"


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    clerk = await Clerk.at_a_draft(gateway, behind)
    await clerk.go("service")
    await clerk.press(go="next", service_type="voice-line")
    return clerk


async def test_filters_of_a_stale_tab_overwrite_those_of_the_newer_one_only_once_it_was_told(clerk: Clerk) -> None:
    await clerk.press("search", prefix="0161")
    stale = clerk.beside()
    await stale.go("numbers")
    await clerk.press("search", prefix="0121")
    answer = await stale.press("search", prefix="0113")
    assert answer.status_code == 412
    assert "was changed meanwhile" in stale.form.seen
    assert stale.form.fields["prefix"] == ["0113"]
    search = (await clerk.draft()).document.services[0].search
    assert search is not None
    assert search.prefix == "0121"
    assert (await stale.press("search")).status_code == 200, "with what it shows now, it may go on"
    await clerk.go("numbers")
    assert clerk.form.fields["prefix"] == ["0113"]


async def test_a_tab_on_which_no_filter_was_changed_is_not_stale(clerk: Clerk) -> None:
    await clerk.press("search", prefix="0161")
    other = clerk.beside()
    await other.go("customer")
    await other.press("update", phone="0121 496 0000")
    assert (await clerk.press(go="next")).status_code == 200
    assert clerk.tab == "settings"


async def test_a_button_that_needs_a_tick_says_so_at_the_boxes(clerk: Clerk) -> None:
    await clerk.press("search", prefix="0121")
    await clerk.press("add_ticked", ticked=clerk.form.fields["listed"][0].split(","))
    for act, field, said in (
        ("search", "pools", "Tick where the numbers are to come from"),
        ("add_ticked", "ticked", "Tick the numbers to add, or press Add beside one"),
        ("remove_ticked", "chosen", "Tick the numbers to remove, or press Remove beside one"),
    ):
        unticked: dict[str, Any] = {field: None, "segments": "77"}
        answer = await clerk.press(act, **unticked)
        assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
        assert f' id="{field}"' in answer.text
        assert said in answer.text.partition(f'id="{field}-error"')[2]
        assert ("public" in clerk.form.fields["pools"], clerk.form.fields["segments"]) == (act != "search", ["77"])
        await clerk.go("numbers")


async def test_how_digits_are_to_be_written_is_said_where_there_is_no_hint(clerk: Clerk) -> None:
    await clerk.press("search", prefix="+44 (0)121-737", ends_with="12x")
    assert "write digits alone" not in clerk.form.seen
    assert "This is not written as it should be: write 1 to 8 digits" in clerk.form.seen


def in_pages(behind: Behind) -> None:
    """What is found has a second page."""
    for replica in behind.replicas:
        replica.answers = says(FOUND | {"numbers": NUMBERS, "total": 9, "next": MORE})


async def test_whoever_adds_a_number_of_the_second_page_stays_there(clerk: Clerk, behind: Behind) -> None:
    in_pages(behind)
    await clerk.press("search", prefix="0121")
    await clerk.go("numbers", f"?service=s1&after={MORE}")
    for act in ("add:441217377001", "remove:441217377001"):
        await clerk.press(act)
        assert clerk.form.fields["after"] == [MORE]
    await clerk.press("add_ticked", ticked=["441217377000", "441217377002"])
    assert clerk.form.fields["after"] == [MORE]
    assert (await clerk.draft()).document.numbers == (441217377000, 441217377002)
    clerk.owners.taken.add("+441217377000")
    clerk.owners.next_best = "+441217370000"
    await clerk.press("instead:441217377000")
    assert "Taken instead: +441217370000" in clerk.form.seen
    assert clerk.form.fields["after"] == [MORE]
    await clerk.press("add:441217377001", prefix="0113")
    assert clerk.form.fields["after"] == [""], "another search begins with its first page"


async def test_with_javascript_as_well(clerk: Clerk, behind: Behind, browse: Browse, site_url: str) -> None:
    in_pages(behind)
    await clerk.press("search", prefix="0121")
    page = await browse()
    token = clerk.visitor.client.cookies["patchbay"]
    await page.context.add_cookies([{"name": "patchbay", "value": token, "url": site_url}])
    await page.goto(f"/wizard/{clerk.id}/numbers")
    await page.get_by_role("checkbox", name="Tick 0121 737 7002").check()
    await page.get_by_role("button", name="More numbers").click()
    await page.wait_for_url(f"**after={MORE}#found")
    await expect(page.get_by_role("checkbox", name="Tick 0121 737 7002")).to_be_checked()
    await page.get_by_role("button", name="Add 0121 737 7001").click()
    await expect(page.get_by_role("button", name="Remove +441217377001")).to_be_visible()
    assert page.url.endswith(f"/numbers?service=s1&after={MORE}")
    await expect(page.get_by_role("button", name="Add 0121 737 7002")).to_be_focused()


async def test_a_number_that_a_rival_took_first_is_told_with_grade_and_prices_of_the_next_best(clerk: Clerk) -> None:
    clerk.owners.next_best, clerk.owners.next_grade = "+441217370000", "silver"
    await clerk.fill()
    clerk.owners.taken.add("+441217377117")
    await clerk.go("numbers")
    await clerk.press("add_ticked", ticked="441217377117")
    assert "+441217377117 was taken by somebody else." in clerk.form.seen
    row = "+441217377117 0121 737 0000 Birmingham silver (the lost one: gold) ABBA £75.00£5.00 Add +441217370000"
    assert row in clerk.form.seen
    await clerk.press("add:441217370000")
    assert 441217370000 in (await clerk.draft()).document.numbers
