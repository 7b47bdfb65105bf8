"""One process: its log, its HTTP, its loops, and its end in order. What runs in it is told by whoever starts it."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import uvicorn
import uvloop

from patchbay_chassis import heads, health, loops
from patchbay_chassis.log import log, set_up
from patchbay_chassis.settings import ProcessSettings


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the process stops in its own order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Process:
    """The loops of a process. One that ends by an error stops the process: its supervisor starts it anew."""

    def __init__(self, settings: ProcessSettings) -> None:
        self._settings = settings
        self.stopping = asyncio.Event()
        """Set when the end is asked for."""
        self._server: _Server | None = None
        self._serving: asyncio.Task[Any] | None = None
        self._loops: list[asyncio.Task[Any]] = []
        self.failed = False
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stopping.set)

    def serve(self, app: health.App | None, checks: health.Checks) -> None:
        """Serve HTTP: the app, with health and metrics beside it."""
        self._server = _Server(
            uvicorn.Config(
                health.beside(app, checks),
                http=heads.Protocol,
                lifespan="auto",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._serving = self._task(self._server.serve(sockets=[_listen(self._settings)]), "http")

    def start(self, loop: Coroutine[Any, Any, Any], name: str) -> None:
        """Run it beside the others until the process stops."""
        self._loops.append(self._task(loop, name))

    def regularly(self, every: timedelta, do: Callable[[], Awaitable[None]], name: str) -> None:
        """Call it at that interval until the process stops, through outages."""
        self.start(loops.regularly(every, do, name), name)

    async def until_it_works(self, start: Callable[[], Awaitable[None]]) -> None:
        """A broker that is not there yet is waited for."""
        while not self.stopping.is_set():
            try:
                await start()
            except Exception as error:
                log.warning("service.waits", error=repr(error))
                await asyncio.sleep(1)
            else:
                return

    async def asked_to_stop(self) -> None:
        """Return when a signal or a failed loop asks for the end."""
        await self.stopping.wait()
        log.info("service.stopping")

    async def stop(self) -> None:
        """End HTTP, then the loops."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait([self._serving], timeout=6)
            self._loops.append(self._serving)
        for task in self._loops:
            if task is not self._serving:
                task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def _task(self, loop: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(loop, name=name)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("task.failed", task=task.get_name(), exc_info=error)
            self.failed = True
        self.stopping.set()


def run(name: str, settings: ProcessSettings, main: Callable[[Process], Coroutine[Any, Any, None]]) -> None:
    """Run `main` until SIGTERM or SIGINT. The exit code is not 0 when something failed."""
    set_up(name, settings.replica, settings.log_level)
    # A batch makes some hundred thousand objects that live until its end, and Python's collector would walk them
    # again and again for cycles that are not there: half of a saga's processor time, when measured. So it is called
    # by the clock; what makes cycles here, such as tasks and errors, makes few.
    gc.freeze()
    gc.disable()
    uvloop.run(_run(settings, main))


async def _run(settings: ProcessSettings, main: Callable[[Process], Coroutine[Any, Any, None]]) -> None:
    process = Process(settings)
    process.regularly(settings.collect_every, loops.Collector().collect, "memory")
    await main(process)
    if process.failed:
        sys.stdout.flush()
        os._exit(72)


def _listen(settings: ProcessSettings) -> socket.socket:
    """The port is taken before anything else, so that a second process with the same one ends at once."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.http_host, settings.http_port))
    return listener
