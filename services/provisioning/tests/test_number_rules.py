"""An order gets only numbers that its service types take: they are asked for so, and a report says it beforehand."""

from datetime import timedelta

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.order import Numbers
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import back_orders, catalogue_queries, model
from provisioning_service.catalogue import ALWAYS, Catalogue, service_type, service_types
from provisioning_service.order_faults import faults

from .entries import VOICE_LINE, entry
from .orders import FIRST, NOW, SECOND, line, order
from .story import Story

ONLY_GOLD = NumberRules(least=1, most=9, grades=("gold",), prefixes=("44121",))
LATER = NOW + timedelta(days=10)
CATALOGUE: Catalogue = {
    "voice-line": service_types([service_type("voice-line", VOICE_LINE)]),
    "golden": service_types(
        [
            service_type("golden", entry(numbers=ONLY_GOLD)),
            service_type("golden", VOICE_LINE, 2, LATER.date()),
        ]
    ),
}


def known(placed: PlaceOrder) -> PlaceOrder:
    return model.with_number_rules(placed, CATALOGUE)


def test_numbers_are_asked_for_by_the_rules_of_their_service_type() -> None:
    some = Numbers(count=2, policy="substitute", prefix="+44")
    placed = order(line(FIRST), line(SECOND, service_type="golden"), line(numbers=some, service_type="golden"))
    (hold,) = [said for said in Story(known(placed)).said if isinstance(said, HoldNumbers)]
    assert [want.rules for want in hold.wants] == [None, ONLY_GOLD, ONLY_GOLD]
    assert [want.numbers for want in hold.wants] == [
        Numbers(exact=(FIRST,)),
        Numbers(exact=(SECOND,)),
        Numbers(count=2, policy="substitute", prefix="+44121", grades=("gold",)),
    ]


def test_an_order_of_types_that_take_all_numbers_stays_as_it_is() -> None:
    assert known(placed := order(line(FIRST))) is placed
    assert "rules" not in placed.model_dump_json()


def test_what_waits_for_numbers_is_held_to_the_rules_of_the_day_on_which_they_are_tried() -> None:
    placed = known(order(line(FIRST, service_type="golden"), failure="back_order", until=LATER))
    assert placed.number_rules == {"golden": ONLY_GOLD}
    assert known(back_orders.as_of(placed, NOW)).number_rules == {"golden": ONLY_GOLD}
    assert known(back_orders.as_of(placed, LATER)).number_rules == {}


def test_a_named_number_of_a_grade_that_is_not_taken_is_reported_where_its_grade_is_known() -> None:
    lines, day = [line(FIRST, SECOND, service_type="golden")], NOW.date()
    assert list(faults("acme", lines, CATALOGUE, day)) == []
    (fault,) = faults("acme", lines, CATALOGUE, day, graded={FIRST: "gold", SECOND: "standard"})
    assert (fault.code, fault.pointer) == ("service.wrong_grade", "/lines/0/numbers/1")
    assert fault.message == "Voice line takes no such numbers, only gold"
    assert list(faults("acme", lines, CATALOGUE, LATER.date(), graded={SECOND: "standard"})) == []


async def test_the_rules_of_the_catalogue_go_with_the_order(deliver: Deliver, db: Connection) -> None:
    await catalogue_queries.publish_first(db, "golden", entry(numbers=ONLY_GOLD), ALWAYS)
    said = await deliver(order(line(FIRST, service_type="golden")), times=1)
    (hold,) = [message for message in said if isinstance(message, HoldNumbers)]
    assert [want.rules for want in hold.wants] == [ONLY_GOLD]
