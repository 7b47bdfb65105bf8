"""Lines that an order can do without, and numbers that are given instead of those that are named."""

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.message import Message
from patchbay_contracts.order import Numbers
from patchbay_contracts.v1.numbers import NumbersHeld, Want
from patchbay_contracts.v1.orders import LineOutcome

from .asking import completed, exact, hold, numbers_of, reason_of, release, some, states

pytestmark = pytest.mark.usefixtures("blocks")

GOLD, SILVER, OTHER_SILVER, PLAIN = 441214960000, 441214960011, 441214960022, 441214960135


def optional(want: Want) -> Want:
    return want.model_copy(update={"optional": True})


def instead(*numbers: int, line: int = 0) -> Want:
    return Want(line=line, numbers=Numbers(exact=numbers, policy="substitute"))


def held(answer: Message) -> NumbersHeld:
    assert isinstance(answer, NumbersHeld), answer
    return answer


async def test_a_line_that_the_order_can_do_without_is_left_out_and_holds_nothing(
    deliver: Deliver, db: Connection
) -> None:
    await deliver(hold(exact(PLAIN)))
    before = await states(db)
    command = hold(exact(GOLD), optional(exact(SILVER, PLAIN, line=1)), optional(some(99, "020", line=2)))
    (answer,) = await deliver(command)
    assert [line.line for line in held(answer).lines] == [0]
    assert [(one.line, one.reason) for one in held(answer).refused] == [(1, "taken"), (2, "too_few")]
    assert f"/lines/1/numbers: +{PLAIN} taken" in held(answer).refused[0].detail
    assert await states(db) == before | {GOLD: "held"}


async def test_a_needed_line_that_lacks_numbers_refuses_the_order_whatever_else_lacks_some(
    deliver: Deliver, db: Connection
) -> None:
    (answer,) = await deliver(hold(optional(some(99, "020")), some(1_000, "0121", line=1), exact(GOLD, line=2)))
    assert reason_of(answer) == "too_few"
    assert "/lines/1/" in getattr(answer, "detail", "")
    assert await states(db) == {}


async def test_lines_left_out_do_not_touch_what_others_hold(deliver: Deliver, db: Connection) -> None:
    first = hold(exact(GOLD))
    second = hold(optional(exact(GOLD)), exact(SILVER, line=1))
    answers = await deliver(first, second)
    assert [numbers_of(answer) for answer in answers] == [[[GOLD]], [[SILVER]]]
    await deliver(release(second))
    assert await states(db) == {GOLD: "held"}


async def test_what_was_held_for_a_line_that_was_refused_later_is_free_when_the_order_completes(
    deliver: Deliver, db: Connection
) -> None:
    other = hold(exact(PLAIN))
    command = hold(exact(GOLD), optional(exact(SILVER, line=1)))
    await deliver(other, command)
    refused = LineOutcome(line=1, state="refused", reason="no_price", detail="/lines/1/price_list: none")
    await deliver(completed(command, GOLD).model_copy(update={"lines": (refused,)}))
    assert await states(db) == {GOLD: "assigned", PLAIN: "held"}


async def test_a_named_number_that_is_taken_is_replaced_by_one_of_its_grade_nearby(
    deliver: Deliver, db: Connection
) -> None:
    await deliver(hold(exact(SILVER)))
    (answer,) = await deliver(hold(instead(PLAIN, SILVER)))
    (line,) = held(answer).lines
    (given,) = line.instead_of.values()
    assert line.instead_of == {SILVER: given}
    assert [(n.e164, n.grade) for n in line.numbers] == [(PLAIN, "standard"), (given, "silver")]
    assert (line.acted, line.note) == ("substitute", f"+{given} (silver) instead of +{SILVER}")
    assert (await states(db))[given] == "held"


async def test_then_by_the_next_lower_grade(deliver: Deliver) -> None:
    await deliver(hold(some(2, "", grades=("gold",))))
    (answer,) = await deliver(hold(instead(GOLD)))
    ((number,),) = [line.numbers for line in held(answer).lines]
    assert number.grade == "silver"


async def test_two_orders_of_one_batch_that_name_the_same_number_get_one_each(deliver: Deliver) -> None:
    answers = await deliver(*(hold(instead(SILVER)) for _ in range(3)))
    numbers = [numbers_of(answer)[0][0] for answer in answers]
    assert len(set(numbers)) == 3
    assert SILVER in numbers


async def test_numbers_that_are_there_are_given_as_named_and_nothing_is_said(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(instead(SILVER, PLAIN)))
    assert numbers_of(answer) == [[SILVER, PLAIN]]
    assert "instead_of" not in answer.model_dump_json()
    assert "acted" not in answer.model_dump_json()


async def test_a_number_that_nobody_here_has_is_not_replaced(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(hold(instead(449999999999)))
    assert reason_of(answer) == "unknown_number"
    assert await states(db) == {}


async def test_where_there_is_no_substitute_nothing_is_held(deliver: Deliver, db: Connection) -> None:
    first = hold(some(20, "020"))
    await deliver(first)
    before = await states(db)
    (answer,) = await deliver(hold(instead(*range(442079460000, 442079460020)), some(980, "0121", line=1)))
    assert reason_of(answer) in {"taken", "too_few"}
    assert await states(db) == before


async def test_what_will_not_come_free_is_told_before_what_a_line_waits_for(deliver: Deliver) -> None:
    await deliver(hold(exact(GOLD)))
    waits = some(1_000, "0121").model_copy(update={"waits": True})
    (answer,) = await deliver(hold(waits, exact(GOLD, line=1)))
    assert (reason_of(answer), getattr(answer, "line", None)) == ("taken", 1)


async def test_a_line_from_which_one_that_waits_took_the_last_numbers_is_not_blamed(deliver: Deliver) -> None:
    waits = some(1_000, "0121", line=1).model_copy(update={"waits": True})
    (answer,) = await deliver(hold(some(1_000, "0121"), waits))
    assert (reason_of(answer), getattr(answer, "line", None)) == ("too_few", 1)
