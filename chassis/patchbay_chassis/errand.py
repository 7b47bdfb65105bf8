"""Work outside a transaction: mails, the network, webhooks. Taken with a lease, done, recorded; at least once."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from patchbay_chassis import metrics
from patchbay_chassis.crash import crash
from patchbay_chassis.database import Connection, Database, Held, is_outage
from patchbay_chassis.envelope import Said
from patchbay_chassis.log import log
from patchbay_chassis.turn import Turns

J = TypeVar("J")
R = TypeVar("R")


class Jobs(Generic[J]):
    """What is to be done, as far as this process knows without asking the database; it asks at least once in `idle`.

    `most` are kept: what a slow network holds up waits in the database, where every replica finds it.
    """

    def __init__(self, idle: timedelta = timedelta(seconds=1), most: int = 4_000) -> None:
        self._idle = idle.total_seconds()
        self._most = most
        self._here: deque[tuple[float, J]] = deque()
        self._looked_at = -self._idle
        self._wake = asyncio.Event()

    def room(self) -> int:
        """How many more may be handed over."""
        return self._most - len(self._here)

    def hand_over(self, jobs: Iterable[J], lease: timedelta) -> None:
        """These were written a moment ago as taken by this process, for so long: nobody needs to look for them."""
        until = time.monotonic() + lease.total_seconds()
        self._here.extend((until, job) for job in jobs)
        self._wake.set()

    def look(self) -> None:
        """There is something in the database."""
        self._looked_at = -self._idle
        self._wake.set()

    def should_look(self) -> bool:
        """Whether to ask the database now."""
        now = time.monotonic()
        if now - self._looked_at < self._idle:
            return False
        self._looked_at = now
        return True

    def next(self, most: int) -> list[J]:
        """Up to so many of those that were handed over. One whose lease ran out is somebody else's by now."""
        found, now = list[J](), time.monotonic()
        while self._here and len(found) < most:
            until, job = self._here.popleft()
            if until > now:
                found.append(job)
        return found

    async def wait(self) -> None:
        """Return when there is something, or when it is time to look whether there is."""
        self._wake.clear()
        rest = self._looked_at + self._idle - time.monotonic()
        if not self._here and rest > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), rest)


@dataclass(frozen=True)
class Errand(Generic[J, R]):
    """`take` claims up to `most` jobs that are due, moving their due time ahead; `run` does them without a
    database and does not raise for a failure that is to be expected; `record` writes the results and may say
    messages. A process that dies in between leaves jobs that are due again when their lease ends, or when it is back.
    """

    name: str
    jobs: Jobs[J]
    take: Callable[[Connection, int], Awaitable[Sequence[J]]]
    run: Callable[[Sequence[J]], Awaitable[Sequence[R]]]
    record: Callable[[Sequence[R], Connection], Awaitable[Sequence[Said]]]
    inherit: Callable[[Connection], Awaitable[None]] | None = None
    """Called once at the start, where it is given: makes due what this replica had in hand when it died."""
    most: int = 100
    workers: int = 1

    async def work(self, database: Database, turns: Turns) -> None:
        """Go on for ever: rounds while there is work, then wait for more."""
        held, tries, inherit = Held(database), 0, self.inherit
        while True:
            await self.jobs.wait()
            try:
                if inherit is not None:
                    async with held.transaction() as db:
                        await inherit(db)
                    inherit = None
                await self._round(held, turns)
                tries = 0
            except Exception as error:
                if not is_outage(error):
                    raise
                tries += 1
                self.jobs.look()
                log.warning("errand.delayed", errand=self.name, error=repr(error))
                await asyncio.sleep(min(5.0, 0.1 * 2**tries) * random.uniform(0.5, 1))  # noqa: S311 - jitter

    async def _round(self, held: Held, turns: Turns) -> None:
        began = time.perf_counter()
        jobs: Sequence[J] = ()
        if self.jobs.should_look():
            async with held.transaction() as db:
                jobs = await self.take(db, self.most)
            if len(jobs) == self.most:
                self.jobs.look()
        jobs = jobs or self.jobs.next(self.most)
        if not jobs:
            return
        results = await self.run(jobs)
        crash("after_errand")
        async with turns.turn(held) as turn:
            turn.say(*await self.record(results, turn.db))
        metrics.errand_seconds.labels(self.name).observe(time.perf_counter() - began)
