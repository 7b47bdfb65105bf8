"""Changes of services: the numbers that they add are in service, and those that leave rest."""

from uuid import uuid4

import pytest

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.v1.orders import ChangedService, OrderCompleted

from .asking import completed, exact, hold, numbers_of, reason_of, states

pytestmark = pytest.mark.usefixtures("blocks")

A, B = 441214960001, 441214960002
RUN = tuple(range(441214960100, 441214960250))


def changed(
    *removed: int, added: tuple[int, ...] = (), order_id: object = None, reseller: str = "acme"
) -> OrderCompleted:
    change = ChangedService(id=uuid4(), kind="remove_numbers", added=added, removed=removed)
    return OrderCompleted(order_id=order_id or uuid4(), reseller=reseller, customer_id=uuid4(), change=change)


async def in_service(deliver: Deliver, *numbers: int) -> None:
    await deliver(command := hold(exact(*numbers)), times=1)
    await deliver(completed(command, *numbers))


async def test_a_number_that_a_change_added_is_in_service(deliver: Deliver, db: Connection) -> None:
    await deliver(command := hold(exact(A)), times=1)
    assert await deliver(changed(added=(A,), order_id=command.order_id)) == []
    assert await states(db) == {A: "assigned"}


async def test_a_number_that_left_its_service_rests_and_the_others_stay(deliver: Deliver, db: Connection) -> None:
    await in_service(deliver, A, B)
    await deliver(changed(A))
    assert await states(db) == {A: "quarantined", B: "assigned"}
    assert reason_of((await deliver(hold(exact(A), reseller="borealis")))[0]) == "taken"
    assert numbers_of((await deliver(hold(exact(A))))[0]) == [[A]]


async def test_another_resellers_number_stays_in_service(deliver: Deliver, db: Connection) -> None:
    await in_service(deliver, A, *RUN)
    await deliver(changed(A, RUN[3], reseller="borealis"))
    assert await states(db) == {A: "assigned"}
    assert await db.fetchval("SELECT count(*) FROM span") == 1


async def test_a_long_run_is_cut_where_numbers_left_it(deliver: Deliver, db: Connection) -> None:
    await in_service(deliver, *RUN)
    await deliver(changed(RUN[10], RUN[11], RUN[-1]))
    rows = await db.fetch("SELECT first, last, state FROM span ORDER BY first")
    assert [tuple(row) for row in rows] == [
        (RUN[0], RUN[9], "assigned"),
        (RUN[10], RUN[11], "quarantined"),
        (RUN[12], RUN[-2], "assigned"),
        (RUN[-1], RUN[-1], "quarantined"),
    ]
    assert numbers_of((await deliver(hold(exact(RUN[11]))))[0]) == [[RUN[11]]]
