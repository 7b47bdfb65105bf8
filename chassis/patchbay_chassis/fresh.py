"""What changes seldom and is asked for all the time: read from the database, and kept for a few seconds."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from patchbay_chassis.database import Connection

K = TypeVar("K")
V = TypeVar("V")

FRESH_FOR = 5.0
"""Seconds: a change takes effect within this time."""
MOST = 10_000


class Fresh(Generic[K, V]):
    """Values by key. `read` gives those that there are; one that was not there is asked for again each time."""

    def __init__(
        self, read: Callable[[Connection, list[K]], Awaitable[Mapping[K, V]]], fresh_for: float = FRESH_FOR
    ) -> None:
        self._read = read
        self._fresh_for = fresh_for
        self._known: dict[K, tuple[float, V]] = {}
        _all.add(self)

    async def get(self, db: Connection, keys: Iterable[K]) -> dict[K, V]:
        """Those of the keys that there are, with values no older than `fresh_for` seconds."""
        wanted, now = set(keys), time.monotonic()
        known = {key: self._known[key] for key in wanted if key in self._known}
        found = {key: value for key, (read_at, value) in known.items() if now - read_at < self._fresh_for}
        if stale := list(wanted - found.keys()):
            read = await self._read(db, stale)
            for key in stale:
                self._known.pop(key, None)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known |= {key: (now, value) for key, value in read.items()}
            found |= read
        return found

    def forget(self) -> None:
        """Read everything anew at its next use."""
        self._known.clear()


_all: WeakSet[Fresh[Any, Any]] = WeakSet()


def forget_all() -> None:
    """For tests, whose databases change under a running process."""
    for one in list(_all):
        one.forget()
