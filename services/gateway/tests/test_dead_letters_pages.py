"""Dead letters and how the machine is, on the pages of administrators of all resellers."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from gateway_service import machine
from gateway_service.pages.people import ALL
from patchbay_chassis.lag import Look

from .behind import Behind, says
from .conftest import Gateway
from .dying import letter, put_away
from .operators import ANNA, Visitor, add_operator
from .test_in_a_browser import Browse, Check, sign_in
from .test_machine import LOOK
from .test_operations import signed_in

LETTERS = "/operations/dead-letters"


@pytest.fixture(autouse=True)
def _kafka(behind: Behind, monkeypatch: pytest.MonkeyPatch) -> None:
    async def look(*_: Any) -> Look:
        return LOOK

    monkeypatch.setattr(machine, "look", look)
    behind.provisioning.answers = says({"orders": [], "next": None})


async def anna(gateway: Gateway) -> Visitor:
    return await signed_in(gateway, ALL)


async def test_letters_are_found_by_service_reason_day_and_whether_they_were_replayed(gateway: Gateway) -> None:
    first, second = letter(), letter("billing", 1, "bad_body")
    await put_away(gateway, first, second)
    visitor = await anna(gateway)
    everything = (await visitor.get(LETTERS)).text
    assert str(first.id) in everything
    assert str(second.id) in everything
    for query, found in (
        ("service=billing", second), ("reason=handler_failed", first), ("replayed=no&service=numbers", first),
    ):  # fmt: skip
        page = (await visitor.get(f"{LETTERS}?{query}")).text
        (other,) = {first, second} - {found}
        assert (str(found.id) in page, str(other.id) in page) == (True, False)
    assert str(first.id) not in (await visitor.get(f"{LETTERS}?to=2029-01-01")).text
    for bad in ("service=payroll", "from=x", "after=x", "replayed=perhaps"):
        assert (await visitor.get(f"{LETTERS}?{bad}")).status_code == 422
    assert (await visitor.get(f"{LETTERS}/{uuid4()}")).status_code == 404


async def test_a_replay_needs_a_reason_is_done_once_and_again_only_if_ticked(gateway: Gateway) -> None:
    one = letter()
    await put_away(gateway, one)
    visitor, path = await anna(gateway), f"{LETTERS}/{one.id}"
    assert (await visitor.post(path, {"reason": " "})).status_code == 422
    form = {"reason": "billing is back", "id": str(uuid4())}
    for _ in range(2):  # the same form, sent twice
        done = await visitor.post(path, form)
        assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=yes")
    assert len(gateway.kafka.records) == 1
    other = letter(offset=1)
    await put_away(gateway, other)
    assert (await visitor.post(f"{LETTERS}/{other.id}", form)).status_code == 422
    assert len(gateway.kafka.records) == 1
    shown = (await visitor.get(path)).text
    assert f"operator:{ANNA}" in shown
    again = await visitor.post(path, form | {"id": str(uuid4())})
    assert (again.status_code, 'href="#force"' in again.text, len(gateway.kafka.records)) == (422, True, 1)
    assert (await visitor.post(path, form | {"id": str(uuid4()), "force": "yes"})).status_code == 303
    assert len(gateway.kafka.records) == 2


async def test_what_cannot_be_replayed_has_no_form(gateway: Gateway) -> None:
    one = letter(value=b"\xff" * 500_001)
    await put_away(gateway, one)
    visitor = await anna(gateway)
    page = (await visitor.get(f"{LETTERS}/{one.id}")).text
    assert "cannot be replayed" in page
    assert 'name="reason"' not in page
    refused = await visitor.post(f"{LETTERS}/{one.id}", {"reason": "because"}, on="/account")
    assert (refused.status_code, gateway.kafka.records) == (422, [])


async def test_the_operations_page_shows_all_that_can_be_asked(
    behind: Behind, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_away(gateway, letter())
    visitor = await anna(gateway)
    page = (await visitor.get("/operations")).text
    for said in (
        "handler_failed",
        "orders.events.v1",
        "2.0 s",
        "10.1.0.7",
        behind.replicas[0].url,
        "No order is stuck.",
    ):
        assert said in page

    async def gone(*_: Any) -> Look:
        raise ConnectionError

    monkeypatch.setattr(machine, "look", gone)
    monkeypatch.setattr(machine, "FRESH_FOR", 0.0)
    await behind.provisioning.go()
    rest = await visitor.get("/operations")
    assert rest.status_code == 200
    for said in ("handler_failed", "Provisioning does not answer", "Kafka cannot be asked"):
        assert said in rest.text


@pytest.mark.parametrize(
    ("resellers", "roles"), [(("acme", "borealis"), ("administrator",)), ((ALL,), ("operator", "billing"))]
)
async def test_nobody_else_sees_or_replays_letters(
    gateway: Gateway, resellers: tuple[str, ...], roles: tuple[str, ...]
) -> None:
    one = letter()
    await put_away(gateway, one)
    visitor = await signed_in(gateway, *resellers, roles=roles)
    for path in (LETTERS, f"{LETTERS}/{one.id}"):
        assert (await visitor.get(path)).status_code == 403
    assert (await visitor.post(f"{LETTERS}/{one.id}", {"reason": "because"}, on="/account")).status_code == 403
    assert gateway.kafka.records == []


@pytest.mark.parametrize("js", [True, False])
async def test_a_letter_is_replayed_with_and_without_javascript(
    gateway: Gateway, browse: Browse, axe: Check, fits: Callable[[Page], Awaitable[None]], js: bool
) -> None:
    await put_away(gateway, letter(value=b'{"wants": "' + b"x" * 5_000 + b'"}'))
    await add_operator(gateway, resellers=(ALL,))
    page = await browse(js=js, narrow=js)

    async def readable() -> None:
        if js:  # axe is a script
            await axe(page)
            await fits(page)

    await sign_in(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    await page.goto("/operations")
    await readable()
    await page.get_by_role("link", name="All dead letters").click()
    await page.get_by_label("Reason").fill("handler_failed")
    await page.get_by_role("button", name="Search").click()
    await readable()
    await page.get_by_role("row").nth(1).get_by_role("link").click()
    await page.get_by_role("button", name="Replay").click()
    await expect(page.get_by_role("alert")).to_contain_text("Enter why")
    await page.get_by_label("Why").fill("billing is back")
    await page.get_by_role("button", name="Replay").click()
    await expect(page.get_by_role("status")).to_have_text("It is replayed.")
    await expect(page.get_by_role("cell", name=f"operator:{ANNA}")).to_be_visible()
    await readable()
    assert len(gateway.kafka.records) == 1
