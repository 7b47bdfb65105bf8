"""Billing says beforehand what a change of a service would be refused for, by the rules that guard it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.v1.changes import AmendBilling, BillingAmendRefused, PricedFrom
from patchbay_contracts.validity import Finding, Findings
from patchbay_contracts.words import Grade

from .test_amending import FUTURE, HOUSE, amend, ordered
from .test_handlers import GOLD, OTHER, PLAIN, number


async def checked(billing: httpx.AsyncClient, command: AmendBilling) -> tuple[Finding, ...]:
    answer = await billing.post("/changes/validity", content=command.model_dump_json())
    assert answer.status_code == 200, answer.text
    found = Findings.model_validate_json(answer.content).findings
    assert unknown(found) == []
    return found


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
    (finding,) = await checked(billing, command)
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
    codes = [(one.code, one.severity) for one in await checked(billing, command)]
    assert codes == [("billing.other_currency", "warning"), ("billing.price_list_ends_soon", "info")]


@pytest.mark.parametrize("grade", ["platinum", "gold", "silver", "standard"])
async def test_numbers_to_come_are_refused_beforehand_where_their_grade_has_no_price(
    deliver: Deliver, billing: httpx.AsyncClient, grade: Grade
) -> None:
    command = amend(await ordered(deliver, number(PLAIN)), PLAIN, adds=(number(OTHER, grade),), price_lists=HOUSE)
    said = [(one.code, one.severity, one.pointer) for one in await checked(billing, command)]
    (answer,) = await deliver(command)
    if isinstance(answer, BillingAmendRefused):
        assert said == [(f"billing.{answer.reason}", "error", "/change/wanted/numbers")]
    else:
        assert (said, grade in ("gold", "standard")) == ([], True)


async def test_a_blocked_account_gets_no_more_numbers_and_may_give_some_back(
    deliver: Deliver, db: Connection, billing: httpx.AsyncClient
) -> None:
    order = await ordered(deliver, number(GOLD, "gold"), number(PLAIN))
    await db.execute("UPDATE account SET state = 'blocked'")
    added = await checked(billing, amend(order, PLAIN, price_lists=HOUSE))
    assert [(one.code, one.pointer) for one in added] == [("billing.account_blocked", "/change/wanted/numbers")]
    removed: dict[str, Any] = {"removes": (GOLD,)}
    assert await checked(billing, amend(order, GOLD, PLAIN, **removed)) == ()
