"""What is known of a change before it is placed, and what others can be asked about it, is what its saga goes by."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.change_checks import ChangeFindings
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.order import Numbers
from patchbay_contracts.services import (
    AddNumbers,
    ChangeQuery,
    End,
    HistoryQuery,
    NewPriceList,
    RemoveNumbers,
    ServiceChange,
    Waived,
    Wanted,
)
from patchbay_contracts.v1.changes import AmendBilling
from patchbay_contracts.v1.numbers import HeldLine, NumbersHeld
from patchbay_contracts.words import HeldNumber
from provisioning_service import catalogue_queries, changes, finding_services, handlers
from provisioning_service.catalogue import ALWAYS

from .entries import VOICE_LINE
from .orders import FIRST, SECOND
from .serving import have_service
from .test_changes import change, failed

pytestmark = pytest.mark.usefixtures("catalogue")

CHOOSY = VOICE_LINE.model_copy(
    update={"numbers": NumberRules(least=1, most=5, grades=("gold", "silver"), prefixes=("44121",))}
)


async def checked(db: Connection, id_: UUID, wanted: Wanted) -> ChangeFindings:
    query = ChangeQuery(reseller="acme", service_id=id_, change=ServiceChange(version=1, wanted=wanted, why="asked"))
    found = await changes.validity(db, query, handlers.catalogue)
    assert unknown(found.findings) == []
    return found


@pytest.mark.parametrize(
    ("numbers", "reason", "where"),
    [
        (Numbers(exact=(441214960009, 442079460123)), "wrong_prefix", "exact/1"),
        (Numbers(count=1, prefix="+4420"), "wrong_prefix", "prefix"),
        (Numbers(count=1, grades=("standard",)), "wrong_grade", "grades"),
        (Numbers(count=1, grade_at_least="platinum"), "wrong_grade", "grade_at_least"),
    ],
)
async def test_numbers_that_the_service_type_does_not_take_are_not_added(
    deliver: Deliver, db: Connection, numbers: Numbers, reason: str, where: str
) -> None:
    await catalogue_queries.publish_first(db, "choosy", CHOOSY, ALWAYS)
    id_ = await have_service(db, FIRST, service_type="choosy")
    finding, *_ = (await checked(db, id_, AddNumbers(numbers=numbers))).findings
    assert (finding.code, finding.pointer) == (f"service.{reason}", f"/change/wanted/numbers/{where}")
    told = failed(await deliver(change(id_, AddNumbers(numbers=numbers)), times=1))
    assert (told[0], told[1].split(": ")[0]) == (reason, f"/wanted/numbers/{where}")


@pytest.mark.parametrize(
    "wanted",
    [
        AddNumbers(numbers=Numbers(count=2)),
        AddNumbers(numbers=Numbers(exact=(441214960009,))),
        RemoveNumbers(numbers=(SECOND,)),
        NewPriceList(price_list="other", from_date=date(2099, 1, 1)),
        End(),
    ],
)
async def test_the_others_can_be_asked_beforehand_what_the_saga_will_ask_them(
    deliver: Deliver, db: Connection, wanted: Wanted
) -> None:
    await catalogue_queries.publish_first(db, "choosy", CHOOSY, ALWAYS)
    id_ = await have_service(db, FIRST, SECOND, service_type="choosy", made_with=[FIRST])
    found = await checked(db, id_, wanted)
    assert [one for one in found.findings if one.severity == "error"] == []
    placed = change(id_, wanted)
    said = await deliver(placed, times=1)
    if isinstance(wanted, AddNumbers):
        assert found.holds is not None
        assert found.holds.model_copy(update={"order_id": placed.order_id}) == said[0]
        assert found.holds.wants[0].rules == CHOOSY.numbers
        if wanted.numbers.count:
            assert found.holds.wants[0].numbers.grades == ("gold", "silver")
            assert found.holds.wants[0].numbers.prefix == "+44121"
        line = HeldLine(line=0, numbers=(HeldNumber(e164=441214960009, grade="gold", rule="a rule"),))
        until = datetime.now(UTC) + timedelta(days=1)
        held = NumbersHeld(order_id=placed.order_id, reseller="acme", lines=(line,), held_until=until)
        said = await deliver(held, times=1)
    (asked,) = said
    assert isinstance(asked, AmendBilling)
    assert found.amends is not None
    assert found.amends.model_copy(update={"order_id": placed.order_id, "adds": asked.adds}) == asked


async def test_what_is_worth_a_thought_refuses_nothing_and_a_waiver_is_kept(deliver: Deliver, db: Connection) -> None:
    to_come = date(2098, 1, 1)
    id_ = await have_service(db, FIRST, next_price_list="future", next_from=to_come)
    wanted = NewPriceList(price_list="other", from_date=to_come)
    (finding,) = (await checked(db, id_, wanted)).findings
    assert (finding.code, finding.severity) == ("service.replaces_price_list", "warning")
    waived = Waived(code=finding.code, pointer="/wanted/from_date", reason="agreed")
    placed = change(id_, wanted).model_copy(update={"waived": (waived,)})
    assert [type(one) for one in await deliver(placed, times=1)] == [AmendBilling]
    (past,) = (await finding_services.history(db, HistoryQuery(resellers=("acme",), service_id=id_))).changes
    assert past.waived == (waived,)
