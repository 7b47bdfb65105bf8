"""What an order gets that wants "n that match": by the whole filter, and by its line's policy where too few match."""

from typing import Any
from uuid import UUID

import pytest

from numbers_service.filters import matcher, substitutes, within
from numbers_service.grading import Override
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.message import Message
from patchbay_contracts.numbers import Filter
from patchbay_contracts.v1.numbers import HeldLine, NumbersHeld

from .asking import exact, hold, numbers_of, reason_of, release, some, states

CUSTOMER = UUID("00000000-0000-7000-8000-000000000001")
pytestmark = pytest.mark.usefixtures("blocks")


def line_of(answer: Message) -> HeldLine:
    assert isinstance(answer, NumbersHeld), answer
    return answer.lines[0]


@pytest.mark.parametrize(
    ("filter_", "numbers"),
    [
        ({"grades": ("gold",)}, [441214960000]),
        ({"segments": ("96012",)}, [441214960120, 441214960121]),
        ({"segments": ("149", "77"), "in_order": True}, [441214960077, 441214960177]),
        ({"ends_with": "456"}, [441214960456]),
        ({"pattern": "0121 496 *33?"}, [441214960330, 441214960331]),
        ({"pattern": "+44121*900"}, [441214960900]),
        ({"grade_at_least": "silver", "ends_with": "3"}, [441214960033, 441214960123]),
        ({"prefix": "121", "ends_with": "9"}, [441214960009, 441214960019]),
    ],
)
async def test_numbers_are_found_by_the_whole_filter(
    deliver: Deliver, filter_: dict[str, Any], numbers: list[int]
) -> None:
    (answer,) = await deliver(hold(some(len(numbers), **{"prefix": "0121"} | filter_)))
    assert numbers_of(answer) == [numbers]


async def test_a_run_is_contiguous_aligned_and_held_as_a_whole(deliver: Deliver, db: Connection) -> None:
    await deliver(hold(exact(441214960000, 441214960015)))
    (answer,) = await deliver(hold(some(12, "0121", method="run")))
    assert numbers_of(answer) == [list(range(441214960001, 441214960013))]
    (answer,) = await deliver(hold(some(12, "0121", method="run", aligned=10)))
    assert numbers_of(answer) == [list(range(441214960020, 441214960032))]
    (answer,) = await deliver(hold(some(21, "020", method="run", aligned=10)))
    assert reason_of(answer) == "too_few"
    assert "21 wanted, 0 in a row" in getattr(answer, "detail", "")


async def test_orders_that_want_runs_together_get_different_ones(deliver: Deliver) -> None:
    answers = await deliver(*(hold(some(10, "0121", method="run")) for _ in range(3)))
    numbers = [n for answer in answers for n in numbers_of(answer)[0]]
    assert sorted(numbers) == list(range(441214960000, 441214960030))


async def test_random_numbers_match_and_are_not_simply_the_lowest(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(some(20, "0121", method="random")))
    (numbers,) = numbers_of(answer)
    assert len(set(numbers)) == 20
    assert numbers != list(range(441214960000, 441214960020))
    assert all(441214960000 <= n <= 441214960999 for n in numbers)


async def test_with_available_an_order_gets_as_many_as_there_are(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(some(25, "020", policy="available")))
    line = line_of(answer)
    assert (len(line.numbers), line.acted, line.note) == (20, "available", "20 of 25 were available")


async def test_with_available_none_at_all_is_a_refusal(deliver: Deliver) -> None:
    await deliver(hold(some(20, "020")))
    (answer,) = await deliver(hold(some(25, "020", policy="available")))
    assert reason_of(answer) == "too_few"


async def test_with_available_fewer_than_the_service_takes_is_a_refusal_that_holds_nothing(
    deliver: Deliver, db: Connection
) -> None:
    (answer,) = await deliver(hold(some(25, "020", policy="available", least=21)))
    assert reason_of(answer) == "too_few"
    assert "25 wanted, at least 21 needed, 20 free" in getattr(answer, "detail", "")
    assert await states(db) == {}


async def test_an_order_that_gets_what_it_asked_for_is_told_of_no_policy(deliver: Deliver) -> None:
    for policy in ("available", "substitute"):
        (answer,) = await deliver(hold(some(2, "020", policy=policy)))
        assert (line_of(answer).acted, line_of(answer).note) == ("as_asked", "")
        assert "acted" not in answer.model_dump_json()


async def test_substitutes_are_of_the_same_grade_elsewhere_first(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(some(1, "0207946001", grades=("gold",), policy="substitute")))
    line = line_of(answer)
    assert [n.e164 for n in line.numbers] == [441214960000]
    assert (line.acted, line.note) == ("substitute", "1 of 1 are substitutes: +441214960000 (gold)")


async def test_then_of_the_next_lower_grade_with_the_prefix(deliver: Deliver) -> None:
    await deliver(hold(some(2, "", grades=("gold",))))
    (answer,) = await deliver(hold(some(1, "0121", grades=("gold",), policy="substitute")))
    assert [(n.e164, n.grade) for n in line_of(answer).numbers] == [(441214960011, "silver")]


async def test_then_of_the_next_prefix_digit_by_digit(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(some(12, "0207946001", policy="substitute")))
    line = line_of(answer)
    assert [n.e164 for n in line.numbers] == [*range(442079460000, 442079460002), *range(442079460010, 442079460020)]
    assert line.note.startswith("2 of 12 are substitutes: +442079460000 (")


async def test_where_even_substitutes_are_too_few_nothing_is_held(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(hold(some(900, pool="reseller", policy="substitute", ends_with="1")))
    assert reason_of(answer) == "too_few"
    assert "or instead of them" in getattr(answer, "detail", "")
    assert await states(db) == {}


async def test_no_substitute_is_given_that_the_service_does_not_take(deliver: Deliver, db: Connection) -> None:
    await deliver(hold(some(2, "", grades=("gold",))))
    gold = some(1, "0121", grades=("gold",), policy="substitute")
    (answer,) = await deliver(hold(gold.model_copy(update={"rules": NumberRules(most=9, grades=("gold",))})))
    assert reason_of(answer) == "too_few"
    assert len(await states(db)) == 2


async def test_numbers_are_looked_for_where_the_service_takes_them_one_place_after_the_other(deliver: Deliver) -> None:
    rules = NumberRules(most=200, prefixes=("44121496099", "442079460"))
    (answer,) = await deliver(hold(some(12, "").model_copy(update={"rules": rules})))
    held = line_of(answer)
    assert held.acted == "as_asked"
    (numbers,) = numbers_of(answer)
    assert [str(number)[:11] for number in numbers].count("44121496099") == 10
    assert sum(str(number).startswith("442079460") for number in numbers) == 2
    (answer,) = await deliver(hold(some(1, "+4420").model_copy(update={"rules": rules})))
    ((number,),) = numbers_of(answer)
    assert str(number).startswith("442079460")


async def test_numbers_are_taken_from_one_pool_after_the_other(deliver: Deliver) -> None:
    own, public = range(441134960000, 441134960100), range(441214960000, 441214961000)
    wanted = some(102, pools=("customer", "public"), lowest=True)
    (answer,) = await deliver(hold(wanted, customer_id=CUSTOMER))
    (numbers,) = numbers_of(answer)
    assert (len([n for n in numbers if n in own]), len([n for n in numbers if n in public])) == (100, 2)
    (answer,) = await deliver(hold(some(1, pools=("customer", "reseller")), reseller="borealis"))
    assert reason_of(answer) == "too_few"
    assert "0 free in the customer, reseller pools" in getattr(answer, "detail", "")


async def test_what_was_substituted_is_given_back_like_everything_else(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(command := hold(some(1, "020", grades=("gold",), policy="substitute")))
    assert await states(db) == dict.fromkeys((n.e164 for n in line_of(answer).numbers), "held")
    await deliver(release(command))
    assert await states(db) == {}


async def test_a_grade_by_hand_decides_and_says_why(deliver: Deliver, db: Connection) -> None:
    await db.execute("INSERT INTO override VALUES (441214960007, 'platinum', 'the agent''s', 'ann', now())")
    (answer,) = await deliver(hold(some(1, grades=("platinum",)), exact(441214960008, line=1)))
    assert isinstance(answer, NumbersHeld)
    assert [(n.e164, n.grade, n.rule) for line in answer.lines for n in line.numbers] == [
        (441214960007, "platinum", "override: the agent's"),
        (441214960008, "standard", "no pattern"),
    ]


def test_substitutes_are_tried_the_nearest_first() -> None:
    asked = Filter(prefix="0121", grades=("silver",), ends_with="7")
    assert [(one.prefix, one.grades, one.ends_with) for one in substitutes(asked)] == [
        ("", ("silver",), "7"),
        ("0121", ("bronze",), "7"),
        ("012", ("bronze",), "7"),
        ("01", ("bronze",), "7"),
        ("0", ("bronze",), "7"),
        ("", ("bronze",), "7"),
    ]
    assert [one.prefix for one in substitutes(Filter(prefix="+4412"))] == ["+441", "+44", "+4", ""]
    assert substitutes(Filter()) == ()


def test_substitutes_are_those_that_the_service_takes() -> None:
    instead = substitutes(Filter(prefix="+44121", grades=("gold",)))
    assert within(instead, None) == instead
    rules = NumberRules(most=9, grades=("gold", "platinum"), prefixes=("4412", "4420"))
    assert [(one.prefix, one.grades) for one in within(instead, rules)] == [("+4412", ("gold",)), ("+4420", ("gold",))]
    rules = NumberRules(most=9, countries=("44",))
    assert [one.prefix for one in within(substitutes(Filter(prefix="+4412")), rules)] == ["+441", "+44"]
    assert [one.prefix for one in within(substitutes(Filter(prefix="012")), rules)] == ["01", "0", "+44"]


@pytest.mark.parametrize(
    ("filter_", "yes"),
    [
        (Filter(segments=("77", "121")), True),
        (Filter(segments=("77", "121"), in_order=True), False),
        (Filter(segments=("173", "377"), in_order=True), False),
        (Filter(segments=("4121",)), False),
        (Filter(pattern="0121 7377???"), True),
        (Filter(pattern="44121*"), False),
        (Filter(pattern="+44121*"), True),
        (Filter(prefix="121737"), True),
        (Filter(grade_at_least="gold"), False),
    ],
)
def test_a_filter_means_the_national_number(filter_: Filter, yes: bool) -> None:
    assert matcher(filter_)(441217377001, "44", "0", None) is yes


def test_an_override_counts_as_the_grade() -> None:
    override = Override("gold", "vanity")
    assert matcher(Filter(grades=("gold",)))(441217377002, "44", "0", override)


async def test_what_a_withdrawn_order_names_is_found_for_another_that_arrives_with_it(deliver: Deliver) -> None:
    withdrawn = hold(exact(442079460011))
    await deliver(release(withdrawn))
    refused, held = await deliver(withdrawn, hold(some(10, prefix="44207946001")))
    assert reason_of(refused) == "withdrawn"
    assert numbers_of(held) == [list(range(442079460010, 442079460020))]
