"""Public events as they come: server-sent events, and pages that wait for the next event."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress

from gateway_service import events
from gateway_service.event_queries import Told, Wanted
from gateway_service.events import Cursor, Page
from gateway_service.events_tail import Tail
from patchbay_chassis.database import Database
from patchbay_chassis.problems import Problem

HEARTBEAT = 10.0
"""Seconds after which a line is sent though nothing happened, so that nobody in between takes it for dead."""


class Streams:
    """What stays open for long, so much of it for each client."""

    def __init__(self, database: Database, tail: Tail, most: int) -> None:
        self._database = database
        self._tail = tail
        self._most = most
        self._open: Counter[str] = Counter()

    def check(self, client: str) -> None:
        """Raises Problem 429 if so many are open that there is no room for another."""
        if self._open[client] >= self._most:
            detail = f"{self._most} streams of this key are open on this gateway: close some, or follow more with one."
            raise Problem(429, "Too many streams are open", detail, headers={"Retry-After": "10"})

    @contextmanager
    def _one_more(self, client: str) -> Iterator[None]:
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    async def events(self, client: str, wanted: Wanted, after: Cursor | None) -> AsyncGenerator[bytes]:
        """What happens from there on, or from now, until either side has enough."""
        with self._one_more(client), self._tail.listener(wanted) as listener:
            yield b"retry: 2000\n\n"
            async for told in self._tail.follow(listener, after, HEARTBEAT):
                yield b"".join(map(_event, told)) or b": nothing new\n\n"

    async def page(self, client: str, wanted: Wanted, after: Cursor | None, limit: int, wait: float) -> Page:
        """A page; an empty one only when nothing came in so many seconds. Raises Problem 429."""
        if not wait:
            return await self._page(wanted, after, limit)
        self.check(client)
        with self._one_more(client), self._tail.listener(wanted) as listener:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    while not self._tail.closed:
                        listener.woken.clear()  # before the log is read: what comes meanwhile wakes anew
                        page = await self._page(wanted, after, limit)
                        if page.told or page.more:
                            return page
                        await listener.woken.wait()
            return await self._page(wanted, after, limit)

    async def _page(self, wanted: Wanted, after: Cursor | None, limit: int) -> Page:
        async with self._database.connection() as db:
            return await events.page(db, wanted, after, limit)


def _event(told: Told) -> bytes:
    """Its id is a cursor, with which a replay can go on as well. The body has no line break in it."""
    return b"id: %s\ndata: %s\n\n" % (events.written(Cursor(told.place, told.at)).encode(), told.body)
