"""What a process does again and again, whatever it is. It imports little: a process need not be a service."""

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from patchbay_chassis.database import is_outage
from patchbay_chassis.log import log


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

    _settled = False

    async def collect(self) -> None:
        """The first time, what is there by then (an API's routes, templates) is left out from then on: it stays, and
        looking through it would stop everything else for tens of milliseconds each time."""
        gc.collect()
        if not self._settled:
            gc.freeze()
            self._settled = True
