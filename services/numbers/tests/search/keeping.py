"""Replicas that run within a test, and whether they know what the house knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from numbers_service.search.replica import Replica
from numbers_service.search.snapshots import Snapshots
from numbers_service.search.source import Source
from patchbay_chassis.follow import Follower
from patchbay_chassis.settings import ProcessSettings
from patchbay_chassis.testing import eventually
from patchbay_contracts.v1.blocks import CHANGES
from services.numbers.tests.search.house import House


def replica(source: Source, settings: ProcessSettings, store: str = "", kept: int = 3) -> Replica:
    snapshots = Snapshots(store, "1", kept) if store else None
    return Replica(source, Follower(CHANGES, settings), snapshots, timedelta(hours=1))


@asynccontextmanager
async def running(one: Replica) -> AsyncIterator[Replica]:
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def knows(one: Replica, house: House) -> None:
    """Wait until the replica's index adds up, block by block, to what the house has."""

    async def same() -> bool:
        return one.freshness().age < 2 and all(
            one.index.version(first) == house.versions[first]
            and one.index.checksum(first) == (house.checked(first).free, house.checked(first).crc)
            for first in house.blocks
        )

    await eventually(same)
