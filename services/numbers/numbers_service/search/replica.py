"""The inventory's picture in this process, for whoever searches it: a search replica, or the authority itself."""

import asyncio
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from numbers_service.grading import DEFAULT
from numbers_service.index import Index
from numbers_service.index.wanted import Wanted
from numbers_service.search import metrics, start
from numbers_service.search.feed import Feed
from numbers_service.search.snapshots import Snapshot, Snapshots
from numbers_service.search.source import Source
from patchbay_chassis.follow import Follower, Positions
from patchbay_chassis.loops import regularly

SETTLE = timedelta(seconds=0.5)
COUNT = timedelta(seconds=5)


class Freshness(NamedTuple):
    """`changes`: messages of the feed that are behind us; `at`: when we last were level (seconds since 1970), 0 before
    that; `age`: how many seconds that is ago."""

    changes: int
    at: float
    age: float


class Replica:
    """Begins, follows, repairs, and takes snapshots if it is told where to. `index` is to be asked only while it is
    fresh enough for the asker: it is empty at first, and another one after `run` had to begin anew."""

    def __init__(
        self,
        source: Source,
        follower: Follower,
        snapshots: Snapshots | None = None,
        snapshot_every: timedelta = timedelta(minutes=5),
    ) -> None:
        self._source, self._follower, self._snapshots = source, follower, snapshots
        self._every = snapshot_every
        self._feed = Feed(Index(DEFAULT), source)
        self._kept: Positions = {}

    @property
    def index(self) -> Index:
        """As level as `freshness` says."""
        return self._feed.index

    def freshness(self) -> Freshness:
        """How level the index is: what was said and not understood yet counts as not seen."""
        at = min(self._follower.level_at, self._feed.behind_since or float("inf"))
        return Freshness(sum(self._follower.positions.values()), at, max(0.0, time.time() - at))

    async def look_again(self, blocks: Iterable[int]) -> None:
        """Bring these blocks level, before what became of them is said. Raises OSError while it cannot be asked."""
        await self._feed.look_again(blocks)

    async def run(self) -> None:
        """For ever; outages of Kafka, the authority and the store are waited for."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(regularly(SETTLE, self._settle, "repairs"))
            tasks.create_task(regularly(COUNT, self._count, "counts"))
            if self._snapshots is not None:
                tasks.create_task(regularly(self._every, self.keep, "snapshots"))

    async def keep(self) -> None:
        """Take a snapshot, if there is anything new and nothing lacks. Raises OSError while the store is away."""
        feed, positions = self._feed, self._follower.positions
        if self._snapshots is None or feed.behind_since is not None or positions == self._kept:
            return
        self._kept = positions
        await self._snapshots.write(Snapshot(self._follower.topic, positions, feed.grades, feed.index))

    async def _follow(self) -> None:
        while True:
            begun = await start.begin(self._source, self._follower, self._snapshots)
            self._feed, self._kept = Feed(begun.index, self._source, begun.grades), begun.positions
            await self._follower.follow(begun.positions, self._feed.take)

    async def _settle(self) -> None:
        await self._feed.settle()

    async def _count(self) -> None:
        index = self.index
        directory = index.directory
        metrics.numbers.set(sum(directory.lasts) - sum(directory.firsts) + len(directory))
        metrics.free.set(index.search(Wanted(pools=index.pools, exact_counts=True)).total if index.pools else 0)
        metrics.lag_seconds.set(self.freshness().age)
