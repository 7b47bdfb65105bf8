"""As of when orders are shown: what was said about them until then is in what is read. Told in the header `As-Of`."""

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta

from starlette.responses import Response

from gateway_service.machine import FRESH_FOR, Machine
from patchbay_chassis.problems import Problem

HEADER = "As-Of"


class AsOf:
    """What was found out last, which stays true. Who reads waits for nothing, and has it found out for the next."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: datetime | None = None
        self._asked = -FRESH_FOR
        self._asking: asyncio.Task[None] | None = None

    def on(self, answer: Response) -> Response:
        """The answer with the header, once it is known."""
        if self._known is not None:
            answer.headers[HEADER] = self._known.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.look()
        return answer

    def look(self) -> None:
        """Find it out, aside, unless that was done a moment ago."""
        if (self._asking is None or self._asking.done()) and time.monotonic() - self._asked >= FRESH_FOR:
            self._asked = time.monotonic()
            self._asking = asyncio.create_task(self._ask(), name="as_of")

    async def _ask(self) -> None:
        with suppress(Problem):  # while Kafka is away, nothing newer is known
            lag = await self._machine.lag()
            (orders,) = (one for one in lag["read_models"] if one["name"] == "orders")
            if orders["behind_ms"] is not None:
                found = lag["as_of"] - timedelta(milliseconds=orders["behind_ms"])
                self._known = max(found, self._known or found)

    async def close(self) -> None:
        """Nobody reads any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
