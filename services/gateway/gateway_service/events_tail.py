"""The end of the event log, read once for all who listen in this process: streams, long polls, webhooks."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from weakref import WeakKeyDictionary, WeakSet

from gateway_service import event_queries, events
from gateway_service.event_queries import END, Place, Told, Wanted
from gateway_service.events import Cursor
from patchbay_chassis.database import Database, is_outage
from patchbay_chassis.log import log

SOON, LATE = 0.01, 0.1
"""Seconds between two looks: soon after something came, and when it has been quiet. What this process writes is looked
for at once."""
AT_ONCE = 500
MOST_WAITING = 1_000
"""Events kept for one who is slow; one who is slower reads them from the log."""
PAGE = 200


class Listener:
    """Somebody who is told what he wants to hear of."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.joined: Place | None = None
        """What is behind this place is handed over; what is before it stands in the log. None: not known yet."""
        self.reached: Place | None = None
        """All before this place is told, if that is known."""
        self.woken = asyncio.Event()
        self._waiting: deque[Told] = deque()

    def offer(self, told: Told) -> None:
        """Hand it over, if it is wanted."""
        wanted = self.wanted
        if (
            (wanted.types and told.type not in wanted.types)
            or (wanted.order is not None and told.order_id != wanted.order)
            or (wanted.batch is not None and told.batch_id != wanted.batch)
        ):
            return
        self._waiting.append(told)
        if len(self._waiting) > MOST_WAITING:
            self.joined = None
            self._waiting.clear()
        self.woken.set()

    def take(self, after: Place) -> list[Told]:
        """What was handed over and stands behind that place."""
        taken = [told for told in self._waiting if told.place > after]
        self._waiting.clear()
        return taken


_tails: WeakKeyDictionary[Database, "Tail"] = WeakKeyDictionary()
_all: WeakSet["Tail"] = WeakSet()


def tail_of(database: Database) -> "Tail":
    """The one of that database."""
    if database not in _tails:
        _tails[database] = Tail(database)
    return _tails[database]


def look() -> None:
    """Something was written by this process."""
    for tail in _all:
        tail.look()


class Tail:
    """Reads on while anybody listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._place = Place(0, 0)
        self._at = datetime.now(UTC)
        self._looks = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self.closed = False
        _all.add(self)

    def look(self) -> None:
        """There may be something new."""
        self._looks.set()

    async def close(self) -> None:
        """Tell everybody that it is over."""
        self.closed = True
        for listener in self._everybody():
            listener.woken.set()
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    @contextmanager
    def listener(self, wanted: Wanted) -> Iterator[Listener]:
        """One who is told until the block ends."""
        listener = Listener(wanted)
        self._listeners[wanted.reseller].add(listener)
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="events")
        self.look()
        try:
            yield listener
        finally:
            self._listeners[wanted.reseller].discard(listener)
            if not self._listeners[wanted.reseller]:
                del self._listeners[wanted.reseller]

    async def follow(
        self, listener: Listener, after: Cursor | None, heartbeat: float
    ) -> AsyncGenerator[Sequence[Told]]:
        """What is told after that place, or from now on, in order and without a gap; nothing once in `heartbeat`
        seconds in which nothing came. Ends when the tail is closed."""
        place = after.place if after else None
        while not self.closed:
            listener.woken.clear()
            if listener.joined is None:
                if not await self._woken(listener, heartbeat) and listener.joined is None:
                    yield ()
                continue
            place = listener.joined if place is None else place
            if place < listener.joined:
                async with self._database.connection() as db:
                    page = await events.page(db, listener.wanted, Cursor(place, datetime.now(UTC)), PAGE)
                place = page.next.place
                if page.told:
                    yield page.told
                continue
            if taken := listener.take(place):
                place = taken[-1].place
                yield taken
            elif not await self._woken(listener, heartbeat):
                listener.reached = self._place
                yield ()

    async def _woken(self, listener: Listener, seconds: float) -> bool:
        if self._reading is not None and self._reading.done() and not self.closed:
            self._reading.result()
        try:
            async with asyncio.timeout(seconds):
                await listener.woken.wait()
        except TimeoutError:
            return False
        return True

    def _everybody(self) -> list[Listener]:
        return [one for group in self._listeners.values() for one in group]

    async def _read(self) -> None:
        """Look again and again, through outages, until nobody listens."""
        pause, begun = SOON, False
        try:
            while self._listeners:
                self._looks.clear()
                try:
                    if not begun:
                        async with self._database.connection() as db:
                            self._place = await event_queries.settled(db)
                        begun = True
                    pause = SOON if await self._turn() else min(2 * pause, LATE)
                except Exception as error:
                    if not is_outage(error):
                        raise
                    log.warning("events.delayed", error=repr(error))
                    pause = 1.0
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._looks.wait()
                        pause = SOON
        finally:
            for listener in self._everybody():
                listener.joined = None
                listener.woken.set()

    async def _turn(self) -> bool:
        """One look; whether there was anything."""
        for listener in self._everybody():
            if listener.joined is None:
                listener.joined = self._place
                listener.woken.set()
        now = datetime.now(UTC)
        async with self._database.connection() as db:
            end = await event_queries.settled(db)
            if end <= self._place:
                return False
            rows = await event_queries.tail(db, list(self._listeners), self._place, end, self._at, AT_ONCE)
        for told in rows:
            for listener in self._listeners.get(told.reseller, ()):
                listener.offer(told)
        if len(rows) < AT_ONCE:
            self._place, self._at = Place(end.turn, END), now
        else:
            self._place, self._at = told.place, told.at
            self.look()
        return bool(rows)
