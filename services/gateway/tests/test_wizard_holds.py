"""A hold that is over or lost is told while a tab is open, by one question for all that are; whoever may not see the
draft is told nothing."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from gateway_service import draft_numbers, holds_watching
from gateway_service.drafts import Desk
from gateway_service.holds_watching import HoldsWatch, Missing
from gateway_service.pages import wizard_holds
from patchbay_contracts.held_numbers import MissedQuery

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .operators import BEN
from .test_in_a_browser import Browse

LIMIT = 20
HOUR = timedelta(hours=1)
FIRST, SECOND = 441217377007, 441217377777


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds_watching, "EVERY", 0.05)


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    """At a draft with two numbers."""
    clerk = await Clerk.at_a_draft(gateway, behind)
    await clerk.fill()
    return clerk


def asked(behind: Behind) -> list[MissedQuery]:
    """What the numbers service was asked about what is held."""
    calls = [call for call in behind.numbers.asked if call.path == "/holds/missed"]
    return [MissedQuery.model_validate_json(call.body) for call in calls]


async def opened(clerk: Clerk, browse: Browse, site_url: str, tab: str) -> Page:
    """That tab of the draft, in the clerk's browser."""
    page = await browse()
    token = clerk.visitor.client.cookies["patchbay"]
    await page.context.add_cookies([{"name": "patchbay", "value": token, "url": site_url}])
    await page.goto(f"/wizard/{clerk.id}/{tab}")
    return page


async def told(holds: AsyncGenerator[Missing | None]) -> Missing:
    async with asyncio.timeout(LIMIT):
        found = await anext(holds)
    assert found is not None
    return found


async def test_for_all_drafts_that_are_watched_one_question_is_asked(clerk: Clerk, behind: Behind) -> None:
    other = Clerk(clerk.gateway, clerk.owners)
    other.visitor = clerk.visitor
    await other.begin()
    await other.go("service")
    await other.press(go="next", service_type="voice-line")
    await other.press("search")
    await other.press("add_ticked", ticked=[str(SECOND)])
    desk: Desk = clerk.gateway.app.state.desk
    holds = HoldsWatch(desk.running.database, desk.upstream)
    streams = [holds.follow(UUID(one.id)) for one in (clerk, clerk, other)]
    waiting = [asyncio.ensure_future(told(stream)) for stream in streams]
    clerk.owners.taken.add(f"+{SECOND}")
    assert await asyncio.gather(*waiting) == [{SECOND: True}] * 3
    question = asked(behind)[-1]
    assert {str(of.owner.id): of.numbers for of in question.holds} == {clerk.id: (FIRST, SECOND), other.id: (SECOND,)}
    await clerk.go("numbers")
    await clerk.press(f"remove:{SECOND}")
    assert await told(streams[0]) == {}, "the draft was read anew"
    await holds.close()
    assert [one async for one in streams[0]] == []


async def test_an_outage_of_numbers_ends_no_stream(
    clerk: Clerk, behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds_watching, "LATER", 0.05)
    holds: HoldsWatch = clerk.gateway.app.state.holds
    await behind.numbers.go()
    stream = holds.follow(UUID(clerk.id))
    waiting = asyncio.ensure_future(told(stream))
    await asyncio.sleep(0)
    clerk.owners.over.add(f"+{FIRST}")
    await behind.numbers.come()
    assert await waiting == {FIRST: False}
    await stream.aclose()


async def test_nobody_is_told_of_a_foreign_draft_or_after_having_signed_out(clerk: Clerk, site_url: str) -> None:
    rival = Clerk(clerk.gateway, clerk.owners)
    await rival.sign_in(BEN, resellers=("borealis",))
    assert (await rival.visitor.get(f"/wizard/{clerk.id}/holds")).status_code == 404
    cookies = dict(clerk.visitor.client.cookies)
    async with (
        asyncio.timeout(LIMIT),
        httpx.AsyncClient(base_url=site_url, cookies=cookies) as client,
        client.stream("GET", f"/wizard/{clerk.id}/holds") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        await clerk.gateway.do("DELETE FROM session")
        clerk.owners.taken.add(f"+{FIRST}")
        assert [line async for line in answer.aiter_lines()] == ["event: ended", "data:", ""]
    assert (await clerk.visitor.get(f"/wizard/{clerk.id}/holds")).text == "event: ended\ndata:\n\n"


@pytest.mark.parametrize(
    "what",
    [
        "UPDATE draft SET state = 'abandoned'",
        "DELETE FROM session",
        "UPDATE operator SET resellers = '{borealis}'",
        "UPDATE operator SET roles = '{inventory}'",
    ],
)
async def test_a_stream_ends_with_the_draft_the_session_and_the_right_to_see_it(
    clerk: Clerk, site_url: str, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(holds_watching, "HEARTBEAT", 0.05)
    cookies = dict(clerk.visitor.client.cookies)
    async with (
        asyncio.timeout(LIMIT),
        httpx.AsyncClient(base_url=site_url, cookies=cookies) as client,
        client.stream("GET", f"/wizard/{clerk.id}/holds") as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == ": nothing new"
        await clerk.gateway.do(what)
        assert [line async for line in lines if line not in ("", ": nothing new")] == ["event: ended", "data:"]


async def test_a_hold_that_was_renewed_since_it_was_asked_about_is_not_said_to_be_over(
    clerk: Clerk, site_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds_watching, "EVERY", 60)
    clerk.owners.over.add(f"+{FIRST}")
    holds: HoldsWatch = clerk.gateway.app.state.holds
    stream = holds.follow(UUID(clerk.id))
    assert await told(stream) == {FIRST: False}
    clerk.owners.over.clear()
    cookies = dict(clerk.visitor.client.cookies)
    async with (
        asyncio.timeout(LIMIT),
        httpx.AsyncClient(base_url=site_url, cookies=cookies) as client,
        client.stream("GET", f"/wizard/{clerk.id}/holds") as answer,
    ):
        part = ""
        async for line in answer.aiter_lines():
            if not line:
                break
            part += line
    assert "All chosen numbers are held for you." in part
    assert "is over" not in part
    await stream.aclose()


async def test_holds_are_put_off_while_a_tab_is_open_and_the_page_says_until_when(
    clerk: Clerk, browse: Browse, site_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds_watching, "HEARTBEAT", 0.05)
    monkeypatch.setattr(wizard_holds, "PUT_OFF_EVERY", 0.05)
    before = await clerk.draft()
    page = await opened(clerk, browse, site_url, "numbers")
    held = page.locator(f"#held-{FIRST}")
    shown = await held.inner_text()
    await page.get_by_label("Prefix").fill("0121")
    clerk.owners.put_off = 2 * HOUR
    monkeypatch.setattr(draft_numbers, "EXTEND_BELOW", timedelta(hours=1))
    await expect(held).not_to_have_text(shown)
    await expect(page.get_by_label("Prefix")).to_have_value("0121")
    await expect(page.get_by_role("alert")).to_have_count(0)
    after = await clerk.draft()
    assert after.document.services[0].numbers[0].held_until - before.document.services[0].numbers[0].held_until > HOUR
    assert after.version == before.version


async def test_what_a_rival_took_is_told_on_the_open_tab_and_the_next_best_is_taken_from_there(
    clerk: Clerk, browse: Browse, site_url: str
) -> None:
    page = await opened(clerk, browse, site_url, "numbers")
    await page.get_by_label("Prefix").fill("0121")
    clerk.owners.next_best = "+441217370000"
    clerk.owners.taken.add(f"+{FIRST}")
    alert = page.get_by_role("alert").filter(has_text="Lost to somebody else")
    await expect(alert).to_contain_text(f"+{FIRST} was held for you")
    await expect(alert).to_contain_text("The next best is 0121 737 0000.")
    row = page.get_by_role("row").filter(has=page.locator(f'input[value="{FIRST}"]'))
    await expect(row).to_contain_text("taken by somebody else")
    await expect(page.get_by_label("Prefix")).to_have_value("0121")
    await alert.get_by_role("button", name=f"Take the next best instead of +{FIRST}").click()
    await expect(page.get_by_text("Taken instead: +441217370000")).to_be_visible()
    assert set((await clerk.draft()).document.numbers) == {SECOND, 441217370000}
    await page.goto(f"/wizard/{clerk.id}/billing")
    clerk.owners.taken.add(f"+{SECOND}")
    await alert.get_by_role("button", name="Take the next best on the Numbers tab").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Numbers")


async def test_a_hold_that_is_over_is_told_and_begun_again_by_a_button(
    clerk: Clerk, browse: Browse, site_url: str
) -> None:
    page = await opened(clerk, browse, site_url, "customer")
    await page.get_by_label("Name (required)").fill("Grace")
    clerk.owners.over.add(f"+{FIRST}")
    clerk.owners.held.clear()
    await expect(page.get_by_text(f"The time for which +{FIRST} was held for you is over.")).to_be_visible()
    await page.get_by_role("button", name="Hold Again").click()
    await expect(page.get_by_text("The time for which")).to_have_count(0)
    document = (await clerk.draft()).document
    assert document.customer.name == "Grace"
    assert f"+{FIRST}" in clerk.owners.held[clerk.id]
