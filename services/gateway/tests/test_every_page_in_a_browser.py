"""Every page in a real browser, wide and at 320 px, in light and dark: axe-core finds nothing, nothing has to be
scrolled sideways, and a picture of each is left in `.artefacts/pages/`; the keyboard reaches each control, and shows
where it is. Pages are found by what has to be there before (places.py) and by their links, so that none is left out:
not one that is new either."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Page

from gateway_service.pages.wizard_ways import TABS
from patchbay_chassis.browsing import NARROW, WIDE
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderFailed

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .places import PLACES, notifications
from .registry import ADA, SERVICE
from .serving import NUMBERS, a_change
from .test_reading import place as order_placed
from .test_reading import told
from .walking import Walk, routes_of
from .whole_site import WholeSite, clerk_of

pytestmark = pytest.mark.timeout(300)
Browse = Callable[..., Awaitable[Page]]
Check = Callable[..., Awaitable[None]]
Picture = Callable[..., Awaitable[None]]
SIDE_BY_SIDE = 2
"""So many pages are looked at at once: looking is computing, and CI has two cores."""
UNLINKED = ("/nothing", "/problems", "/orders?from=x", "/services?from=x", "/customers?text=nobody")
"""What no link leads to: what is not there, what programs are told of, filters that make no sense, nothing found."""
NO_PAGES = {
    *(
        "/assets/{name}",
        "/wizard/{id_}",
        "/wizard/{id_}/events",
        "/wizard/{id_}/holds",
        "/orders/{id_}/events",
        "/services/{id_}/events",
        "/wizard/{id_}/mails/{at}",
        "/problems/{code}",
    ),
    *("/customers.csv", "/services.csv", "/orders.csv", "/inventory.csv", "/price-lists/{id_}/versions/{number}.csv"),
    *("/wizard/{id_}/settings.csv", "/mails/{order_id}/{purpose}/attachments/{name}"),
}
"""Files, mails as their readers see them, and addresses that lead to a page or are a part of one."""
NOT_OURS = ("/docs", "/openapi.json", "/asyncapi.json", "/tmf-api")
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that look at colours. What all others find is the same in the dark."""
_EXTENDS = re.compile(r'{% extends "(.+?)" %}')


class Opened(NamedTuple):
    """A page that is opened; and a form that is sent from there as it stands, where what follows is meant."""

    path: str
    form: str = ""


@pytest.fixture
def site(behind: Behind) -> WholeSite:
    return WholeSite(behind)


@pytest_asyncio.fixture
async def clerk(site: WholeSite, gateway: Gateway) -> Clerk:
    return await clerk_of(site, gateway)


@pytest.fixture
def look(axe: Check, fits: Check, by_keyboard: Check, picture: Picture) -> Callable[[Page, str], Awaitable[list[str]]]:
    """At what is open: what is wrong with it. Pictures of it are kept under that name."""

    async def at(page: Page, name: str) -> list[str]:
        faults = list[str]()
        for size, width in ((WIDE, ""), (NARROW, "-320")):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            for light in ("light", "dark"):
                await page.emulate_media(color_scheme=light, reduced_motion="reduce")
                try:
                    await axe(page, COLOURS if light == "dark" else ())
                    await fits(page)
                except AssertionError as error:
                    faults.append(f"{name}{width}, {light}: {error}")
                await picture(page, f"pages/{name}{'-dark' if light == 'dark' else ''}{width}.jpeg")
        try:
            await by_keyboard(page)
        except AssertionError as error:
            faults.append(f"{name}: {error}")
        return faults

    return at


async def test_every_page_can_be_read_by_all(
    site: WholeSite, gateway: Gateway, clerk: Clerk, browse: Browse, site_url: str,
    look: Callable[[Page, str], Awaitable[list[str]]],
) -> None:  # fmt: skip
    site.changes = [a_change(), a_change("add_numbers", "failed", before={}, after={"numbers": NUMBERS})]
    walk = Walk(gateway)
    opened = await pages_of(gateway, clerk, walk)
    drawn = drawn_from_now_on(gateway)
    named = dict(zip(opened, names(walk, opened), strict=True))
    page, faults = await browse(), list[str]()
    await page.goto("/sign-in")
    faults += await look(page, "sign-in")

    async def work(left: Iterator[Opened]) -> None:
        page = await browse()
        signed_in: Any = {"name": "patchbay", "value": clerk.visitor.client.cookies["patchbay"], "url": site_url}
        await page.context.add_cookies([signed_in])
        for one in left:
            await page.goto(one.path)
            if one.form:
                async with page.expect_navigation():
                    await page.locator(one.form).first.evaluate("(form) => form.requestSubmit()")
            elif not page.url.endswith(one.path):
                faults.append(f"{one.path} leads to {page.url}")
            await page.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true })")
            faults.extend(await look(page, named[one]))

    left = iter(opened)
    await asyncio.gather(*(work(left) for _ in range(SIDE_BY_SIDE)))
    assert not faults, "\n".join(faults)
    assert templates_of_pages(gateway) - drawn == set()
    routes = {str(one.path) for one in routes_of(gateway) if "GET" in (one.methods or ())}
    seen = {"/sign-in", *(walk.route("GET", one.path) for one in opened)}
    assert {route for route in routes - seen - NO_PAGES if not route.startswith(NOT_OURS)} == set()


async def pages_of(gateway: Gateway, clerk: Clerk, walk: Walk) -> Sequence[Opened]:
    """All that places have, and one of each kind that is reached from there; forms that are sent as they stand."""
    begin, wanted = ["/"], [*UNLINKED, *await ended(gateway), *await in_a_moment(gateway, clerk)]
    for place in PLACES.values():
        there = await place(gateway, clerk)
        wanted += there
        begin += [*there, *(f"/wizard/{clerk.id}/{tab}" for tab in TABS if clerk.id)]
    await walk.through(clerk.visitor, begin)
    known = {walk.kind(path) for path in wanted}
    for path in walk.pages:
        if walk.kind(path) not in known:
            known.add(walk.kind(path))
            wanted.append(path)
    sent = [one for one in walk.forms.values() if one.page.endswith("/new") or one.route.endswith("/rotate")]
    forms = [Opened(one.page, f'form[action="{one.form.action}"]') for one in sent]
    return [*(Opened(path) for path in dict.fromkeys(wanted)), *forms]


async def ended(gateway: Gateway) -> Sequence[str]:
    """Orders that ended well and badly, one under way, and a service that is there."""
    good, bad, waits = [await order_placed(gateway) for _ in range(3)]
    made = CreatedService(id=SERVICE, line=0, service_type="voice-line", numbers=(441214960000,))
    await told(gateway, OrderCompleted(order_id=good, reseller="acme", customer_id=ADA, services=(made,)))
    await told(gateway, OrderFailed(order_id=bad, reseller="acme", step="billing", reason="x", detail="y"))
    return [*(f"/orders/{id_}" for id_ in (good, bad, waits)), f"/services/{SERVICE}"]


async def in_a_moment(gateway: Gateway, clerk: Clerk) -> Sequence[str]:
    """Tabs of drafts as they are seldom seen: one that lost a number, one with a mail as it will look."""
    await clerk.begin()
    await clerk.fill()
    clerk.owners.held[clerk.id].pop()
    past = (
        """regexp_replace(document::text, '"held_until":"[^"]*"', '"held_until":"2026-01-01T00:00:00Z"', 'g')::json"""
    )
    await gateway.do(f"UPDATE draft SET document = {past} WHERE id = $1::uuid", clerk.id)
    lost = [f"/wizard/{clerk.id}/{tab}" for tab in ("numbers", "billing")]
    await notifications(gateway, clerk)
    return *lost, f"/wizard/{clerk.id}/notifications?preview=0"


def names(walk: Walk, opened: Sequence[Opened]) -> Iterator[str]:
    """Of pictures: as the route is called, and counted."""
    many = dict[str, int]()
    for one in opened:
        route = walk.route("GET", one.path) or one.path
        name = re.sub(r"\W+", "-", route).strip("-").removesuffix("_") or "home"
        name += "-sent" if one.form else ""
        many[name] = many.get(name, 0) + 1
        yield name if many[name] == 1 else f"{name}-{many[name]}"


def drawn_from_now_on(gateway: Gateway) -> set[str]:
    """The names of the templates that pages are drawn with, while they are drawn."""
    templates, drawn = gateway.app.state.site.templates, set[str]()
    known = templates.get_template

    def noted(name: Any, *args: Any, **more: Any) -> Any:
        drawn.add(str(name))
        return known(name, *args, **more)

    templates.get_template = noted
    return drawn


def templates_of_pages(gateway: Gateway) -> set[str]:
    """Those that others are not made from, and that are made from another: whole pages."""
    templates = gateway.app.state.site.templates
    sources = {name: templates.loader.get_source(templates, name)[0] for name in templates.list_templates()}
    bases = {name: found[1] for name, source in sources.items() if (found := _EXTENDS.match(source))}
    return set(bases) - set(bases.values())
