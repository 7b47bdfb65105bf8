"""Stuck orders: an operator asks again, goes on without an answer, or has the rest undone at once."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import Numbered, Said
from patchbay_chassis.mending import WAYS, Mend, Mended, NotStuck, Way, mend
from patchbay_contracts.message import Message
from patchbay_contracts.v1.billing import VoidBilling
from patchbay_contracts.v1.customer import WithdrawCustomer
from patchbay_contracts.v1.numbers import ReleaseNumbers
from patchbay_contracts.v1.orders import OrderFailed, OrderStuck
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import cancelling, handlers

from .catalogue_serving import Served
from .orders import FIRST, Answers, line, order
from .test_cancelling import cancelled

ANN = {"by": "operator:ann@acme.example", "reason": "billing is away until Monday"}


def plain(said: list[Said]) -> list[Message]:
    return [one.message if isinstance(one, Numbered) else one for one in said]


async def until_stuck(db: Connection) -> PlaceOrder:
    """An order that billing neither opens nor voids."""
    placed = order(line(FIRST))
    answers = Answers(placed)
    await handlers.walker.begin([placed], db, {})
    await handlers.walker.feed([answers.customer_ready, answers.numbers_held], db)
    for _ in range(6):
        await db.execute("UPDATE saga SET due = '1999-01-01', state = replace(state, '\"due\":\"2', '\"due\":\"1')")
        said = plain(await handlers.ask_again_or_undo(db))
    assert OrderStuck in map(type, said)
    return placed


async def mended(db: Connection, placed: PlaceOrder, way: Way, id_: UUID | None = None) -> tuple[Mended, list[Message]]:
    done, said = await mend(handlers.walker, Mend(id_ or uuid4(), placed.order_id, way, **ANN), db)
    return done, plain(said)


async def status(db: Connection, placed: PlaceOrder) -> Any:
    return await db.fetchval("SELECT status FROM saga WHERE id = $1", placed.order_id)


async def test_retry_asks_again_and_the_order_ends_when_it_is_answered(db: Connection) -> None:
    placed = await until_stuck(db)
    done, said = await mended(db, placed, "retry")
    assert (done.steps, [type(m) for m in said]) == (("billing",), [VoidBilling])
    assert await status(db, placed) == "undoing"
    answers = Answers(placed)
    await handlers.walker.feed([answers.billing_voided], db)
    (failed,) = plain((await handlers.walker.feed([answers.customer_withdrawn, answers.numbers_released], db))[-1])
    assert isinstance(failed, OrderFailed)
    assert any("asked again by hand, operator:ann@acme.example: billing is away" in one for one in failed.timeline)


async def test_an_order_that_is_still_not_answered_after_a_retry_is_stuck_again(db: Connection) -> None:
    placed = await until_stuck(db)
    await mended(db, placed, "retry")
    for _ in range(3):
        await db.execute("UPDATE saga SET due = '1999-01-01', state = replace(state, '\"due\":\"2', '\"due\":\"1')")
        said = plain(await handlers.ask_again_or_undo(db))
    assert OrderStuck in map(type, said)


async def test_skip_goes_on_without_the_answer_and_a_late_one_changes_nothing(db: Connection) -> None:
    placed = await until_stuck(db)
    done, said = await mended(db, placed, "skip")
    assert (done.steps, [type(m) for m in said]) == (("billing",), [WithdrawCustomer, ReleaseNumbers])
    answers = Answers(placed)
    assert await handlers.walker.feed([answers.billing_voided], db) == [[]]
    (failed,) = plain((await handlers.walker.feed([answers.customer_withdrawn, answers.numbers_released], db))[-1])
    assert isinstance(failed, OrderFailed)
    assert failed.reason == "timed_out"


async def test_a_cancel_frees_what_a_stuck_order_has_taken_before_the_answer_comes(db: Connection) -> None:
    placed = await until_stuck(db)
    answers, command = Answers(placed), cancelled(placed)
    said = plain((await handlers.walker.cancel([command], db, cancelling.why))[0])
    assert [type(m) for m in said] == [VoidBilling, WithdrawCustomer, ReleaseNumbers]
    assert await handlers.walker.feed([answers.customer_withdrawn, answers.numbers_released], db) == [[], []]
    ((failed,),) = await handlers.walker.feed([answers.billing_voided], db)
    assert isinstance(failed, OrderFailed)
    assert failed.reason == "timed_out", "why it is undone is not its cancellation"
    assert any("key:test: not wanted" in one for one in failed.timeline)


async def test_compensate_frees_what_the_order_has_taken_before_the_answer_comes(db: Connection) -> None:
    placed = await until_stuck(db)
    _, said = await mended(db, placed, "compensate")
    assert [type(m) for m in said] == [VoidBilling, WithdrawCustomer, ReleaseNumbers]
    answers = Answers(placed)
    assert await handlers.walker.feed([answers.customer_withdrawn, answers.numbers_released], db) == [[], []]
    ((failed,),) = await handlers.walker.feed([answers.billing_voided], db)
    assert isinstance(failed, OrderFailed)


@pytest.mark.parametrize("way", WAYS)
async def test_a_decision_sent_twice_is_done_once(db: Connection, way: Way) -> None:
    placed, id_ = await until_stuck(db), uuid4()
    first, _ = await mended(db, placed, way, id_)
    assert await mended(db, placed, way, id_) == (first, [])
    with pytest.raises(NotStuck):
        await mended(db, placed, way)


async def test_stuck_orders_are_listed_and_mended_over_http_and_it_is_written_down(served: Served) -> None:
    async with served.database.transaction() as db:
        placed = await until_stuck(db)
        other = await until_stuck(db)
    page = await served.ask("/sagas/stuck", most=1)
    (one,) = page["orders"]
    assert (one["waits_for"][0]["step"], one["failed_step"], one["reason"]) == ("billing", "billing", "timed_out")
    (two,) = (await served.ask("/sagas/stuck", after=page["next"]))["orders"]
    assert {one["order_id"], two["order_id"]} == {str(placed.order_id), str(other.order_id)}
    decision = {"id": str(uuid4()), **ANN}
    told = await served.ask(f"/sagas/{placed.order_id}/skip", **decision)
    assert await served.ask(f"/sagas/{placed.order_id}/skip", **decision) == told
    assert (told["way"], told["reseller"], told["steps"], told["by"]) == ("skip", "acme", ["billing"], ANN["by"])
    async with served.database.connection() as db:
        assert await db.fetchval("SELECT count(*) FROM saga_mended") == 1


async def test_what_is_not_stuck_and_what_is_unknown_are_left_alone(served: Served) -> None:
    placed = order(line(FIRST))
    async with served.database.transaction() as db:
        await handlers.walker.begin([placed], db, {})
    decision = {"id": str(uuid4()), **ANN}
    refused = await served.post(f"/sagas/{placed.order_id}/retry", **decision)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/order_not_stuck")
    unknown = await served.post(f"/sagas/{uuid4()}/retry", **decision)
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/no_such_order")
    without = await served.post(f"/sagas/{placed.order_id}/retry", **decision | {"reason": ""})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")
