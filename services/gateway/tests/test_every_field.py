"""Every field of every form of every page is tried with what nobody should type. The forms and their fields are found
on the pages themselves, so that none is left out: not one that is new either."""

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from gateway_service.pages import passwords
from gateway_service.pages.wizard_ways import TABS
from gateway_service.settings import settings

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .keeping import Kept
from .operators import Visitor
from .places import PLACES
from .trying import Trier
from .walking import Walk, routes_of_forms
from .whole_site import WholeSite, clerk_of

pytestmark = pytest.mark.timeout(300)
FILES = ("/customers.csv", "/services.csv", "/orders.csv", "/inventory.csv", "/price-lists/standard-gbp/versions/2.csv")
"""Besides those that the pages of a form lead to."""


@pytest.fixture(autouse=True)
def _patience(environment: pytest.MonkeyPatch) -> None:
    """Nobody is told that he tried too often, and passwords cost nothing."""
    for name in ("PATCHBAY_ATTEMPTS_BY_ADDRESS", "PATCHBAY_ATTEMPTS_BY_ACCOUNT"):
        environment.setenv(name, "100000 per minute")
    environment.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    settings.cache_clear()


@pytest.fixture
def site(behind: Behind) -> WholeSite:
    return WholeSite(behind)


@pytest_asyncio.fixture
async def clerk(site: WholeSite, gateway: Gateway) -> Clerk:
    return await clerk_of(site, gateway)


async def test_all_forms_that_can_be_reached_are_tried(site: WholeSite, gateway: Gateway, clerk: Clerk) -> None:
    tried, met = Walk(gateway), Walk(gateway)
    begin = ["/"]
    await tried.at(Visitor(gateway), ["/sign-in"])
    for place in PLACES.values():
        pages = await place(gateway, clerk)
        await tried.at(clerk.visitor, pages)
        begin += [*pages, *(f"/wizard/{clerk.id}/{tab}" for tab in TABS if clerk.id)]
    await met.through(clerk.visitor, begin)
    left_out = [form for key, form in met.forms.items() if key not in tried.forms]
    assert [form.name for form in left_out] == []
    assert routes_of_forms(gateway) - {form.route for form in tried.forms.values()} == set()
    assert met.faults == []


@pytest.mark.parametrize("place", ["sign in", *PLACES])
async def test_each_field_with_each_bad_value(site: WholeSite, gateway: Gateway, clerk: Clerk, place: str) -> None:
    walk = Walk(gateway)
    if place == "sign in":
        await walk.at(Visitor(gateway), ["/sign-in"])
    else:
        await walk.at(clerk.visitor, await PLACES[place](gateway, clerk))
    site.keep()
    kept = Kept(gateway)
    await kept.keep()
    trier = Trier(gateway, site, kept, [*FILES, *walk.files])
    for form in walk.forms.values():
        await trier.form(form)
    assert not [*walk.faults, *trier.faults], "\n".join([*walk.faults, *trier.faults])
