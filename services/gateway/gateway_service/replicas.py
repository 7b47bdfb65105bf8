"""Search replicas in turn: one that is gone rests for a moment, and is then tried again by one caller."""

import time
from collections.abc import Iterator, Sequence

from gateway_service import metrics
from patchbay_chassis.log import log

REST = 1.0
"""Seconds for which one that is gone is not asked."""


class Replica:
    """One replica and when it may be asked again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rests_until = 0.0
        self.answers = 0
        self._said_at = -REST

    def rest(self, why: str) -> None:
        """It did not answer, or said that it is behind. Many callers find that out at once: each is counted, and
        one of them says so."""
        metrics.passed_over.labels(self.url).inc()
        now = time.monotonic()
        if now - self._said_at >= REST:
            self._said_at = now
            log.warning("replica.passed_over", url=self.url, error=why)
        self.rests_until = now + REST

    def answered(self) -> None:
        """It is there."""
        self.rests_until = 0.0
        self.answers += 1


class Replicas:
    """All of them. Each call begins with another one."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._all = [Replica(url) for url in urls]
        self._next = 0

    @property
    def all(self) -> Sequence[Replica]:
        """Each of them, wherever it is."""
        return tuple(self._all)

    def in_turn(self) -> Iterator[Replica]:
        """Those that may be asked. While one that was gone is tried, others go on passing over it."""
        first, self._next = self._next, (self._next + 1) % len(self._all)
        for replica in self._all[first:] + self._all[:first]:
            if replica.rests_until <= time.monotonic():
                if replica.rests_until:
                    replica.rests_until = time.monotonic() + REST
                yield replica
