"""Prices are shown from the beginning: a service has a price list before one is chosen on the Billing tab."""

from typing import Any

import pytest_asyncio

from patchbay_contracts.price_lists import Versions

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .owners import Owners


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    clerk = Clerk(gateway, Owners(behind))
    await clerk.sign_in()
    await clerk.begin()
    await clerk.go("service")
    return clerk


def lists(**owners: str | None) -> Versions:
    head = {"version": 1, "currency": "GBP", "state": "published", "stands": "in_force"}
    return Versions.model_validate(
        {"versions": [head | {"price_list": id_, "name": id_, "reseller": of} for id_, of in owners.items()]}
    )


async def charged(clerk: Clerk) -> list[str]:
    return [service.price_list for service in (await clerk.draft()).document.services]


async def test_a_service_that_is_chosen_is_priced_at_once(clerk: Clerk) -> None:
    await clerk.press("update", service_type="voice-line")
    assert await charged(clerk) == ["standard-gbp"]
    assert "£10.00" in clerk.form.seen
    await clerk.go("numbers")
    await clerk.press("search")
    await clerk.press("add_ticked", ticked=clerk.form.fields["listed"][0].split(","))
    assert "Choose a price list" not in clerk.form.seen
    await clerk.go("billing")
    assert clerk.form.fields["price_list-s1"] == ["standard-gbp"]


async def test_the_resellers_own_list_comes_before_those_of_the_house(clerk: Clerk) -> None:
    clerk.owners.price_lists_list = lambda _asked: lists(house=None, own="acme")  # type: ignore[assignment, method-assign]
    await clerk.press("update", service_type="voice-line")
    assert await charged(clerk) == ["own"]


async def test_the_list_that_was_chosen_stays_as_long_as_it_has_the_type(clerk: Clerk) -> None:
    await clerk.press("update", service_type="voice-line")
    await clerk.go("billing")
    await clerk.press("change", **{"price_list-s1": "summer-gbp"})
    await clerk.go("service")
    await clerk.press("update", service_type="voice-line")
    await clerk.press("another")
    await clerk.press("update", service_type="voice-line")
    assert await charged(clerk) == ["summer-gbp", "summer-gbp"]


async def test_a_type_that_the_list_does_not_have_is_charged_by_another_one(clerk: Clerk) -> None:
    def sold(asked: dict[str, Any]) -> Versions:
        return lists(lines=None) if asked["service_type"] == "voice-line" else lists(groups=None)

    clerk.owners.price_lists_list = sold  # type: ignore[assignment, method-assign]
    await clerk.press("update", service_type="voice-line")
    assert await charged(clerk) == ["lines"]
    await clerk.press("update", service_type="hunt-group")
    assert await charged(clerk) == ["groups"]


async def test_while_prices_cannot_be_asked_a_service_is_chosen_without(clerk: Clerk) -> None:
    await clerk.owners.behind.billing.go()
    await clerk.press("update", service_type="voice-line")
    assert await charged(clerk) == [""]
    await clerk.owners.behind.billing.come()
