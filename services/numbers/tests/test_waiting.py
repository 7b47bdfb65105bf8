"""What a transaction waits for when others are at the same numbers, and what it does instead."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from numbers_service import finding, in_service, queries, waiting
from numbers_service.matching import FromTables, Wanted
from numbers_service.model import Claim, Criteria, Search, Taker
from patchbay_chassis.database import Connection, Database, Overtaken
from patchbay_contracts.numbers import Filter

from .conftest import BLOCKS

A, B, C, D = range(441214960001, 441214960005)
KEEP = timedelta(hours=1)
Step = Callable[[Connection], Awaitable[object]]
ORDER, OTHER = (Taker(uuid4(), "acme") for _ in range(2))


@pytest_asyncio.fixture
async def inventory(database: Database) -> Database:
    async with database.transaction() as db:
        await db.execute(BLOCKS)
    return database


async def hold(db: Connection, taker: Taker, *numbers: int) -> list[int]:
    return sorted(kept.e164 for kept in await queries.hold(db, dict.fromkeys(numbers, Claim(taker)), KEEP))


async def held(database: Database, taker: Taker, *numbers: int) -> None:
    """All of them are held, or it fails."""
    async with database.transaction() as db:
        assert await hold(db, taker, *numbers) == sorted(numbers)
        await db.close_up()


async def must_be_overtaken(database: Database, *steps: Step) -> None:
    """Fails unless a transaction of these steps is."""

    async def work() -> None:
        async with database.transaction() as db:
            for step in steps:
                await step(db)

    with pytest.raises(Overtaken):
        await work()


def holding(taker: Taker, *numbers: int) -> Step:
    return lambda db: hold(db, taker, *numbers)


async def test_who_loses_a_number_is_not_in_its_owners_way(inventory: Database) -> None:
    await held(inventory, ORDER, A)
    async with inventory.transaction() as loser:
        assert await hold(loser, OTHER, A, B) == [B]
        async with inventory.transaction() as owner:
            assert await in_service.assign(owner, {A: ORDER.owner}) == {A}
            await owner.close_up()
        await loser.close_up()


async def test_a_named_number_that_is_being_let_go_of_is_asked_for_again_and_not_refused(inventory: Database) -> None:
    await held(inventory, ORDER, A)
    async with inventory.transaction() as sweep:
        await sweep.execute("UPDATE number SET held_until = now() - interval '1 s'")
        await sweep.close_up()
    async with inventory.transaction() as sweep:
        await in_service.free_again(sweep, most=10)
        await must_be_overtaken(inventory, holding(OTHER, A))
        await sweep.close_up()
    await held(inventory, OTHER, A)


@pytest.mark.parametrize(
    "late",
    [lambda db: queries.give_back(db, [ORDER.owner]), lambda db: in_service.assign(db, {A: ORDER.owner})],
    ids=["given back", "in service"],
)
async def test_a_row_that_somebody_else_changes_is_not_waited_for_by_who_has_others(
    inventory: Database, late: Step
) -> None:
    await held(inventory, ORDER, A)
    async with inventory.transaction() as other:
        await other.execute("SELECT FROM number WHERE e164 = $1 FOR UPDATE", A)
        await must_be_overtaken(inventory, holding(OTHER, B), late)


async def test_a_lower_number_than_those_that_one_has_is_not_waited_for(inventory: Database) -> None:
    await must_be_overtaken(inventory, holding(ORDER, B), holding(ORDER, A))
    async with inventory.transaction() as db:
        assert await hold(db, ORDER, A) == [A]
        assert await hold(db, ORDER, B) == [B]
        assert await hold(db, ORDER, A) == [A], "what one has is not waited for"
        await db.close_up()


class Told(FromTables):
    """Chooses what it is told to, round by round."""

    def __init__(self, *rounds: Sequence[int]) -> None:
        self._rounds = list(rounds)

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:  # noqa: ARG002 - as Choose
        return [list(self._rounds.pop(0)) if self._rounds else [] for _ in wanted]


def search(count: int) -> Search:
    return Search(ORDER, 0, (Criteria("public", "", Filter()),), count)


async def test_who_finds_only_lower_numbers_takes_all_of_them_together(inventory: Database) -> None:
    await held(inventory, OTHER, D)
    async with inventory.transaction() as db:
        found = await finding.hold(db, Told([B, D], [A]), [search(2)], {C: Claim(ORDER, 1)}, KEEP)
        assert sorted((kept.e164, line) for kept, line in found) == [(A, 0), (B, 0), (C, 1)]
        (changed,) = await db.close_up()
    assert changed.taken == ((A, C),)  # type: ignore[union-attr]
    async with inventory.connection() as db:
        assert [kept.e164 for kept, _ in sorted(await queries.held_by(db, [ORDER.owner]))] == [A, B, C]


def searching(*rounds: Sequence[int]) -> Step:
    return lambda db: finding.hold(db, Told(*rounds), [search(1)], {}, KEEP)


async def test_what_others_get_each_time_is_looked_for_again_later_and_not_refused(inventory: Database) -> None:
    await held(inventory, OTHER, A, B, C)
    await must_be_overtaken(inventory, searching([A], [B], [C]))


async def test_a_second_search_does_not_let_go_of_what_the_first_found(inventory: Database) -> None:
    await must_be_overtaken(inventory, searching([B]), searching([A]))


async def test_after_an_order_was_taken_back_no_number_is_waited_for(inventory: Database) -> None:
    await must_be_overtaken(inventory, lambda db: waiting.forbid(db, queries.STEP, [ORDER.owner]), holding(OTHER, A))
