"""The wizard while one of the services behind it is away: each tab is a page that says what is missing, what is typed
is kept or still stands in its field, every other tab goes on, and the same press does it once the service is back."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway_service.pages.absent import without

from .behind import Behind, Service
from .clerk import Clerk
from .conftest import Gateway
from .owners import CUSTOMER
from .wizard_orders import end, placed

AWAY = ("customer", "numbers", "search", "billing", "provisioning", "notifier")
TABS = ("customer", "service", "numbers", "settings", "billing", "creation", "notifications")
GREETING = "services-0-settings-greeting"
OWN = "services-0-settings_by_number-+441217377007-greeting"
TYPED: dict[str, dict[str, str]] = {
    "customer": {"name": "Grace", "phone": "0121 496 0001", "contacts-0-name": "Bob"},
    "service": {"service_type": "voice-line"},
    "numbers": {"prefix": "0121737", "segments": "77 12"},
    "settings": {GREETING: "Hello", OWN: "Hi"},
    "billing": {"price_list-s1": "summer-gbp"},
    "creation": {"report": "full"},
    "notifications": {"mails-0-subject": "Welcome", "mails-0-text": "As it was typed."},
}
"""What is typed on each tab, and stands in its fields again."""
PRESSES = {
    "customer": (("customer", "update"), ("customer", "find"), ("creation", "update")),
    "numbers": (("numbers", "remove:441217377777"), ("numbers", "add_ticked"), ("numbers", "remove_ticked"),
                ("creation", "create")),
    "search": (("numbers", "search"), ("numbers", "add:441217377777")),
    "billing": (("billing", "change"), ("numbers", "search"), ("service", "choose"), ("creation", "update")),
    "provisioning": (("settings", "update"), ("settings", "copy:441217377007"), ("settings", "import"),
                     ("settings", "another"), ("service", "choose"), ("creation", "update"), ("creation", "create")),
    "notifier": (("creation", "create"),),
}  # fmt: skip
"""By who is away: a tab, and what is pressed there."""
LEADS_ON = ("another", "create", "copy:441217377007")
"""After these, something else stands there."""


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    """On the Creation tab with all filled in."""
    clerk = await Clerk.at_a_draft(gateway, behind)
    await clerk.fill()
    return clerk


def services(clerk: Clerk, away: str) -> list[Service]:
    behind = clerk.owners.behind
    return behind.replicas if away == "search" else [getattr(behind, away)]


async def go_away(clerk: Clerk, away: str, *, forgotten: bool) -> None:
    """`forgotten`: and the gateway was started anew, so it has not seen anything before."""
    for service in services(clerk, away):
        await service.go()
    if forgotten:
        clerk.forget()


async def come_back(clerk: Clerk, away: str) -> None:
    for service in services(clerk, away):
        await service.come()


def is_a_tab(clerk: Clerk, answer: httpx.Response, tab: str) -> None:
    """A page of the wizard with all that leads on."""
    assert answer.status_code in {200, 409, 422, 503}, (tab, answer.status_code, answer.text[:2000])
    assert 'id="page"' in answer.text, tab
    assert {("go", one) for one in (*TABS, "back")} <= set(clerk.form.buttons), tab


def shown(clerk: Clerk, typed: Mapping[str, str]) -> dict[str, Any]:
    return {name: clerk.form.fields.get(name, [""])[-1] for name in typed}


@pytest.mark.parametrize("away", AWAY)
async def test_each_tab_is_shown_and_what_it_goes_without_is_said(clerk: Clerk, away: str) -> None:
    await clerk.go("numbers")
    await clerk.press("search", prefix="0121")
    await go_away(clerk, away, forgotten=True)
    said = set()
    for tab in TABS:
        answer = await clerk.go(tab)
        is_a_tab(clerk, answer, tab)
        assert answer.status_code == 200
        if without(away) in clerk.form.seen or f"The {away} service could not be asked" in clerk.form.seen:
            said.add(tab)
    least = {
        "customer": {"customer", "creation"},
        "numbers": {"numbers", "creation"},
        "search": {"numbers"},
        "billing": {"service", "numbers", "billing", "creation"},
        "provisioning": {"service", "settings", "creation"},
        "notifier": {"notifications", "creation"},
    }
    assert said >= least[away]


@pytest.mark.parametrize("away", AWAY)
async def test_what_is_typed_is_kept_and_one_goes_on(clerk: Clerk, away: str) -> None:
    for tab in TABS[:5]:
        await clerk.go(tab)
    await go_away(clerk, away, forgotten=False)
    for tab, go in zip(TABS[:5], ("next", "back", "billing", "next", "customer"), strict=True):
        await clerk.go(tab)
        answer = await clerk.send(go=go, **TYPED[tab])
        assert answer.status_code == 303, (tab, answer.text[:2000])
    await come_back(clerk, away)
    for tab in TABS[:5]:
        await clerk.go(tab)
        assert shown(clerk, TYPED[tab]) == TYPED[tab], tab


@pytest.mark.parametrize("away", AWAY)
async def test_whatever_is_pressed_loses_nothing_and_works_once_the_service_is_back(clerk: Clerk, away: str) -> None:
    await clerk.go("numbers")
    await clerk.press("search", prefix="0121737", segments="77 12")
    for tab, act in PRESSES[away]:
        await clerk.go(tab)
        typed = TYPED[tab] if tab != "service" else {"service_type": "voice-line"}
        more = {"ticked": "441217377777", "chosen": "441217377777", "copy-441217377007": "441217377777"}
        await go_away(clerk, away, forgotten=True)
        answer = await clerk.press(act, **typed, **more)
        is_a_tab(clerk, answer, tab)
        if answer.status_code == 503:
            assert without(away) in clerk.form.seen
            assert "Nothing that you typed is lost" in clerk.form.seen
        assert shown(clerk, typed) == typed, act
        if answer.status_code == 503 and tab == "numbers":
            assert "441217377777" in clerk.form.fields[{"remove_ticked": "chosen"}.get(act, "ticked")]
        await come_back(clerk, away)
        again = await clerk.press(act, **more)
        is_a_tab(clerk, again, tab)
        assert again.status_code != 503, act
        if act not in LEADS_ON:
            await clerk.go(tab, "?report=full" if tab == "creation" else "")
            assert shown(clerk, typed) == typed, act


@pytest.mark.parametrize("away", ["customer", "provisioning", "notifier"])
async def test_creation_waits_for_the_service_and_creates_and_sends_once(
    clerk: Clerk, gateway: Gateway, away: str
) -> None:
    await go_away(clerk, away, forgotten=False)
    await clerk.press("create")
    assert f"The {away} service could not be asked" in clerk.form.seen
    assert placed(gateway) == 0
    await come_back(clerk, away)
    await clerk.press("create", agree="yes")
    await clerk.press("create")
    assert (placed(gateway), (await clerk.draft()).state) == (1, "created")
    await end(gateway, await clerk.draft())
    await clerk.go("notifications")
    await go_away(clerk, away, forgotten=True)
    typed = TYPED["notifications"] | {"mails-0-wanted": "yes"}
    for act in ("update", "preview:0", "finish"):
        answer = await clerk.press(act, **typed, after="wizard")
        if (await clerk.draft()).state == "finished":
            break
        is_a_tab(clerk, answer, "notifications")
        assert shown(clerk, typed) == typed, act
    await come_back(clerk, away)
    if (await clerk.draft()).state != "finished":
        answer = await clerk.send("finish", after="wizard")
        assert (answer.status_code, answer.headers["location"]) == (303, "/wizard")
    sent = [said for said in gateway.kafka.said if said.type == "notifier.SendMails.v1"]
    assert [b"As it was typed." in one.body for one in sent] == [True]


async def test_an_existing_customer_stays_chosen(clerk: Clerk) -> None:
    await clerk.go("customer")
    await clerk.press("update", kind="existing")
    await clerk.press("find", find="Ada")
    await clerk.press("update", id=CUSTOMER["id"])
    await go_away(clerk, "customer", forgotten=True)
    await clerk.go("customer")
    await clerk.press("find", find="Nobody")
    await clerk.press(go="next")
    assert str((await clerk.draft()).document.customer.id) == CUSTOMER["id"]


async def test_a_customer_that_is_there_is_called_by_name_among_drafts(clerk: Clerk) -> None:
    await clerk.go("customer")
    await clerk.press("update", kind="existing", id=CUSTOMER["id"])
    assert "Ada Lovelace" in (await clerk.visitor.get("/wizard")).text
    await go_away(clerk, "customer", forgotten=True)
    assert "a customer that is there" in (await clerk.visitor.get("/wizard")).text


async def test_who_has_a_number_is_not_nobody_while_it_cannot_be_asked(clerk: Clerk) -> None:
    await clerk.go("customer")
    await clerk.press("update", kind="existing")
    await go_away(clerk, "provisioning", forgotten=True)
    await clerk.press("find", find="0121 737 7007")
    assert without("provisioning") in clerk.form.seen
    assert "No customer of this reseller" not in clerk.form.seen
    await come_back(clerk, "provisioning")
    await clerk.press("find", find="0121 737 7007")
    assert "1 customer" in clerk.form.seen


async def test_who_was_chosen_stays_so_while_another_is_looked_for(clerk: Clerk) -> None:
    await clerk.go("customer")
    await clerk.press("update", kind="existing", id=str(other := "0198c0de-0000-7000-8000-000000000009"))
    await clerk.press("find", find="Ada")
    await clerk.press(go="next")
    assert str((await clerk.draft()).document.customer.id) == other


async def test_a_draft_is_begun_and_resumed_without_the_customer_service(clerk: Clerk) -> None:
    await go_away(clerk, "customer", forgotten=True)
    assert "Ada" in (await clerk.visitor.get("/wizard")).text
    await clerk.begin()
    assert (await clerk.press(go="next", name="Joan")).status_code == 200
    assert (await clerk.draft()).document.customer.name == "Joan"
