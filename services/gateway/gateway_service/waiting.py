"""Who waits in this process for news of something: woken when there is any, by whoever learns of it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, KeysView
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K")


class Waiting(Generic[K]):
    """Those who wait, by what they wait for."""

    def __init__(self) -> None:
        self._waiting: dict[K, set[asyncio.Event]] = defaultdict(set)

    @property
    def keys(self) -> KeysView[K]:
        """What somebody waits for."""
        return self._waiting.keys()

    @contextmanager
    def waits(self, key: K) -> Iterator[asyncio.Event]:
        """One more, until the block ends."""
        woken = asyncio.Event()
        self._waiting[key].add(woken)
        try:
            yield woken
        finally:
            self._waiting[key].discard(woken)
            if not self._waiting[key]:
                del self._waiting[key]

    def wake(self, key: K) -> None:
        """There is news of that."""
        for woken in self._waiting.get(key, ()):
            woken.set()

    def wake_all(self) -> None:
        """There will be none any more."""
        for key in self._waiting:
            self.wake(key)
