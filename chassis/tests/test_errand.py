"""What is to be done outside of transactions: handed over within the process, or found by a look into the database."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from patchbay_chassis.database import Connection, Database, give_back
from patchbay_chassis.envelope import Said
from patchbay_chassis.errand import Errand, Jobs
from patchbay_chassis.producer import Producer
from patchbay_chassis.testing import eventually
from patchbay_chassis.turn import Turns

MINUTE, HOUR, AT_ONCE = timedelta(minutes=1), timedelta(hours=1), timedelta(0)
A_MOMENT = timedelta(milliseconds=200)


def looked(jobs: Jobs[str]) -> Jobs[str]:
    """They have just been looked for."""
    assert jobs.should_look()
    return jobs


async def test_jobs_that_were_handed_over_come_in_their_order_without_a_look() -> None:
    jobs = looked(Jobs[str](idle=HOUR))
    jobs.hand_over(["first", "second"], MINUTE)
    jobs.hand_over(["third"], MINUTE)
    await asyncio.wait_for(jobs.wait(), 1)
    assert not jobs.should_look()
    assert [jobs.next(2), jobs.next(2), jobs.next(2)] == [["first", "second"], ["third"], []]


async def test_whoever_waits_is_woken_by_what_is_handed_over() -> None:
    jobs = looked(Jobs[str](idle=HOUR))
    waiting = asyncio.create_task(jobs.wait())
    assert await asyncio.wait([waiting], timeout=0.05) == (set(), {waiting})
    jobs.hand_over(["first"], MINUTE)
    await asyncio.wait_for(waiting, 1)


async def test_whoever_waits_is_woken_to_look_when_there_is_something_in_the_database() -> None:
    jobs = looked(Jobs[str](idle=HOUR))
    waiting = asyncio.create_task(jobs.wait())
    assert await asyncio.wait([waiting], timeout=0.05) == (set(), {waiting})
    jobs.look()
    await asyncio.wait_for(waiting, 1)
    assert jobs.should_look()


async def test_a_job_whose_lease_ran_out_is_dropped() -> None:
    jobs = Jobs[str]()
    jobs.hand_over(["late", "later"], AT_ONCE)
    jobs.hand_over(["in time"], MINUTE)
    assert jobs.next(1) == ["in time"]
    assert jobs.room() == Jobs[str]().room()


async def test_a_look_is_due_again_when_nothing_was_heard_for_a_while() -> None:
    jobs = looked(Jobs[str](idle=A_MOMENT))
    assert not jobs.should_look()
    async with asyncio.timeout(5):
        while not jobs.should_look():
            await jobs.wait()
    assert not jobs.should_look()


async def test_a_look_is_due_again_however_much_is_handed_over() -> None:
    jobs = looked(Jobs[str](idle=A_MOMENT))
    async with asyncio.timeout(5):
        while not jobs.should_look():
            jobs.hand_over(["one more"], MINUTE)
            await jobs.wait()
            assert jobs.next(1) == ["one more"]
            await asyncio.sleep(0)


async def test_there_is_room_for_so_many_until_they_are_taken() -> None:
    jobs = Jobs[str](most=3)
    assert jobs.room() == 3
    jobs.hand_over(["first", "second"], MINUTE)
    assert jobs.room() == 1
    assert jobs.next(1) == ["first"]
    assert jobs.room() == 2


async def test_an_errand_inherits_first_does_what_it_is_handed_and_asks_the_database_only_now_and_then(
    database: Database,
) -> None:
    jobs, looks, done = Jobs[str](idle=HOUR), list[int](), list[str]()
    inherited = list[bool]()

    async def take(_: Connection, most: int) -> Sequence[str]:
        looks.append(most)
        return ["found"]

    async def run(given: Sequence[str]) -> Sequence[str]:
        return given

    async def record(results: Sequence[str], _: Connection) -> Sequence[Said]:
        done.extend(results)
        return []

    async def inherit(_: Connection) -> None:
        assert looks == [], "what a dead replica left is due before anybody looks"
        inherited.append(True)

    async def are_done(*expected: str) -> bool:
        return done == list(expected)

    errand = Errand("toys", jobs, take, run, record, inherit, most=10)
    working = asyncio.create_task(errand.work(database, Turns(database, Producer("nowhere:1", "patchbay/toy", ""))))
    await eventually(lambda: are_done("found"), within=5)
    jobs.hand_over(["handed over"], MINUTE)
    await eventually(lambda: are_done("found", "handed over"), within=5)
    assert looks == [10]
    assert inherited == [True]
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    await give_back()
