"""How long a body is waited for. A timer for each request would cost more than all else that is done before its route,
so one timer looks at all that are still being read."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.types import Receive, Scope

from gateway_service import replays
from gateway_service.settings import Settings
from patchbay_chassis.problems import Problem

_STREAMED = (*replays.STREAMED, "/v1/inventory/")
"""What goes through to its owner does so while it comes, whole or not."""
_GONE = {"type": "http.disconnect"}


class Patience:
    """A request's body has to be there in time; a stream may take long, but may not stand still."""

    def __init__(self, settings: Settings) -> None:
        self._body, self._silence = settings.body_limit.total_seconds(), settings.silence_limit.total_seconds()
        self._every = min(1.0, self._body / 2, self._silence / 2)
        self._reading: dict[asyncio.Task[Any], float] = {}
        self._given_up: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def with_limit(self, scope: Scope, receive: Receive) -> Receive:
        """The request's body, piece by piece. Raises Problem 408; a stream ends like one that was cut off."""
        streamed = scope["path"].startswith(_STREAMED)
        loop = asyncio.get_running_loop()
        until = loop.time() + (self._silence if streamed else self._body)
        whole = False

        async def in_time() -> MutableMapping[str, Any]:
            nonlocal whole, until
            if whole:  # what is waited for now is the end of the connection
                return await receive()
            task = asyncio.current_task()
            assert task is not None
            self._watch(task, until, loop)
            try:
                message = await receive()
            except asyncio.CancelledError:
                if task not in self._given_up or task.uncancel():
                    raise
                if streamed:
                    return _GONE
                raise too_slow(self._body) from None
            finally:
                self._reading.pop(task, None)
                self._given_up.discard(task)
            whole = not message.get("more_body", False)
            if streamed:
                until = loop.time() + self._silence
            return message

        return in_time

    def _watch(self, task: asyncio.Task[Any], until: float, loop: asyncio.AbstractEventLoop) -> None:
        self._reading[task] = until
        if self._timer is None:
            self._timer = loop.call_later(self._every, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task in [task for task, until in self._reading.items() if until <= now]:
            del self._reading[task]
            self._given_up.add(task)
            task.cancel()
        self._timer = loop.call_later(self._every, self._look, loop) if self._reading else None


def too_slow(limit: float) -> Problem:
    """The body did not come in time."""
    detail = f"The whole request has to be here within {limit:.0f} s. Nothing was done: send it again, or in parts."
    return Problem(408, "The request came too slowly", detail, headers={"Connection": "close"})
