"""What is said of a draft leads to a field that is there."""

from urllib.parse import unquote

import pytest
import pytest_asyncio
from aiohttp import web

from patchbay_contracts.price_lists import Versions

from .behind import FOUND, ROW, Behind, refuses, says
from .clerk import Clerk
from .conftest import Gateway
from .owners import PRODUCT, Owners
from .page_forms import Page

NUMBERS = [f"+4412173700{n}" for n in range(10, 22)]
SETTINGS = [
    {"name": "opening_hours", "kind": "time_plan", "title": "Opening hours"},
    {"name": "destination", "kind": "destination", "title": "Destination"},
]
LINE = "/lines/0"
BY_NUMBER = f"{LINE}/settings_by_number/{NUMBERS[11]}"
FINDINGS = [
    ("customer", "customer", "/customer/email"),
    ("customer", "customer", "/customer"),
    ("customer", "customer", "/customer/address_lines"),
    ("customer", "customer", "/customer/contacts/0/email"),
    ("customer", "customer", "/reseller"),
    ("provisioning", "service", f"{LINE}/service_type"),
    ("numbers", "numbers", f"{LINE}/numbers"),
    ("numbers", "numbers", f"{LINE}/numbers/11"),
    ("numbers", "numbers", "/lines"),
    ("provisioning", "settings", "/lines"),
    ("provisioning", "settings", f"{LINE}/settings"),
    ("provisioning", "settings", f"{LINE}/settings/unknown"),
    ("provisioning", "settings", f"{LINE}/settings/opening_hours"),
    ("provisioning", "settings", f"{LINE}/settings/opening_hours/weekdays/tuesday/0/from"),
    ("provisioning", "settings", f"{LINE}/settings/opening_hours/exceptions/0"),
    ("provisioning", "settings", f"{BY_NUMBER}/destination"),
    ("provisioning", "settings", f"{BY_NUMBER}/opening_hours/exceptions/0"),
    ("provisioning", "settings", f"{LINE}/settings_by_number/+441/destination"),
    ("billing", "billing", f"{LINE}/price_list"),
    ("billing", "billing", "/quote"),
    ("notifier", "notifications", "/mails/0/recipient"),
    ("provisioning", "settings", ""),
]


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    clerk = Clerk(gateway, Owners(behind))
    clerk.owners.product = PRODUCT | {"settings": SETTINGS}
    rows = [ROW | {"grade": "gold", "e164": number} for number in NUMBERS]
    for replica in behind.replicas:
        replica.answers = says(FOUND | {"numbers": rows, "total": len(rows)})
    await clerk.sign_in()
    await clerk.begin()
    return clerk


async def followed(clerk: Clerk) -> list[str]:
    """Where the full report leads to: each time to a page that has what it names."""
    page = Page((await clerk.go("creation", "?report=full")).text)
    hidden = f"/wizard/{clerk.id}"  # it is shown once what was typed on another page was not kept
    links = [one for one in page.links if one.startswith("/wizard/") and one != hidden]
    assert not links, "a link would lose what was typed"
    ways = [value for name, value, _ in page.forms[-1].buttons if name == "go" and ":" in value]
    report = [(await clerk.send(go=way)).headers["location"] for way in ways]
    for link in report:
        path, _, id_ = link.partition("#")
        answer = await clerk.visitor.get(path)
        assert answer.status_code == 200, link
        assert not id_ or unquote(id_) in Page(answer.text).ids, link
    return [unquote(one.removeprefix(f"/wizard/{clerk.id}/")) for one in report]


async def test_every_link_of_a_full_report_leads_to_a_field_that_is_there(clerk: Clerk) -> None:
    await clerk.fill()
    for at, (owner, tab, pointer) in enumerate(FINDINGS):
        clerk.owners.find(owner, f"wrong_{at}", tab=tab, pointer=pointer)
    clerk.owners.terms_hash = "b" * 64
    links = await followed(clerk)
    assert len([one for one in links if "#" in one]) >= len(FINDINGS) - 1
    of_number = f"services-0-settings_by_number-{NUMBERS[11]}"
    assert {
        "settings?service=s1#services-0-settings-opening_hours-weekdays-tuesday",
        "settings?service=s1#services-0-settings-opening_hours-exceptions",
        f"settings?service=s1&first=10#{of_number}-destination",
        "service#services",
        "service?service=s1#services",
        "creation#agreement",
        "notifications",
    } <= set(links)


@pytest.mark.parametrize("owner", ["provisioning", "customer", "billing"])
async def test_links_lead_somewhere_while_an_owner_is_away(clerk: Clerk, owner: str) -> None:
    await clerk.fill()
    clerk.owners.find("provisioning", "wrong", tab="settings", pointer=f"{LINE}/settings/destination")
    await getattr(clerk.owners.behind, owner).go()
    assert await followed(clerk)


async def test_a_draft_that_is_hardly_begun_is_led_to_what_it_lacks(clerk: Clerk) -> None:
    clerk.owners.find("provisioning", "wrong", tab="settings", pointer="/lines")
    await clerk.press("update", kind="existing")
    links = await followed(clerk)
    assert {"customer#find", "service#services"} <= set(links)


async def test_a_refused_quote_is_said_at_the_service_that_it_is_about(clerk: Clerk) -> None:
    """The first service has no price list, so the first line that is quoted is the second service's."""
    clerk.owners.price_lists_list = lambda _asked: Versions(versions=())  # type: ignore[assignment, method-assign]
    for query in ("", "?service=new"):
        await clerk.go("service", query)
        await clerk.press(go="billing", service_type="voice-line")
    fault = {"pointer": "/lines/0/price_list", "message": "there is no price", "remedy": "choose another"}
    others, refused = clerk.owners.behind.billing.answers, refuses(fault)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (refused if request.path == "/quotes" else others)(request)

    clerk.owners.behind.billing.answers = answer
    shown = Page((await clerk.press("change", **{"price_list-s2": "summer-gbp"})).text)
    assert shown.summary == [
        (
            "services-1-price_list",
            "Service 2, Voice line, Price List For this Service: There is no price: choose another",
        )
    ]
    assert "services-1-price_list" in shown.ids
