"""The numbers service against a real database: all or nothing, one owner per number, and every undo."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from numbers_service import handlers, holding, queries
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.testing import Deliver
from patchbay_contracts.v1.numbers import NumbersHeld, NumbersReleased, NumbersUnavailable

from .asking import completed, exact, hold, let_holds_end, numbers_of, reason_of, release, some, states
from .conftest import BLOCKS

pytestmark = pytest.mark.usefixtures("blocks")

A, B, C = 441214960001, 441214960002, 441214960003
OWNER = UUID("00000000-0000-7000-8000-000000000001")


async def test_named_numbers_are_held_in_the_order_of_their_names(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(exact(B, A), exact(C, line=2)))
    assert numbers_of(answer) == [[B, A], [C]]


async def test_each_number_comes_with_its_grade_and_the_rule_that_fired(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(exact(441214960000, 441214960123)))
    assert isinstance(answer, NumbersHeld)
    assert [(n.grade, n.rule) for n in answer.lines[0].numbers] == [
        ("gold", "last four equal"),
        ("silver", "four digits ascending"),
    ]


async def test_an_order_gets_all_of_its_numbers_or_none(deliver: Deliver, db: Connection) -> None:
    await deliver(hold(exact(A)))
    (answer,) = await deliver(hold(exact(A, B), exact(C, line=1)))
    assert reason_of(answer) == "taken"
    assert await states(db) == {A: "held"}


async def test_a_refusal_names_the_numbers_the_line_and_the_remedy(deliver: Deliver) -> None:
    await deliver(hold(exact(B)))
    (answer,) = await deliver(hold(exact(A), exact(B, line=1)))
    assert isinstance(answer, NumbersUnavailable)
    assert (answer.line, answer.numbers) == (1, (B,))
    assert answer.detail == f"/lines/1/numbers: +{B} taken meanwhile: choose others"


async def test_of_two_orders_that_want_the_same_number_together_one_gets_it(deliver: Deliver) -> None:
    first, second = await deliver(hold(exact(A)), hold(exact(A)))
    assert numbers_of(first) == [[A]]
    assert reason_of(second) == "taken"


async def test_an_order_that_comes_again_keeps_its_numbers_whoever_names_them_before_it(deliver: Deliver) -> None:
    (first,) = await deliver(command := hold(exact(A, B)))
    other, again = await deliver(hold(exact(B, C)), command)
    assert reason_of(other) == "taken"
    assert again == first


async def test_a_hold_that_is_over_is_anybodys(deliver: Deliver, db: Connection) -> None:
    await deliver(hold(exact(A)))
    await let_holds_end(db)
    (answer,) = await deliver(hold(exact(A)))
    assert numbers_of(answer) == [[A]]


async def test_a_number_in_no_block_is_unknown(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(exact(441214961000)))
    assert reason_of(answer) == "unknown_number"


@pytest.mark.parametrize(
    ("number", "command", "allowed"),
    [
        (441314960001, {"reseller": "acme"}, True),
        (441314960001, {"reseller": "borealis"}, False),
        (441134960001, {"customer_id": OWNER}, True),
        (441134960001, {"customer_id": uuid4()}, False),
        (441134960001, {}, False),
    ],
)
async def test_a_pool_is_open_to_its_owner_and_unknown_to_others(
    deliver: Deliver, number: int, command: dict[str, Any], allowed: bool
) -> None:
    (answer,) = await deliver(hold(exact(number), **command))
    assert isinstance(answer, NumbersHeld) if allowed else reason_of(answer) == "unknown_number"


@pytest.mark.parametrize("prefix", ["", "+44", "44121", "0121", "+44121496", "4412149600", "0121496000"])
async def test_numbers_are_found_by_any_prefix(deliver: Deliver, prefix: str) -> None:
    (answer,) = await deliver(hold(some(3, prefix)))
    assert numbers_of(answer) == [[441214960000, 441214960001, 441214960002]]


async def test_orders_that_search_together_never_get_the_same_number(deliver: Deliver) -> None:
    answers = await deliver(*(hold(some(5, "0121")) for _ in range(20)))
    counted = Counter(n for answer in answers for n in numbers_of(answer)[0])
    assert len(counted) == 100
    assert set(counted.values()) == {1}


async def test_a_search_goes_on_in_the_next_block_when_one_is_full(deliver: Deliver, db: Connection) -> None:
    await deliver(hold(some(8, "020")))
    (answer,) = await deliver(hold(some(5, "020")))
    assert len(numbers_of(answer)[0]) == 5


async def test_a_full_block_is_passed_over_until_a_number_comes_back(deliver: Deliver, db: Connection) -> None:
    full = "SELECT count(*) FROM block WHERE full_since IS NOT NULL"
    await deliver(first := hold(some(20, "020")))
    assert reason_of((await deliver(hold(some(1, "020"))))[0]) == "too_few"
    await db.close_up()
    assert await db.fetchval(full) == 2
    await deliver(release(first))
    await db.close_up()
    assert await db.fetchval(full) == 0
    assert len(numbers_of((await deliver(hold(some(1, "020"))))[0])[0]) == 1


async def test_too_few_says_how_many_there_are(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(hold(some(21, "020")))
    assert isinstance(answer, NumbersUnavailable)
    assert answer.reason == "too_few"
    assert "21 wanted, 20 free in the public pool with prefix 020" in answer.detail
    (answer,) = await deliver(hold(some(1, "020", grade_at_least="gold", segments=("77", "12"))))
    assert isinstance(answer, NumbersUnavailable)
    assert (
        "0 free in the public pool with prefix 020 that are of grade platinum, gold and with the digits 77, 12: "
        in (answer.detail)
    )
    assert await states(db) == {}


async def test_a_search_in_a_pool_that_the_order_does_not_have_finds_nothing(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(some(1, pool="customer")))
    assert reason_of(answer) == "too_few"


@pytest.mark.parametrize(
    ("pool", "first"), [("reseller", 441314960000), ("customer", 441134960000), ("public", 441214960000)]
)
async def test_a_search_stays_in_its_pool(deliver: Deliver, pool: str, first: int) -> None:
    (answer,) = await deliver(hold(some(1, pool=pool), customer_id=OWNER))
    assert numbers_of(answer) == [[first]]


async def test_named_and_found_numbers_do_not_mix(deliver: Deliver) -> None:
    (answer,) = await deliver(hold(some(2, "0121"), exact(441214960000, line=1)))
    assert numbers_of(answer) == [[441214960001, 441214960002], [441214960000]]


async def test_released_numbers_are_free_again(deliver: Deliver, db: Connection) -> None:
    await deliver(command := hold(exact(A), some(2, "020", line=1)))
    assert [type(m) for m in await deliver(release(command))] == [NumbersReleased]
    assert await states(db) == {}


async def test_a_release_that_comes_first_forbids_the_hold(deliver: Deliver, db: Connection) -> None:
    command = hold(exact(A))
    await deliver(release(command))
    assert reason_of((await deliver(command))[0]) == "withdrawn"
    assert await states(db) == {}


async def test_a_completed_order_has_its_numbers_in_service(deliver: Deliver, db: Connection) -> None:
    await deliver(command := hold(exact(A, B)))
    assert await deliver(completed(command, A, B)) == []
    assert await states(db) == {A: "assigned", B: "assigned"}


async def test_a_number_in_service_is_nobody_elses(deliver: Deliver, db: Connection) -> None:
    await deliver(command := hold(exact(A)))
    await deliver(completed(command, A))
    await deliver(completed(hold(exact(A)), A))
    assert reason_of((await deliver(hold(exact(A))))[0]) == "taken"


async def test_a_number_given_back_from_service_rests_and_is_free_after_that(deliver: Deliver, db: Connection) -> None:
    await deliver(command := hold(exact(A)))
    await deliver(completed(command, A))
    await deliver(release(command))
    assert await states(db) == {A: "quarantined"}
    assert reason_of((await deliver(hold(exact(A), reseller="borealis")))[0]) == "taken"
    await let_holds_end(db)
    assert numbers_of((await deliver(hold(exact(A), reseller="borealis")))[0]) == [[A]]


async def test_the_clock_forgets_what_nobody_keeps(deliver: Deliver, db: Connection) -> None:
    await deliver(kept := hold(exact(A)), hold(exact(B)))
    await deliver(completed(kept, A))
    await let_holds_end(db)
    assert await handlers.free_what_nobody_keeps(db) == []
    assert await states(db) == {A: "assigned"}


async def test_replicas_that_want_overlapping_numbers_neither_wait_for_ever_nor_share(database: Database) -> None:
    async with database.transaction() as db:
        await db.execute(BLOCKS)

    async def replica(numbers: list[int]) -> list[UUID]:
        commands = [hold(exact(*numbers[at : at + 3])) for at in range(0, 60, 3)]
        async with database.transaction() as db:
            held = await holding.hold(db, handlers.choose, commands, timedelta(hours=1))
            refused, _ = await holding.refusals(db, commands, held)
            await queries.give_back(db, refused)
            await db.close_up()
        return [command.order_id for command in commands if command.order_id not in refused]

    upwards = list(range(441214960000, 441214960060))
    won = await asyncio.gather(*(replica(upwards if n % 2 else upwards[::-1]) for n in range(6)))
    async with database.connection() as db:
        owners = [row.owner for row in await db.fetch("SELECT owner FROM number")]
    assert Counter(owners) == Counter({owner: 3 for owners in won for owner in owners})
