"""The index in a process of the authority: begun from its own tables, and level with what is said."""

import asyncio
from datetime import timedelta

from numbers_service.choosing import FromIndex
from numbers_service.matching import FromTables, Wanted
from numbers_service.model import Criteria
from numbers_service.own_index import OwnTables
from numbers_service.search.replica import Replica
from patchbay_chassis.database import Database
from patchbay_chassis.follow import Follower
from patchbay_chassis.testing import eventually
from patchbay_contracts.numbers import Filter
from patchbay_contracts.v1.blocks import CHANGES, BlockChanged
from services.numbers.tests.conftest import BLOCKS
from services.numbers.tests.search.conftest import Topic

FIRST = 442079460000
TAKEN = """
    INSERT INTO number (e164, state, owner, line, reseller) VALUES ($1, 'assigned', gen_random_uuid(), 0, 'acme')"""
LONDON = [Wanted(Criteria("public", "", Filter(prefix="020")), 2, 2)]


async def test_it_begins_with_the_tables_and_follows_what_is_said(database: Database, topic: Topic) -> None:
    async with database.transaction() as db:
        await db.execute(BLOCKS)
        await db.execute(TAKEN, FIRST)
    replica = Replica(OwnTables(database), Follower(CHANGES, topic.settings))
    following = asyncio.create_task(replica.run())
    choose = FromIndex(replica, FromTables(), timedelta(seconds=60))

    async def chosen(numbers: list[int]) -> bool:
        async with database.connection() as db:
            return replica.freshness().age < 60 and await choose.candidates(db, LONDON) == [numbers]

    await eventually(lambda: chosen([FIRST + 1, FIRST + 2]))
    await topic.say(BlockChanged(block=FIRST, version=2, taken=((FIRST + 1, FIRST + 1),)))
    await eventually(lambda: chosen([FIRST + 2, FIRST + 3]))
    async with database.transaction() as db:
        await db.execute(TAKEN, FIRST + 2)
        await db.execute("UPDATE block SET version = 3 WHERE first = $1", FIRST)
    async with database.connection() as db:
        (all_there,) = await choose.candidates(db, [LONDON[0]._replace(many=20, enough=20)])
    assert all_there == [FIRST + 1, *range(FIRST + 3, FIRST + 20)], "as the tables say, not as it was said"
    following.cancel()


async def test_what_was_said_and_missed_is_read_from_the_tables(database: Database) -> None:
    async with database.transaction() as db:
        await db.execute(BLOCKS)
    tables = OwnTables(database)
    page = await tables.blocks(after=0, most=100)
    assert [block.block for block in page.blocks][-1] == FIRST + 10
    assert page.next is None
    assert (await tables.blocks(after=page.blocks[0].block, most=1)).next == page.blocks[1].block
    assert await tables.block(FIRST) == page.blocks[-2]
    assert await tables.block(FIRST + 1) is None
    assert (await tables.grades()).version == 0
