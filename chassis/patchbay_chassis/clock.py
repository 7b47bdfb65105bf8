"""What a service does by the clock: offsets, the sweep of unsent messages, its own timers, the watchdog."""

import hashlib
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from patchbay_chassis import journal, metrics
from patchbay_chassis.consumer import Consumer
from patchbay_chassis.crash import crash
from patchbay_chassis.database import Database, Held
from patchbay_chassis.log import log
from patchbay_chassis.router import Timer
from patchbay_chassis.settings import ServiceSettings
from patchbay_chassis.turn import Turns

PAGE_TURN = timedelta(hours=1)
ORPHANED = 300.0
"""Seconds without any partition before a member is taken for dead; one replica too many only restarts in peace."""

_ALONE = "SELECT pg_try_advisory_xact_lock($1)"
_IN_TURN = "SELECT pg_advisory_xact_lock($1)"


def timer(run: Timer, database: Database, turns: Turns) -> Callable[[], Awaitable[None]]:
    """The timer as a call: in a transaction of its own, on one replica at a time."""
    lock, held = _lock(run), Held(database)

    async def call() -> None:
        async with turns.turn(held) as turn:
            if await turn.db.fetchval(_ALONE, lock):
                said = await run.run(turn.db)
                if said:
                    crash("sweeping")
                turn.say(*said)

    return call


def _lock(run: Timer) -> int:
    return int.from_bytes(hashlib.sha256(run.name.encode()).digest()[:7], "big")


def first(run: Timer, turns: Turns) -> Callable[[], Awaitable[None]]:
    """The timer as a call of a replica that starts: it waits for another that does the same."""

    async def call() -> None:
        async with turns.turn() as turn:
            await turn.db.execute(_IN_TURN, _lock(run))
            turn.say(*await run.run(turn.db))

    return call


def sweep(held: Held, turns: Turns, age: timedelta) -> Callable[[], Awaitable[None]]:
    """The sweep of messages that are unsent for that long, as a call."""

    async def call() -> None:
        await turns.sweep(held, age)

    return call


def pages(database: Database, settings: ServiceSettings) -> Callable[[], Awaitable[None]]:
    """The journal's partitions of the coming days made and the old ones dropped, as a call."""

    async def call() -> None:
        async with database.transaction() as db:
            if await db.fetchval(_ALONE, 1):
                await journal.turn_pages(db, settings.keep_journal)

    return call


def watchdog(consumers: Sequence[Consumer], settings: ServiceSettings) -> Callable[[], Awaitable[None]]:
    """Ends the process when a consumer has lag but finishes nothing, or when none has had a partition for long."""
    limit = settings.no_progress_limit.total_seconds()
    had_partitions = time.monotonic()
    progressed = {consumer: (consumer.finished_at, had_partitions) for consumer in consumers}

    async def call() -> None:
        nonlocal had_partitions
        now = time.monotonic()
        lags = {consumer: consumer.lag() for consumer in consumers}
        metrics.lag.set(sum(lags.values()))
        if any(consumer.assigned for consumer in consumers):
            had_partitions = now
        for consumer, lag in lags.items():
            # Idle is no lack of progress: the time counts from when there was something to do.
            if consumer.finished_at != progressed[consumer][0] or not (consumer.busy or lag):
                progressed[consumer] = (consumer.finished_at, now)
        if now - had_partitions > ORPHANED or any(now - since > limit for _, since in progressed.values()):
            log.critical("watchdog.ended_process", lag=sum(lags.values()))
            sys.stdout.flush()
            os._exit(71)

    return call
