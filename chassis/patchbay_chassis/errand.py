"""Work outside a transaction: mails, the network, webhooks. Taken with a lease, done, recorded; at least once."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from patchbay_chassis import metrics
from patchbay_chassis.crash import crash
from patchbay_chassis.database import Held, is_outage
from patchbay_chassis.envelope import Said
from patchbay_chassis.log import log
from patchbay_chassis.turn import Turns

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True)
class Errand(Generic[J, R]):
    """`take` claims up to `most` jobs that are due, moving their due time ahead; `run` does them without a
    database and does not raise for a failure that is to be expected; `record` writes the results and may say
    messages. A process that dies in between leaves jobs that are due again when their lease ends.
    """

    name: str
    take: Callable[[AsyncConnection, int], Awaitable[Sequence[J]]]
    run: Callable[[Sequence[J]], Awaitable[Sequence[R]]]
    record: Callable[[Sequence[R], AsyncConnection], Awaitable[Sequence[Said]]]
    most: int = 100
    idle: timedelta = timedelta(seconds=1)
    workers: int = 1

    async def work(self, engine: AsyncEngine, turns: Turns, woken: Callable[[], asyncio.Event]) -> None:
        """Go on for ever: rounds while there is work, then wait until woken or `idle` has passed."""
        held, event, tries = Held(engine), woken(), 0
        while True:
            event.clear()
            try:
                found = await self._round(held, turns)
                tries = 0
            except Exception as error:
                if not is_outage(error):
                    raise
                tries += 1
                log.warning("errand.delayed", errand=self.name, error=repr(error))
                await asyncio.sleep(min(5.0, 0.1 * 2**tries) * random.uniform(0.5, 1))  # noqa: S311 - jitter
                continue
            if found < self.most:
                try:
                    await asyncio.wait_for(event.wait(), self.idle.total_seconds())
                except TimeoutError:
                    continue

    async def _round(self, held: Held, turns: Turns) -> int:
        began = time.perf_counter()
        async with held.transaction() as db:
            jobs = await self.take(db, self.most)
        if not jobs:
            return 0
        results = await self.run(jobs)
        crash("after_errand")
        async with turns.turn(held) as turn:
            turn.say(*await self.record(results, turn.db))
        metrics.errand_seconds.labels(self.name).observe(time.perf_counter() - began)
        return len(jobs)
