"""Whoever works on numbers at the same time: nobody waits in a circle, and no number is promised twice."""

import pytest

from numbers_service import picture
from patchbay_chassis.database import Connection, Database, give_back
from patchbay_chassis.testing import eventually
from patchbay_contracts.v1.blocks import BlockChanged

from .conftest import BLOCKS
from .contention import World
from .follower import Follower
from .test_feed import conserved

IMPATIENCE = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 50', current_database()); END $$"
"""Milliseconds after which PostgreSQL looks whether somebody waits in a circle; usually it takes a second."""
DEADLOCKS = """
    SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()
    AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND backend_type = 'client backend')"""
IN_SERVICE = """
    SELECT owner, e164 FROM number WHERE state = 'assigned'
    UNION ALL SELECT owner, generate_series(first, last) FROM span WHERE state = 'assigned'"""


@pytest.mark.parametrize("seed", range(3))
async def test_nobody_waits_in_a_circle_and_no_number_is_promised_twice(seed: int, database: Database) -> None:
    alone = await database.connect()
    await alone.execute(BLOCKS)
    await alone.execute(IMPATIENCE)
    follower = Follower()
    follower.hear(await picture.states(alone, 0, 100))

    world = World(seed, database)
    await world.run(consumers=4, batches=10)
    await give_back()
    await database.close()

    assert await eventually(lambda: deadlocks(alone)) == [0]
    assert world.broker.dead == []
    in_service: dict[object, set[int]] = {}
    for owner, number in await alone.fetch(IN_SERVICE):
        in_service.setdefault(owner, set()).add(number)
    assert in_service == world.in_service
    follower.hear(in_turn(world))
    assert await conserved(alone) == len(follower.free)
    there = await picture.of(alone, list(follower.blocks))
    assert [follower.checked(one.first) for one in there] == [one.checked() for one in there]
    await alone.close()


async def deadlocks(db: Connection) -> list[int]:
    """The deadlocks in this database, once all others have left it and said what they counted."""
    return [deadlocks for (deadlocks,) in await db.fetch(DEADLOCKS)]


def in_turn(world: World) -> list[BlockChanged]:
    """What was said about blocks, version by version; what was said twice, once."""
    changes = {(one.block, one.version): one for one in world.broker.said if isinstance(one, BlockChanged)}
    return [changes[version] for version in sorted(changes)]
