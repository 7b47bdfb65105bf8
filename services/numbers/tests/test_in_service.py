"""A number's life after its hold: in service, at rest, reclaimed, back with its lender; and whose it never is."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from numbers_service import handlers, queries
from numbers_service.in_service import without
from numbers_service.model import Claim, Taker
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.v1.blocks import BlockChanged, Freed

from .asking import completed, exact, hold, let_holds_end, numbers_of, reason_of, release, some, states

pytestmark = pytest.mark.usefixtures("blocks")

A, B = 441214960001, 441214960002
OWNER = UUID("00000000-0000-7000-8000-000000000001")
LENT = "INSERT INTO lent VALUES ($1, $2, $3, $4, now(), 'ann', 'a loan')"
RUN = tuple(range(441214960100, 441214960250))


async def spans(db: Connection) -> list[tuple[int, int, str]]:
    return [(r.first, r.last, r.state) for r in await db.fetch("SELECT first, last, state FROM span ORDER BY first")]


async def lent(db: Connection) -> list[tuple[int, int]]:
    return [(r.first, r.last) for r in await db.fetch("SELECT first, last FROM lent ORDER BY first")]


async def at_rest(deliver: Deliver, *numbers: int, reseller: str = "acme") -> None:
    """They were in service for that reseller, and rest."""
    await deliver(command := hold(exact(*numbers), reseller=reseller), times=1)
    await deliver(completed(command, *numbers))
    await deliver(release(command))


async def test_who_had_a_number_last_may_have_it_back_while_it_rests_and_nobody_else(deliver: Deliver) -> None:
    await at_rest(deliver, A, B)
    assert reason_of((await deliver(hold(exact(A), reseller="borealis")))[0]) == "taken"
    assert numbers_of((await deliver(hold(exact(A))))[0]) == [[A]]


async def test_what_rests_is_never_found_by_a_search(deliver: Deliver) -> None:
    await at_rest(deliver, 441214960000)
    assert numbers_of((await deliver(hold(some(1, "0121"))))[0]) == [[A]]


@pytest.mark.parametrize("how", ["released", "expired"])
async def test_a_reclaimed_number_that_is_not_used_goes_back_to_rest(
    deliver: Deliver, db: Connection, how: str
) -> None:
    await at_rest(deliver, A)
    until = await db.fetchval("SELECT held_until FROM number")
    await deliver(command := hold(exact(A)))
    if how == "released":
        await deliver(release(command))
    else:
        await let_holds_end(db)
        assert reason_of((await deliver(hold(exact(A), reseller="borealis")))[0]) == "taken"
        await handlers.free_what_nobody_keeps(db)
    assert await states(db) == {A: "quarantined"}
    assert await db.fetchval("SELECT held_until FROM number") == until


async def test_a_reclaimed_number_that_is_used_rests_anew(deliver: Deliver, db: Connection) -> None:
    await at_rest(deliver, A)
    await deliver(command := hold(exact(A)))
    await deliver(completed(command, A))
    assert await states(db) == {A: "assigned"}
    assert await db.fetchval("SELECT rests_until FROM number") is None


async def test_each_pool_has_its_own_quarantine(deliver: Deliver, db: Connection) -> None:
    await db.execute("INSERT INTO pool_rule VALUES ('reseller', 'acme', interval '5 days', 'ann', now())")
    await at_rest(deliver, A, 441314960001)
    rest = {r.e164: r.rest for r in await db.fetch("SELECT e164, held_until - now() AS rest FROM number")}
    assert rest == {A: timedelta(days=90), 441314960001: timedelta(days=5)}


async def test_a_lent_number_is_its_borrowers_alone(deliver: Deliver, db: Connection) -> None:
    await db.execute(LENT, A, B, "reseller", "borealis")
    assert reason_of((await deliver(hold(exact(A))))[0]) == "unknown_number"
    assert numbers_of((await deliver(hold(exact(A), reseller="borealis")))[0]) == [[A]]
    assert numbers_of((await deliver(hold(some(2, "0121"))))[0]) == [[441214960000, 441214960003]]
    assert numbers_of((await deliver(hold(some(1, pool="reseller"), reseller="borealis")))[0]) == [[B]]


async def test_a_lent_number_whose_hold_ends_is_still_lent(deliver: Deliver, db: Connection) -> None:
    await db.execute(LENT, A, B, "reseller", "borealis")
    await deliver(command := hold(exact(A), reseller="borealis"))
    await db.close_up()
    await deliver(release(command))
    (changed,) = await db.close_up()
    assert isinstance(changed, BlockChanged)
    assert changed.freed == (Freed(pool="reseller", owner="borealis", ranges=((A, A),)),)
    assert await lent(db) == [(A, B)]


async def test_a_lent_number_returns_to_its_lender_after_its_rest(deliver: Deliver, db: Connection) -> None:
    await db.execute(LENT, A - 1, A + 1, "reseller", "borealis")
    await at_rest(deliver, A, reseller="borealis")
    await db.close_up()
    await let_holds_end(db)
    assert reason_of((await deliver(hold(exact(A), reseller="acme")))[0]) == "unknown_number"
    await handlers.free_what_nobody_keeps(db)
    (changed,) = await db.close_up()
    assert isinstance(changed, BlockChanged)
    assert changed.freed == (Freed(pool="public", ranges=((A, A),)),)
    assert await lent(db) == [(A - 1, A - 1), (A + 1, A + 1)]
    assert numbers_of((await deliver(hold(exact(A), reseller="acme")))[0]) == [[A]]


async def test_a_long_run_in_service_is_one_row_that_rests_and_ends_as_one(deliver: Deliver, db: Connection) -> None:
    await deliver(command := hold(exact(*RUN, A)), times=1)
    await deliver(completed(command, *RUN, A))
    assert await spans(db) == [(RUN[0], RUN[-1], "assigned")]
    assert await states(db) == {A: "assigned"}
    assert reason_of((await deliver(hold(exact(RUN[5]))))[0]) == "taken"
    await deliver(release(command))
    assert await spans(db) == [(RUN[0], RUN[-1], "quarantined")]
    await db.close_up()
    await let_holds_end(db)
    await handlers.free_what_nobody_keeps(db)
    (changed,) = await db.close_up()
    assert isinstance(changed, BlockChanged)
    assert changed.freed == (Freed(pool="public", ranges=((A, A), (RUN[0], RUN[-1]))),)


async def test_a_run_over_two_blocks_is_a_span_in_each(deliver: Deliver, db: Connection) -> None:
    await db.execute(
        "INSERT INTO block SELECT first + 1000, last + 1000, country, trunk, area, pool, owner FROM block"
        " WHERE first = 441214960000"
    )
    run = range(441214960950, 441214961050)
    await deliver(command := hold(exact(*run)), times=1)
    await deliver(completed(command, *run))
    assert await spans(db) == [
        (441214960950, 441214960999, "assigned"),
        (441214961000, 441214961049, "assigned"),
    ]


async def test_a_number_of_a_resting_run_can_be_reclaimed_by_name(deliver: Deliver, db: Connection) -> None:
    await at_rest(deliver, *RUN)
    wanted = (RUN[0], RUN[70])
    assert reason_of((await deliver(hold(exact(*wanted), reseller="borealis")))[0]) == "taken"
    (answer,) = await deliver(command := hold(exact(*wanted)))
    assert numbers_of(answer) == [list(wanted)]
    assert await spans(db) == [(RUN[1], RUN[69], "quarantined"), (RUN[71], RUN[-1], "quarantined")]
    await deliver(release(command))
    assert await states(db) == dict.fromkeys(wanted, "quarantined")


async def test_an_order_takes_over_what_its_draft_holds(deliver: Deliver, db: Connection) -> None:
    draft = Taker(uuid4(), "acme", kind="draft")
    await queries.hold(db, {A: Claim(draft)}, timedelta(minutes=5))
    assert reason_of((await deliver(hold(exact(A))))[0]) == "taken"
    assert reason_of((await deliver(hold(exact(A), held_by=uuid4())))[0]) == "taken"
    assert reason_of((await deliver(hold(exact(A), held_by=draft.owner, reseller="borealis")))[0]) == "taken"
    (answer,) = await deliver(command := hold(exact(A), held_by=draft.owner))
    assert numbers_of(answer) == [[A]]
    assert await queries.give_back(db, [draft.owner], kind="draft", reseller="acme") == []
    await deliver(completed(command, A))
    assert await states(db) == {A: "assigned"}


async def test_an_order_and_a_draft_of_the_same_id_are_strangers(deliver: Deliver, db: Connection) -> None:
    await deliver(command := hold(exact(A)))
    namesake = Taker(command.order_id, "borealis", kind="basket")
    assert await queries.hold(db, {A: Claim(namesake)}, timedelta(minutes=5)) == []
    assert [kept.e164 for kept in await queries.hold(db, {B: Claim(namesake)}, timedelta(minutes=5))] == [B]
    await deliver(release(command))
    assert await states(db) == {B: "held"}


async def test_another_resellers_customer_is_nobodys_customer_here(deliver: Deliver) -> None:
    number = 441134960001
    assert (
        reason_of((await deliver(hold(exact(number), reseller="borealis", customer_id=OWNER)))[0]) == "unknown_number"
    )
    assert numbers_of((await deliver(hold(exact(number), customer_id=OWNER)))[0]) == [[number]]


def test_what_leaves_a_range_cuts_it() -> None:
    assert without(10, 20, [10, 15, 20]) == [(11, 14), (16, 19)]
    assert without(10, 12, [10, 11, 12]) == []
    assert without(10, 12, []) == [(10, 12)]
