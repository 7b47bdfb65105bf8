"""Choosing "n that match" from an index that is a moment behind the tables."""

import tracemalloc
from collections import deque
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from numbers_service import choosing, finding
from numbers_service.choosing import FromIndex
from numbers_service.matching import FromTables
from numbers_service.model import Criteria, Search, Taker
from numbers_service.waiting import Locked
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import Filter
from services.numbers.tests.behind import BOUND, FIRST, NO_DATABASE, Asked, Behind, Clock, from_index, wanted

KEEP = timedelta(hours=1)


async def test_at_rest_the_lowest_are_chosen_and_nothing_twice() -> None:
    choose = from_index(Behind(), Asked())
    first, second = await choose.candidates(NO_DATABASE, [wanted(3), wanted(2, ends_with="1")])
    assert (first, second) == ([FIRST, FIRST + 1, FIRST + 2], [FIRST + 11, FIRST + 21])


async def test_what_was_tried_is_not_chosen_again_before_the_index_can_show_what_became_of_it() -> None:
    choose = from_index(Behind(), Asked(), clock := Clock())
    choose.tried([FIRST, FIRST + 1])
    clock.now = 2.0
    assert await choose.candidates(NO_DATABASE, [wanted(2)]) == [[FIRST + 2, FIRST + 3]]
    clock.now = 10.0
    assert await choose.candidates(NO_DATABASE, [wanted(2)]) == [[FIRST, FIRST + 1]]


async def test_choosing_copies_nothing_of_what_was_tried() -> None:
    choose = from_index(Behind(), Asked())
    choose.tried(range(10**9, 10**9 + 100_000))
    await choose.candidates(NO_DATABASE, [wanted(2)])
    tracemalloc.start()
    await choose.candidates(NO_DATABASE, [wanted(2)])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000, "a set of a hundred thousand has four million bytes"


async def test_an_index_that_is_too_far_behind_is_not_asked() -> None:
    choose = from_index(Behind(age=BOUND.total_seconds() + 0.1), tables := Asked())
    assert await choose.candidates(NO_DATABASE, [wanted(2)]) == [[]]
    assert tables.wanted == [wanted(2)]


async def test_what_is_scarce_is_given_as_far_as_it_is_enough() -> None:
    choose = from_index(Behind(), Asked())
    (found,) = await choose.candidates(NO_DATABASE, [wanted(22, ends_with="77")._replace(enough=2)])
    assert found == list(range(FIRST + 77, FIRST + 1_000, 100))


async def test_random_numbers_are_not_simply_the_lowest() -> None:
    choose = from_index(Behind(), Asked())
    (numbers,) = await choose.candidates(NO_DATABASE, [wanted(20, method="random")])
    assert len(set(numbers)) == 20
    assert sorted(numbers) != list(range(FIRST, FIRST + 20))


async def test_a_run_is_one_that_is_not_tried_already() -> None:
    choose = from_index(Behind(), Asked())
    choose.tried([FIRST + 5])
    (run,) = await choose.candidates(NO_DATABASE, [wanted(20, method="run", aligned=10)])
    assert run[0] % 10 == 0
    assert run == list(range(run[0], run[0] + 20))
    assert FIRST + 5 not in run


class Picker:
    """A process that takes numbers as fast as it can, and hears of what was taken when it is some time ago."""

    def __init__(self, db: Connection, clock: Clock, seed: int, lag: float) -> None:
        self.db, self.replica, self.clock, self.lag = db, Behind(size=10_000), clock, lag
        self.choose = from_index(self.replica, Asked(), clock, seed)
        self.said: deque[tuple[float, Collection[int]]] = deque()
        self.tried = self.won = 0

    async def pick(self, free: set[int], others: "Sequence[Picker]") -> None:
        while self.said and self.said[0][0] <= self.clock.now - self.lag:
            self.replica.taken(*self.said.popleft()[1])
        (numbers,) = await self.choose.candidates(self.db, [wanted(10)])
        self.choose.tried(numbers)
        won = free.intersection(numbers)
        free -= won
        self.tried, self.won = self.tried + len(numbers), self.won + len(won)
        for picker in others:
            picker.said.append((self.clock.now, won))


async def tried_per_won(db: Connection, lag: float) -> float:
    clock, free = Clock(), set(range(FIRST, FIRST + 10_000))
    pickers = [Picker(db, clock, seed, lag) for seed in range(2)]
    for _ in range(200):
        for picker in pickers:
            await picker.pick(free, pickers)
        clock.now += 0.01
    return sum(picker.tried for picker in pickers) / sum(picker.won for picker in pickers)


async def test_two_who_are_behind_hardly_ever_want_the_same(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await tried_per_won(db, lag=0.2) <= 1.2
    monkeypatch.setattr(choosing, "WIDE", 0)
    assert await tried_per_won(db, lag=0.2) >= 1.8, "always the lowest: every second one was somebody else's already"


def search(taker: Taker, count: int, **filter_: Any) -> Search:
    return Search(taker, 0, (Criteria("public", "", Filter(**filter_)),), count)


async def found(db: Connection, choose: FromIndex, search: Search) -> list[int]:
    db.gather(Locked).highest = -1  # as if it were another transaction
    return sorted(kept.e164 for kept, _ in await finding.hold(db, choose, [search], {}, KEEP))


@pytest.mark.usefixtures("blocks")
async def test_what_the_index_takes_for_free_and_the_tables_do_not_is_never_held_twice(db: Connection) -> None:
    one, other = Taker(uuid4(), "acme"), Taker(uuid4(), "acme")
    held = {
        order.owner: await found(db, from_index(Behind(), FromTables()), search(order, 5, prefix="0121"))
        for order in (one, other)
    }
    assert held[one.owner] == list(range(FIRST, FIRST + 5))
    assert len(held[other.owner]) == 5
    assert {row.e164: row.owner for row in await db.fetch("SELECT e164, owner FROM number")} == {
        number: owner for owner, numbers in held.items() for number in numbers
    }


@pytest.mark.usefixtures("blocks")
async def test_of_a_run_that_is_not_all_free_nothing_is_kept(db: Connection) -> None:
    one, other = Taker(uuid4(), "acme"), Taker(uuid4(), "acme")
    await found(db, from_index(Behind(), FromTables()), search(other, 5))
    run = await found(db, from_index(Behind(), FromTables()), search(one, 20, method="run"))
    assert run == list(range(run[0], run[0] + 20))
    assert run[0] >= FIRST + 5
    assert await db.fetchval("SELECT count(*) FROM number WHERE owner = $1", one.owner) == 20


@pytest.mark.usefixtures("blocks")
async def test_strictly_the_lowest_are_those_that_the_tables_say(db: Connection) -> None:
    choose = from_index(replica := Behind(), FromTables())
    replica.taken(*range(FIRST, FIRST + 10))
    assert await found(db, choose, search(Taker(uuid4(), "acme"), 2)) == [FIRST + 10, FIRST + 11]
    assert await found(db, choose, search(Taker(uuid4(), "acme"), 2, prefix="0121", lowest=True)) == [FIRST, FIRST + 1]
