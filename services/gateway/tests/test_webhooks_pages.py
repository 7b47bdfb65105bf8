"""Administrators look after their resellers' webhooks on pages: with the API's functions, and without a program."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import expect

from gateway_service.settings import settings

from .behind import Behind, says
from .conftest import Gateway
from .operators import BEN, Visitor, add_operator
from .receiving import receiving, webhook
from .test_api_keys_pages import ACME_ALONE
from .test_in_a_browser import Browse, Check, go, sign_in

PUBLIC = "https://93.184.215.14/patchbay"
NEW: dict[str, Any] = {"reseller": "acme", "url": PUBLIC, "types": ["order.failed"], "description": "order desk"}


@pytest.fixture
async def anna(behind: Behind, gateway: Gateway) -> Visitor:
    """An administrator who works for acme."""
    behind.customer.answers = says(ACME_ALONE)
    await add_operator(gateway, resellers=("acme",))
    visitor = Visitor(gateway)
    await visitor.sign_in()
    return visitor


@pytest.fixture
def in_house(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATCHBAY_WEBHOOK_HTTP", "true")
    environment.setenv("PATCHBAY_WEBHOOK_NETWORKS", "127.0.0.0/8, ::1/128")
    settings.cache_clear()


def secret_in(text: str) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", text.replace("&#43;", "+"))
    assert found is not None
    return found[0]


async def deliver(gateway: Gateway, id_: str, state: str) -> UUID:
    """A delivery as the machinery leaves it behind."""
    event, now = uuid4(), datetime.now(UTC)
    async with gateway.database.transaction() as db:
        await db.execute(
            """INSERT INTO webhook_delivery (webhook_id, event_id, at, type, turn, position, state, attempts, status,
               took_ms, error, first_at, last_at) VALUES ($1, $2, $3, 'order.failed', 1, 1, $4, 1, 500, 9,
               'it answered 500', $3, $3)""",
            UUID(id_), event, now, state,
        )  # fmt: skip
    return event


async def test_a_webhook_is_added_its_secret_shown_once_and_changed(anna: Visitor, gateway: Gateway) -> None:
    form = NEW | {"id": str(uuid4())}
    made = await anna.post("/webhooks/new", form)
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    secret = secret_in(made.text)
    (shown,) = (await gateway.client.get("/v1/webhooks")).json()["webhooks"]
    assert (shown["id"], shown["types"], shown["description"]) == (form["id"], ["order.failed"], "order desk")
    page = f"/webhooks/{form['id']}"
    again = await anna.post("/webhooks/new", form)
    assert (again.status_code, again.headers["location"]) == (303, f"{page}?done=made")
    assert secret not in (await anna.get(page)).text + (await anna.get("/webhooks")).text
    changed = await anna.post(page, NEW | {"types": [], "description": "all"})
    assert (changed.status_code, changed.headers["location"]) == (303, f"{page}?done=changed")
    rotated = secret_in((await anna.post(f"{page}/rotate", {"hours": "1"}, on=page)).text)
    assert rotated != secret
    assert (await anna.post(f"{page}/rotate", {"hours": "999"}, on=page)).status_code == 422
    assert (await anna.post(f"{page}/delete", {}, on=page)).status_code == 422
    assert (await anna.post(f"{page}/delete", {"confirm": "yes"}, on=page)).status_code == 303
    assert (await gateway.client.get("/v1/webhooks")).json() == {"webhooks": []}


async def test_a_target_is_tried_out(in_house: None, anna: Visitor, gateway: Gateway) -> None:
    async with receiving() as receiver:
        made = await webhook(gateway, receiver.url)
        page = f"/webhooks/{made['id']}"
        assert "It took the test event" in (await anna.post(f"{page}/test", {}, on=page)).text
        assert receiver.got[0].verified(made["secret"])["type"] == "webhook.test"
    assert "It did not take the test event" in (await anna.post(f"{page}/test", {}, on=page)).text


async def test_deliveries_are_listed_and_sent_again_unless_it_is_disabled(anna: Visitor, gateway: Gateway) -> None:
    made = await webhook(gateway, PUBLIC)
    page, event = f"/webhooks/{made['id']}", await deliver(gateway, made["id"], "failed")
    assert "it answered 500" in (await anna.get(page)).text
    sent = await anna.post(f"{page}/redeliver", {"event": str(event)}, on=page)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}?done=redelivered")
    (row,) = await gateway.rows("SELECT state, attempts FROM webhook_delivery")
    assert tuple(row.values()) == ("waiting", 0)
    assert (await anna.post(f"{page}/redeliver", {"event": str(uuid4())}, on=page)).status_code == 422
    assert (await anna.post(f"{page}/state", {"to": "disabled"}, on=page)).status_code == 303
    assert "Deliver again" not in (await anna.get(page)).text
    assert (await anna.post(f"{page}/redeliver", {"event": str(event)}, on=page)).status_code == 422
    await anna.post(f"{page}/state", {"to": "enabled"}, on=page)
    assert (await gateway.client.get(made["links"]["self"])).json()["state"] == "enabled"


async def test_one_that_was_disabled_is_told_on_the_home_page_until_it_is_enabled(
    anna: Visitor, gateway: Gateway
) -> None:
    made = await webhook(gateway, PUBLIC)
    page, why = f"/webhooks/{made['id']}", "nothing got through since 2026-11-26 10:00 UTC"
    async with gateway.database.transaction() as db:
        await db.execute("UPDATE webhook SET state = 'disabled', why = $1", why)
    for place in ("/", "/webhooks", page):
        assert why in (await anna.get(place)).text
    await add_operator(gateway, BEN, roles=("administrator",), resellers=("borealis",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    assert why not in (await ben.get("/")).text
    await anna.post(f"{page}/state", {"to": "enabled"}, on=page)
    assert why not in (await anna.get("/")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "http://127.0.0.1/"), ("url", "nowhere"), ("description", "x" * 201), ("reseller", "borealis")],
)
async def test_what_is_wrong_with_a_webhook_is_said_at_its_field(anna: Visitor, field: str, value: str) -> None:
    page = await anna.post("/webhooks/new", NEW | {field: value})
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert 'value="order.failed" checked' in page.text


async def test_webhooks_of_others_are_not_there_and_only_administrators_see_any(
    behind: Behind, anna: Visitor, gateway: Gateway
) -> None:
    made = await webhook(gateway, PUBLIC)
    async with gateway.database.transaction() as db:
        await db.execute("UPDATE webhook SET reseller = 'borealis'")
    assert PUBLIC not in (await anna.get("/webhooks?reseller=borealis")).text
    page = f"/webhooks/{made['id']}"
    assert (await anna.get(page)).status_code == 404
    for path, form in (("", NEW), ("/state", {"to": "disabled"}), ("/rotate", {"hours": "0"}), ("/test", {}),
                       ("/redeliver", {"event": str(uuid4())}), ("/delete", {"confirm": "yes"})):  # fmt: skip
        assert (await anna.post(page + path, form, on="/webhooks/new")).status_code == 404
    await add_operator(gateway, BEN, roles=("operator",))
    ben = Visitor(gateway)
    await ben.sign_in(BEN)
    assert (await ben.get("/webhooks")).status_code == 403


async def test_pages_of_webhooks_can_be_used_by_all(
    behind: Behind, gateway: Gateway, browse: Browse, axe: Check, fits: Check
) -> None:
    behind.customer.answers = says(ACME_ALONE)
    await add_operator(gateway)
    made = await webhook(gateway, PUBLIC)
    await deliver(gateway, made["id"], "failed")
    async with gateway.database.transaction() as db:
        await db.execute("UPDATE webhook SET state = 'disabled', why = 'it answered 410: gone'")
    page = await browse(dark=True, narrow=True)
    await sign_in(page)
    await expect(page.get_by_role("alert")).to_contain_text("it answered 410: gone")
    for path in ("/", "/webhooks", "/webhooks/new", f"/webhooks/{made['id']}"):
        await go(page, path)
        await axe(page)
        await fits(page)
    plain = await browse(js=False)
    await sign_in(plain)
    await plain.goto(f"/webhooks/{made['id']}")
    await plain.get_by_role("button", name="Enable").click()
    await expect(plain.get_by_role("status")).to_contain_text("The webhook is enabled.")
    await expect(plain.get_by_role("button", name="Deliver")).to_be_visible()
