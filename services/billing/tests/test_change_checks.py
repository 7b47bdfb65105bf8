"""Billing says beforehand what a change of a service would be refused for, by the rules that guard it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.change_checks import AmendmentFindings, AmendmentQuery
from patchbay_contracts.v1.changes import AmendBilling, BillingAmended, BillingAmendRefused, PricedFrom

from .test_amending import FUTURE, HOUSE, amend, ordered
from .test_handlers import GOLD, OTHER, PLAIN, number


async def checked(billing: httpx.AsyncClient, command: AmendBilling, adds: bool = False) -> AmendmentFindings:
    query = AmendmentQuery(amends=command, adds=adds)
    answer = await billing.post("/changes/validity", content=query.model_dump_json())
    assert answer.status_code == 200, answer.text
    return AmendmentFindings.model_validate_json(answer.content)


@pytest.mark.parametrize(
    "list_",
    [
        PricedFrom(price_list="gone", from_date=FUTURE),
        PricedFrom(price_list="theirs", from_date=FUTURE),
        PricedFrom(price_list="past", from_date=FUTURE),
        PricedFrom(price_list="future", from_date=date(2026, 1, 1)),
    ],
)
async def test_a_price_list_is_refused_beforehand_for_what_the_change_is_refused_for(
    deliver: Deliver, db: Connection, billing: httpx.AsyncClient, list_: PricedFrom
) -> None:
    command = amend(await ordered(deliver, number(PLAIN)), PLAIN, price_list=list_)
    (finding,) = (await checked(billing, command)).findings
    assert (finding.severity, finding.pointer) == ("error", "/change/wanted/price_list")
    assert await db.fetchval("SELECT count(*) FROM charge WHERE order_id = $1", command.order_id) == 0
    (answer,) = await deliver(command)
    assert isinstance(answer, BillingAmendRefused)
    assert finding.code == f"billing.{answer.reason}"
    assert answer.detail == f"/wanted/price_list: {finding.message}: {finding.remedy}"


async def test_another_currency_and_a_list_that_ends_soon_are_worth_a_thought(
    deliver: Deliver, db: Connection, billing: httpx.AsyncClient
) -> None:
    today = datetime.now(UTC).date()
    command = amend(await ordered(deliver, number(PLAIN)), PLAIN, price_list=PricedFrom(price_list="euro"))
    await db.execute("UPDATE price_list SET valid_to = $1 WHERE id = 'euro'", today + timedelta(days=2))
    codes = [(one.code, one.severity) for one in (await checked(billing, command)).findings]
    assert codes == [("billing.other_currency", "warning"), ("billing.price_list_ends_soon", "info")]


async def test_numbers_that_could_not_be_charged_are_told_by_their_grade(
    deliver: Deliver, billing: httpx.AsyncClient
) -> None:
    order = await ordered(deliver, number(PLAIN))
    found = await checked(billing, amend(order, PLAIN, price_lists=HOUSE), adds=True)
    assert (found.findings, set(found.by_grade)) == ((), {"platinum", "silver", "bronze"})
    for grade in ("platinum", "gold"):
        command = amend(order, PLAIN, adds=(number(OTHER, grade),), price_lists=HOUSE)
        (answer,) = await deliver(command)
        assert isinstance(answer, BillingAmendRefused if grade in found.by_grade else BillingAmended)


async def test_a_blocked_account_gets_no_more_numbers_and_may_give_some_back(
    deliver: Deliver, db: Connection, billing: httpx.AsyncClient
) -> None:
    order = await ordered(deliver, number(GOLD, "gold"), number(PLAIN))
    await db.execute("UPDATE account SET state = 'blocked'")
    added = await checked(billing, amend(order, PLAIN, price_lists=HOUSE), adds=True)
    assert [one.code for one in added.findings] == ["billing.account_blocked"]
    removed: dict[str, Any] = {"removes": (GOLD,)}
    assert (await checked(billing, amend(order, GOLD, PLAIN, **removed))).findings == ()
