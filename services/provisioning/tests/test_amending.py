"""Orders that wait for numbers are amended: while they wait, while they are tried, too late, into nonsense."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.order import Line, Numbers
from patchbay_contracts.v1.customer import PrepareCustomer
from patchbay_contracts.v1.numbers import HoldNumbers, NumbersUnavailable
from patchbay_contracts.v1.orders import OrderAmended, OrderBackOrdered, OrderBegun, OrderFailed
from patchbay_contracts.v1.provisioning import AmendOrder, PlaceOrder
from provisioning_service import back_orders

from .orders import FIRST, NOW, SECOND, line
from .story import Story
from .test_back_orders import UNTIL, lacking, patient, tried_often
from .test_back_orders_kept import patient as kept
from .test_back_orders_kept import refused, tick
from .test_cancelling import cancelled, take_back


def wish(placed: PlaceOrder, **changes: Any) -> AmendOrder:
    given = {"order_id": placed.order_id, "reseller": "acme", "id": uuid4(), "by": "key:test", "asked_at": NOW}
    return AmendOrder(**(given | changes))


def fewer() -> Line:
    return line(numbers=Numbers(count=1, prefix="0161"))


@pytest.fixture
def waiting() -> Story:
    story = Story(patient())
    return story.given(lacking(story))


def test_amended_while_it_waits_it_is_tried_at_once_as_it_is_then(waiting: Story) -> None:
    later = UNTIL + timedelta(days=9)
    asked = wish(waiting.placed, lines=(fewer(),), until=later, notify=())
    assert waiting.amended(asked).said == []
    assert waiting.pause() == timedelta(0)
    made, told, hold = waiting.tried_again().said
    assert isinstance(made, OrderAmended)
    assert (made.id, made.reason) == (asked.id, "")
    assert isinstance(told, OrderBackOrdered)
    assert told.until == later
    assert isinstance(hold, HoldNumbers)
    assert [want.numbers for want in hold.wants] == [fewer().numbers]
    assert waiting.state.facts.the(PlaceOrder).notify == ()
    assert any("AmendOrder.v1 key:test" in moment for moment in told.timeline)
    assert waiting.given(waiting.answers.numbers_held).types == [OrderBegun, PrepareCustomer]


def test_its_own_try_is_noted_however_many_there_were(waiting: Story) -> None:
    before = len(tried_often(waiting).state.log.moments())
    waiting.amended(wish(waiting.placed, until=UNTIL + timedelta(days=1))).tried_again()
    (told,) = waiting.given(lacking(waiting)).said
    assert isinstance(told, OrderBackOrdered)
    assert told.again
    types = [line.split(" ")[1] for line in told.timeline[before:]]
    assert types == [AmendOrder.type, HoldNumbers.type, NumbersUnavailable.type]
    assert waiting.tried_again().given(lacking(waiting)).said == []


def test_it_is_made_once_and_the_next_one_after_it(waiting: Story) -> None:
    first = wish(waiting.placed, until=UNTIL + timedelta(days=1))
    waiting.amended(first).tried_again().given(lacking(waiting, detail="/lines/0/numbers: other"))
    assert waiting.tried_again().types == [HoldNumbers]
    waiting.given(lacking(waiting)).amended(second := wish(waiting.placed, lines=(fewer(),)))
    made = waiting.tried_again().said[0]
    assert isinstance(made, OrderAmended)
    assert made.id == second.id
    assert back_orders.wished(waiting.state.facts).until == first.until


def test_amended_while_it_is_tried_it_waits_for_the_answer_and_is_tried_again_at_once(waiting: Story) -> None:
    waiting.tried_again().amended(wish(waiting.placed, lines=(fewer(),)))
    assert waiting.said == []
    for refusal in (lacking(waiting), lacking(waiting, reason="unknown_number")):
        state = Story.given(waiting, refusal).state
        assert state.status == "waiting"
        assert waiting.pause() == timedelta(0)
        assert waiting.tried_again().types[-1] is HoldNumbers
        waiting.amended(wish(waiting.placed, lines=(line(SECOND),)))


def test_amended_while_it_is_tried_and_gets_its_numbers_it_goes_on_as_it_was(waiting: Story) -> None:
    waiting.tried_again().amended(wish(waiting.placed, lines=(fewer(),)))
    assert waiting.given(waiting.answers.numbers_held).types == [OrderBegun, PrepareCustomer]
    assert waiting.state.facts.the(PlaceOrder).lines == (line(FIRST),)
    before = waiting.state
    assert waiting.amended(wish(waiting.placed, lines=(fewer(),))).state is before


def test_an_amendment_at_the_last_try_gives_it_its_new_time(waiting: Story) -> None:
    waiting.now = UNTIL
    waiting.tried_again().amended(wish(waiting.placed, until=UNTIL + timedelta(days=1)))
    waiting.given(lacking(waiting))
    (_, _, hold) = waiting.tried_again().said
    assert isinstance(hold, HoldNumbers)
    assert all(want.waits for want in hold.wants)


def test_cancelled_after_it_was_amended_it_ends_and_stays_so(waiting: Story) -> None:
    waiting.amended(wish(waiting.placed, lines=(fewer(),)))
    assert take_back(waiting).types == [OrderFailed]
    before = waiting.state
    assert waiting.amended(wish(waiting.placed)).state is before
    assert waiting.tried_again().said == []


def test_another_resellers_order_is_not_amended(waiting: Story) -> None:
    before = waiting.state
    assert waiting.amended(wish(waiting.placed, reseller="borealis", lines=(fewer(),))).state is before


async def waits(deliver: Deliver) -> PlaceOrder:
    await deliver(placed := kept(), times=1)
    await deliver(refused(placed), times=1)
    return placed


@pytest.mark.usefixtures("catalogue")
async def test_an_amendment_is_made_once_however_often_it_comes(deliver: Deliver, db: Connection) -> None:
    placed = await waits(deliver)
    assert await tick(db) == []
    asked = wish(placed, lines=(fewer(),))
    await deliver(asked, asked, times=1)
    assert [type(m) for m in await tick(db)] == [OrderAmended, OrderBackOrdered, HoldNumbers]
    await deliver(refused(placed), times=1)
    assert await tick(db) == []


@pytest.mark.usefixtures("catalogue")
async def test_what_would_not_be_valid_is_refused_and_it_waits_on_as_it_was(deliver: Deliver, db: Connection) -> None:
    placed = await waits(deliver)
    await deliver(wish(placed, lines=(line(FIRST, settings={"colour": "red"}),)), times=1)
    made, hold = await tick(db)
    assert isinstance(made, OrderAmended)
    assert made.reason == "bad_settings"
    assert isinstance(hold, HoldNumbers)
    assert [want.numbers.exact for want in hold.wants] == [(FIRST,)]
    (told,) = await deliver(refused(placed), times=1)
    assert isinstance(told, OrderBackOrdered)
    assert told.again


@pytest.mark.usefixtures("catalogue")
async def test_amended_and_cancelled_in_one_batch_it_is_cancelled(deliver: Deliver, db: Connection) -> None:
    placed = await waits(deliver)
    (event,) = await deliver(wish(placed, lines=(fewer(),)), cancelled(placed), times=1)
    assert isinstance(event, OrderFailed)
    assert await tick(db) == []
