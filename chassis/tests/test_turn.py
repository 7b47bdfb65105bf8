"""Work in turns: done again where another transaction was in its way, and only then."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from patchbay_chassis.database import Connection, Database, Overtaken
from patchbay_chassis.envelope import Envelope
from patchbay_chassis.producer import Producer
from patchbay_chassis.turn import PAUSES, Turn, Turns
from toy.main import Pong

PING = "INSERT INTO ping (id, word) VALUES ($1, 'ping')"
PINGS = "SELECT count(*) FROM ping"
SAID = "SELECT count(*) FROM journal"


class Broker(Producer):
    """Acks everything."""

    async def send(self, said: Sequence[Envelope]) -> None:
        pass


@pytest.fixture
def turns(database: Database) -> Turns:
    return Turns(database, Broker("nowhere:1", "patchbay/toy", ""))


async def test_work_that_is_overtaken_is_done_again_and_counts_once(turns: Turns, database: Database) -> None:
    tries = 0

    async def work(turn: Turn) -> str:
        nonlocal tries
        tries += 1
        await turn.db.execute(PING, uuid4())
        turn.say(Pong(order_id=uuid4(), reseller="acme"))
        if tries < 3:
            raise Overtaken
        return "done"

    assert await turns.carry_out(work) == "done"
    async with database.connection() as db:
        assert (await db.fetchval(PINGS), await db.fetchval(SAID)) == (1, 1)


async def test_work_that_is_overtaken_again_and_again_is_given_up(turns: Turns, database: Database) -> None:
    tries = 0

    async def work(turn: Turn) -> None:
        nonlocal tries
        tries += 1
        await turn.db.execute(PING, uuid4())
        raise Overtaken

    with pytest.raises(Overtaken):
        await turns.carry_out(work)
    assert tries == len(PAUSES) + 1
    async with database.connection() as db:
        assert await db.fetchval(PINGS) == 0


async def test_two_that_deadlock_both_get_through(turns: Turns, database: Database) -> None:
    one, other = uuid4(), uuid4()
    async with database.transaction() as db:
        await db.executemany(PING, [(one,), (other,)])
    both_began, tries = asyncio.Barrier(2), 0

    async def touch(db: Connection, id_: UUID) -> None:
        await db.execute("UPDATE ping SET word = word || '!' WHERE id = $1", id_)

    async def work(turn: Turn, first: UUID, second: UUID) -> None:
        nonlocal tries
        tries += 1
        await touch(turn.db, first)
        if tries <= 2:
            await both_began.wait()
        await touch(turn.db, second)

    await asyncio.gather(
        turns.carry_out(lambda turn: work(turn, one, other)), turns.carry_out(lambda turn: work(turn, other, one))
    )
    assert tries == 3
    async with database.connection() as db:
        assert {row.word for row in await db.fetch("SELECT word FROM ping")} == {"ping!!"}


async def test_work_that_fails_otherwise_is_not_done_again(turns: Turns) -> None:
    tries = 0

    async def work(turn: Turn) -> None:
        nonlocal tries
        tries += 1
        raise ValueError("wrong for ever")

    with pytest.raises(ValueError, match="wrong for ever"):
        await turns.carry_out(work)
    assert tries == 1
