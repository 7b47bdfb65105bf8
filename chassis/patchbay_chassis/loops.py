"""What a process does again and again, whatever it is. It imports little: a process need not be a service."""

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from patchbay_chassis.database import is_outage
from patchbay_chassis.log import log

WHOLE = 150
"""Every so many times the collector looks through all that there is."""


async def regularly(every: timedelta, do: Callable[[], Awaitable[None]], name: str) -> None:
    """Call it at that interval for ever, through outages. Any other error ends the process: it is a bug."""
    while True:
        await asyncio.sleep(every.total_seconds() * random.uniform(0.9, 1.1))  # noqa: S311 - jitter
        try:
            await do()
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("clock.delayed", task=name, error=repr(error))


class Collector:
    """Frees what only refers to itself: mails do, fifty objects each. Often, so that nobody waits long for it."""

    _times = 0

    async def collect(self) -> None:
        """Only what is new since the last time is looked through, or everything else would stop for a tenth of a second
        each time; the rest seldom. What is there the first time (an API's routes, templates) stays, and is left out."""
        gc.collect(1 if self._times % WHOLE else 2)
        if not self._times:
            gc.freeze()
        self._times += 1
