"""A service as its main.py declares it, and how it runs: consumer, errands, clock and HTTP in one process."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import uvicorn
import uvloop

from patchbay_chassis import clock, health
from patchbay_chassis.crash import Point, crash
from patchbay_chassis.database import Database, Held, give_back, is_outage
from patchbay_chassis.errand import Errand
from patchbay_chassis.lanes import Lanes
from patchbay_chassis.log import log, set_up
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


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the service stops in its own order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(service: Service) -> None:
    """Run until SIGTERM or SIGINT. The exit code is not 0 when something failed."""
    settings = service.settings()
    set_up(service.name, settings.replica, settings.log_level)
    # A batch makes some hundred thousand objects that live until its end, and Python's collector would walk them
    # again and again for cycles that are not there: half of a saga's processor time, when measured. So it is called
    # by the clock; what makes cycles here, such as tasks and errors, makes few.
    gc.freeze()
    gc.disable()
    uvloop.run(_run(service, settings))


async def _run(service: Service, settings: ServiceSettings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

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

    app = service.http(Running(database, turns, settings)) if service.http else None
    server = _Server(
        uvicorn.Config(
            health.beside(app, checks),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
    )
    tasks = _Tasks(stopping)
    tasks.start(server.serve(sockets=[_listen(settings)]), "http")
    pages, sweeping = clock.pages(database, settings), Held(database)
    await _until_it_works(pages, stopping)  # after days of rest, today's messages would have no partition
    await _until_it_works(producer.start, stopping)
    # What was said and not sent when this replica died is not left for the sweep to find by its age.
    await _until_it_works(clock.sweep(sweeping, turns, timedelta(0)), stopping)
    for consumer in lanes.consumers:
        await _until_it_works(consumer.start, stopping)
    for errand in chain.from_iterable(repeat(errand, errand.workers) for errand in service.errands):
        tasks.start(errand.work(database, turns), errand.name)
    second = timedelta(seconds=1)
    for name, every, call in (
        ("offsets", second, lanes.commit_offsets),
        ("sweep", second, clock.sweep(sweeping, turns, settings.resend_after)),
        ("pages", clock.PAGE_TURN, pages),
        ("memory", 5 * second, clock.collect),
        ("watchdog", 5 * second, clock.watchdog(lanes.consumers, settings)),
        *((t.name, t.every, clock.timer(t, database, turns)) for t in service.router.timers),
    ):
        tasks.start(clock.regularly(every, call, name), name)
    log.info("service.started", topics=service.router.topics)
    await stopping.wait()
    log.info("service.stopping")
    await lanes.stop()
    server.should_exit = True
    await tasks.stop()
    await give_back()
    await producer.stop()
    await database.close()
    if tasks.failed:
        sys.stdout.flush()
        os._exit(72)


class _Tasks:
    """The loops of a service. One that ends by an error stops the service: its supervisor starts it anew."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._tasks: list[asyncio.Task[Any]] = []
        self.failed = False

    def start(self, loop: Coroutine[Any, Any, Any], name: str) -> None:
        task = asyncio.create_task(loop, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("task.failed", task=task.get_name(), exc_info=error)
            self.failed = True
        self._stopping.set()

    async def stop(self) -> None:
        server, *loops = self._tasks
        await asyncio.wait([server], timeout=6)
        for task in loops:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _listen(settings: ServiceSettings) -> socket.socket:
    """The port is taken before anything else, so that a second process with the same one ends at once."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.http_host, settings.http_port))
    return listener


async def _reachable(database: Database) -> bool:
    try:
        async with asyncio.timeout(2), database.connection() as db:
            await db.execute("SELECT 1")
    except Exception as error:
        if is_outage(error):
            return False
        raise
    return True


async def _until_it_works(start: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
    """A broker that is not there yet is waited for."""
    while not stopping.is_set():
        try:
            await start()
        except Exception as error:
            log.warning("service.waits", error=repr(error))
            await asyncio.sleep(1)
        else:
            return
