"""A service as its main.py declares it, and how it runs: consumer, errands, clock and HTTP in one process."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import chain, repeat
from typing import Any

from patchbay_chassis import clock, health, process
from patchbay_chassis.crash import Point, crash
from patchbay_chassis.database import Database, Held, give_back, is_outage
from patchbay_chassis.errand import Errand
from patchbay_chassis.lanes import Lanes
from patchbay_chassis.log import log
from patchbay_chassis.process import Process
from patchbay_chassis.producer import Producer
from patchbay_chassis.router import Router
from patchbay_chassis.settings import ServiceSettings
from patchbay_chassis.turn import Turn, Turns


@dataclass(frozen=True)
class Running:
    """What an HTTP app may use of its running service."""

    database: Database
    turns: Turns
    settings: ServiceSettings
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is to end: what stays open for long ends by itself then."""

    def turn(self) -> AbstractAsyncContextManager[Turn]:
        """A transaction that may say messages: they are journaled with it, and sent when the block has ended."""
        return self.turns.turn()

    def crash(self, point: Point) -> None:
        """A named crash point."""
        crash(point)


@dataclass(frozen=True)
class Service:
    """What a deployable consists of."""

    name: str
    router: Router
    settings: Callable[[], ServiceSettings]
    errands: Sequence[Errand[Any, Any]] = ()
    http: Callable[[Running], health.App] | None = None
    beside: Sequence[Callable[[Running], Coroutine[Any, Any, None] | None]] = ()
    """What else runs from start to end, if the settings want it."""


def run(service: Service) -> None:
    """Run until SIGTERM or SIGINT. The exit code is not 0 when something failed."""
    settings = service.settings()
    process.run(service.name, settings, partial(_run, service, settings))


async def _run(service: Service, settings: ServiceSettings, running: Process) -> None:
    database = Database(settings.database, f"{service.name}-{settings.replica}")
    producer = Producer(settings.kafka, f"patchbay/{service.name}", settings.topic_prefix)
    turns = Turns(database, producer)
    lanes = Lanes(service.name, service.router, database, producer, settings)

    async def checks() -> dict[str, bool]:
        return {
            "database": await _reachable(database),
            "producer": producer.healthy,
            "partitions": lanes.have_partitions,
        }

    parts = Running(database, turns, settings, running.stopping)
    running.serve(service.http(parts) if service.http else None, checks)
    pages, sweeping = clock.pages(database, settings), Held(database)
    await running.until_it_works(pages)  # after days of rest, today's messages would have no partition
    await running.until_it_works(producer.start)
    for t in service.router.timers:
        if t.at_start:
            await running.until_it_works(clock.first(t, turns))
    # What was said and not sent when this replica died is not left for the sweep to find by its age.
    await running.until_it_works(clock.sweep(sweeping, turns, timedelta(0)))
    for consumer in lanes.consumers:
        await running.until_it_works(consumer.start)
    for other in service.beside:
        if (loop := other(parts)) is not None:
            running.start(loop, other.__name__)
    for errand in chain.from_iterable(repeat(errand, errand.workers) for errand in service.errands):
        running.start(errand.work(database, turns), errand.name)
    second = timedelta(seconds=1)
    for name, every, call in (
        ("offsets", second, lanes.commit_offsets),
        ("sweep", second, clock.sweep(sweeping, turns, settings.resend_after)),
        ("pages", clock.PAGE_TURN, pages),
        ("watchdog", 5 * second, clock.watchdog(lanes.consumers, settings)),
        *((t.name, t.every, clock.timer(t, database, turns)) for t in service.router.timers),
    ):
        running.regularly(every, call, name)
    log.info("service.started", topics=service.router.topics)
    await running.asked_to_stop()
    await lanes.stop()
    await running.stop()
    await give_back()
    await producer.stop()
    await database.close()


async def _reachable(database: Database) -> bool:
    try:
        async with asyncio.timeout(2), database.connection() as db:
            await db.execute("SELECT 1")
    except Exception as error:
        if is_outage(error):
            return False
        raise
    return True
