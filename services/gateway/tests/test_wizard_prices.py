"""Prices are shown from the beginning: a service has a price list before one is chosen on the Billing tab."""

from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from aiohttp import web

from gateway_service.quoting import quote_of
from patchbay_contracts.price_lists import Versions
from patchbay_contracts.prices import Price, Prices
from patchbay_contracts.quotes import Quote

from .behind import Behind, price, refuses
from .clerk import Clerk
from .conftest import Gateway


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    clerk = await Clerk.at_a_draft(gateway, behind)
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


async def test_the_first_number_is_shown_with_its_service_and_what_joins_it_alone(clerk: Clerk) -> None:
    kept = clerk.owners.prices

    def sold(asked: dict[str, Any]) -> Prices:
        (of,) = kept(asked).services
        gold = Price.model_validate(price("75.0000", "2.5000"))
        return kept(asked).model_copy(update={"services": (of.model_copy(update={"grades": {"gold": gold}}),)})

    clerk.owners.prices = sold  # type: ignore[method-assign]
    await clerk.press("update", service_type="voice-line")
    await clerk.go("numbers")
    await clerk.press("search")
    assert "£85.00£7.50" in clerk.form.seen
    assert "those of a service with the number" in clerk.form.seen
    await clerk.press("add:441217377777")
    assert "£75.00£2.50" in clerk.form.seen
    assert "those of the number alone" in clerk.form.seen
    await clerk.go("settings")
    await clerk.press("update", grouping="each")
    await clerk.go("numbers")
    assert "£85.00£7.50" in clerk.form.seen, "each number has a service of its own"


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


def quotes(clerk: Clerk) -> int:
    return sum(call.path == "/quotes" for call in clerk.owners.behind.billing.asked)


async def test_prices_are_locked_by_being_shown_and_only_once(clerk: Clerk) -> None:
    await clerk.press("update", service_type="voice-line")
    await clerk.go("numbers")
    assert quotes(clerk) == 0, "nobody has been shown the Billing tab"
    beside = clerk.beside()
    await beside.go("service")
    for _ in range(2):
        await clerk.go("billing")
        assert "These prices are locked for this order until" in clerk.form.seen
        assert "Press Change Price List" not in clerk.form.seen
    assert quotes(clerk) == 1
    answer = await beside.press("another")
    assert answer.status_code == 200, "to look at prices makes nobody's other tab stale"
    assert (await clerk.draft()).document.quote is not None


async def test_next_quotes_what_was_chosen_without_a_press_of_change(clerk: Clerk) -> None:
    await clerk.press("update", service_type="voice-line")
    await clerk.go("billing")
    await clerk.press(go="next", **{"price_list-s1": "summer-gbp"})
    assert (clerk.tab, await charged(clerk), quotes(clerk)) == ("creation", ["summer-gbp"], 2)
    draft = await clerk.draft()
    assert quote_of(draft.document) is not None
    await clerk.go("billing")
    assert "Beside the price list before, Standard" in clerk.form.seen, "also later, and in another browser"


async def test_prices_that_changed_when_the_lock_ended_are_a_warning(clerk: Clerk) -> None:
    quote = clerk.owners.quotes

    def ending(asked: dict[str, Any]) -> Quote:
        return quote(asked).model_copy(update={"locked_until": datetime.now(UTC)})

    def dearer(asked: dict[str, Any]) -> Quote:
        return quote(asked).model_copy(update={"totals": (Price.model_validate(price("9.5000", "4.0000")),)})

    clerk.owners.quotes = ending  # type: ignore[method-assign]
    await clerk.press("update", service_type="voice-line")
    await clerk.go("billing")
    await clerk.go("creation")
    assert "they were 9.00 GBP once and 4.00 GBP a month, and are 10.00 GBP once and 5.00 GBP" in clerk.form.seen
    clerk.owners.quotes = dearer  # type: ignore[method-assign]
    await clerk.go("billing")
    for _ in range(2):
        assert "They have changed since they were locked before" in clerk.form.seen
        assert "£9.00 once and £4.00 a month" in clerk.form.seen
        await clerk.go("billing")
    await clerk.go("creation")
    assert "are 9.50 GBP once and 4.00 GBP a month now" in clerk.form.seen
    (waive,) = [text for name, text in clerk.form.buttons if text.startswith("waive:")]
    await clerk.press(waive, **{f"reason-{waive.removeprefix('waive:')}": "They know."})
    waived = [(one.code, one.reason) for one in (await clerk.draft()).document.waivers]
    assert waived == [("draft.prices_changed", "They know.")]


async def test_what_has_no_price_stops_nobody_on_the_way_and_locks_nothing(clerk: Clerk) -> None:
    await clerk.press("update", service_type="voice-line")
    fault = {"pointer": "/lines/0/price_list", "message": "no price for it", "remedy": "choose another"}
    others, refused = clerk.owners.behind.billing.answers, refuses(fault)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (refused if request.path == "/quotes" else others)(request)

    clerk.owners.behind.billing.answers = answer
    await clerk.go("billing")
    assert "They are locked once every service has one" in clerk.form.seen
    await clerk.press(go="next")
    assert (clerk.tab, (await clerk.draft()).document.quote) == ("creation", None)
    await clerk.go("billing")
    assert (await clerk.send("change")).status_code == 422


async def test_a_list_that_replaced_a_version_of_itself_is_shown_beside_that_one(clerk: Clerk) -> None:
    await clerk.press("update", service_type="voice-line")
    await clerk.go("billing")
    assert "Beside the price list before" not in clerk.form.seen
    clerk.owners.versions = 2
    clerk.forget()
    await clerk.go("billing")
    assert "Beside the price list before, Standard until 31 December 2025" in clerk.form.seen


async def test_the_list_of_another_type_is_nothing_to_compare_with(clerk: Clerk) -> None:
    def sold(asked: dict[str, Any]) -> Versions:
        return lists(lines=None) if asked["service_type"] == "voice-line" else lists(groups=None)

    clerk.owners.price_lists_list = sold  # type: ignore[assignment, method-assign]
    await clerk.press("update", service_type="voice-line")
    await clerk.press("update", service_type="hunt-group")
    await clerk.go("billing")
    assert await charged(clerk) == ["groups"]
    assert "Beside the price list before" not in clerk.form.seen


async def test_while_prices_cannot_be_asked_a_service_is_chosen_without(clerk: Clerk) -> None:
    await clerk.owners.behind.billing.go()
    await clerk.press("update", service_type="voice-line")
    assert await charged(clerk) == [""]
    await clerk.owners.behind.billing.come()
