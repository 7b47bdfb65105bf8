"""What a service is charged for, and from when until when, as it is asked by those who look at it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.accounts import ServiceCharges
from patchbay_contracts.v1.billing import OpenBilling
from patchbay_contracts.v1.changes import PricedFrom

from .test_amending import FUTURE, HOUSE, amend, done, ordered
from .test_handlers import GOLD, OTHER, PLAIN, line, number, opening

pytestmark = pytest.mark.usefixtures("prices")


async def charges(billing: httpx.AsyncClient, of: OpenBilling, *numbers: int, **asked: Any) -> ServiceCharges:
    known = {"service_id": str(of.order_id), "order_id": str(of.order_id), "line": 0, "resellers": ["acme"]}
    answer = await billing.post("/charges/of-service", json=known | {"numbers": [f"+{n}" for n in numbers]} | asked)
    assert answer.status_code == 200, answer.text
    return ServiceCharges.model_validate_json(answer.content)


def months(found: ServiceCharges) -> list[str]:
    return [f"{one.amount:.2f} {one.currency}" for one in found.monthly]


async def test_what_a_service_was_ordered_with_goes_on_being_charged(
    billing: httpx.AsyncClient, deliver: Deliver
) -> None:
    order = await ordered(deliver, number(GOLD, "gold"), number(PLAIN))
    found = await charges(billing, order, GOLD, PLAIN)
    assert {(one.grade, one.numbers, f"{one.total.setup.amount:.2f}") for one in found.charges} == {
        (None, (), "5.00"), ("gold", (GOLD,), "75.00"), ("standard", (PLAIN,), "0.00")
    }  # fmt: skip
    assert all(one.since and one.until is None for one in found.charges)
    assert months(found) == ["14.60 GBP"]


async def test_of_several_services_of_a_line_each_has_its_own(billing: httpx.AsyncClient, deliver: Deliver) -> None:
    order = await ordered(deliver, number(PLAIN), number(OTHER), services=2)
    found = await charges(billing, order, OTHER)
    assert [one.numbers for one in found.charges if one.grade] == [(OTHER,)]
    assert months(found) == ["9.60 GBP"]


async def test_a_number_that_left_was_charged_until_then(
    billing: httpx.AsyncClient, deliver: Deliver, db: Connection
) -> None:
    order = await ordered(deliver, number(GOLD, "gold"), number(PLAIN))
    await db.execute("UPDATE charge SET starts_at = starts_at - interval '60 days'")
    await deliver(removed := amend(order, GOLD, PLAIN, removes=(GOLD,)))
    assert months(await charges(billing, order, GOLD, PLAIN)) == ["14.60 GBP"], "it has not left yet"
    await deliver(done(removed))
    found = await charges(billing, order, PLAIN)
    (gold,) = [one for one in found.charges if one.grade == "gold"]
    assert gold.since is not None
    assert gold.until is not None
    assert timedelta(days=59) < gold.until - gold.since < timedelta(days=61)
    assert (gold.numbers, months(found)) == ((GOLD,), ["9.60 GBP"])


async def test_another_price_list_from_a_day_on_is_seen_beforehand(
    billing: httpx.AsyncClient, deliver: Deliver, db: Connection
) -> None:
    order = await ordered(deliver, number(PLAIN))
    await db.execute("UPDATE price SET monthly = monthly * 2 WHERE price_list = 'future'")
    await deliver(command := amend(order, PLAIN, price_list=PricedFrom(price_list="future", from_date=FUTURE)))
    await deliver(done(command))
    found = await charges(billing, order, PLAIN)
    day = datetime(FUTURE.year, FUTURE.month, FUTURE.day, tzinfo=UTC)
    assert {one.until for one in found.charges if one.order_id == order.order_id} == {day}
    assert {(one.since, one.until) for one in found.charges if one.order_id == command.order_id} == {(day, None)}
    assert months(found) == ["9.60 GBP"]
    assert [one.order_id for one in found.charges][:2] == [command.order_id] * 2, "the latest first"


async def test_another_price_list_with_the_same_prices_is_seen_too(
    billing: httpx.AsyncClient, deliver: Deliver
) -> None:
    order = await ordered(deliver, number(PLAIN))
    await deliver(command := amend(order, PLAIN, price_list=PricedFrom(price_list="future", from_date=FUTURE)))
    await deliver(done(command))
    found = await charges(billing, order, PLAIN)
    by = [(one.price_list, one.version, one.until is None) for one in found.charges]
    assert by == [("future", 1, True), ("future", 1, True), ("house", 1, False), ("house", 1, False)]


async def test_what_ended_is_charged_no_more_and_was(
    billing: httpx.AsyncClient, deliver: Deliver, db: Connection
) -> None:
    order = await ordered(deliver, number(PLAIN))
    await deliver(added := amend(order, PLAIN, adds=(number(GOLD, "gold"),), price_lists=HOUSE))
    await deliver(done(added))
    await db.execute("UPDATE charge SET starts_at = starts_at - interval '60 days'")
    await deliver(ended := amend(order, PLAIN, ends=True))
    await deliver(done(ended))
    found = await charges(billing, order)
    assert (months(found), {one.until is None for one in found.charges}) == ([], {False})
    assert {one.numbers for one in found.charges} == {(), (PLAIN,), (GOLD,)}


async def test_what_is_not_done_yet_is_to_come_and_others_see_nothing(
    billing: httpx.AsyncClient, deliver: Deliver
) -> None:
    await deliver(order := opening(line(number(PLAIN))))
    found = await charges(billing, order, PLAIN)
    assert ({one.since for one in found.charges}, months(found)) == ({None}, [])
    assert (await charges(billing, order, PLAIN, resellers=["borealis"])).charges == ()
