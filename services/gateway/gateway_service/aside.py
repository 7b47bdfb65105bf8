"""What is done aside, so that no request waits for it; and it is done before the process ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from patchbay_chassis.database import is_outage
from patchbay_chassis.log import log


class Aside:
    """Runs what it is given. An outage is passed over: nothing here decides anything."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, work: Coroutine[Any, Any, None], what: str) -> None:
        """Begin it."""
        task = asyncio.create_task(_through(work, what), name=what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def done(self) -> None:
        """Return when all that was begun has ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)


async def _through(work: Coroutine[Any, Any, None], what: str) -> None:
    try:
        await work
    except Exception as error:
        if not is_outage(error):
            log.error("aside.failed", what=what, exc_info=error)
        else:
            log.warning("aside.passed_over", what=what, error=repr(error))
