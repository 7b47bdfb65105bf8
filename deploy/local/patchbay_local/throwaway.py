"""Servers for one command or one test run, gone without a trace afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from patchbay_local.kafka import KafkaServer, broker
from patchbay_local.kafka import answers as kafka_answers
from patchbay_local.memory_broker import MemoryBroker
from patchbay_local.postgres import PostgresServer
from patchbay_local.postgres import answers as postgres_answers
from patchbay_local.running import Running, last_lines
from patchbay_local.state import State
from patchbay_local.waiting import LocalError, run_async, wait_for

LIMIT = 60


class _Thrown:
    """One server in a folder of its own. Started and awaited apart, so that two can come up side by side."""

    def __init__(self, folder: Path) -> None:
        self._state = State(folder)
        self._running: Running | None = None

    def start_postgres(self) -> PostgresServer:
        server = PostgresServer(self._state)
        server.prepare()
        self._running = Running(server.process(), self._state.logs / "postgres.log", self._state.folder)
        return server

    def start_kafka(self) -> KafkaServer | MemoryBroker:
        made = broker(self._state)
        made.prepare()
        self._running = Running(made.process(), self._state.logs / "kafka.log", self._state.folder)
        return made

    def wait(self, server: PostgresServer | KafkaServer | MemoryBroker) -> None:
        def answers() -> bool:
            if self._running is None or not self._running.is_running:
                raise LocalError("it ended")
            return server.answers()

        try:
            wait_for(answers, LIMIT, "an answer")
        except LocalError as failed:
            log = self._running.log if self._running is not None else Path()
            raise LocalError(f"{type(server).__name__}: {failed}\n{last_lines(log)}") from failed

    def remove(self) -> None:
        if self._running is not None:
            # Nothing of it will be read again, so there is nothing to flush.
            self._running.kill()
        if home := self._state.get("postgres_home"):
            shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(self._state.folder, ignore_errors=True)


@contextmanager
def _thrown() -> Iterator[_Thrown]:
    folder = Path(tempfile.mkdtemp(prefix="patchbay-"))
    folder.chmod(0o711)  # PostgreSQL runs as another account when we are root; it must get through
    thrown = _Thrown(folder)
    try:
        yield thrown
    finally:
        thrown.remove()


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    """The administrator's URL, without a database, of a server that lives as long as the block."""
    with _thrown() as thrown:
        server = thrown.start_postgres()
        thrown.wait(server)
        yield server.admin_url


@contextmanager
def throwaway_kafka() -> Iterator[str]:
    """host:port of a broker that lives as long as the block."""
    with _thrown() as thrown:
        started = thrown.start_kafka()
        thrown.wait(started)
        yield started.bootstrap


@contextmanager
def some_postgres() -> Iterator[str]:
    """The server that PATCHBAY_POSTGRES names, else a throw-away one."""
    if given := os.environ.get("PATCHBAY_POSTGRES"):
        yield given
    else:
        with throwaway_postgres() as admin_url:
            yield admin_url


@contextmanager
def some_kafka() -> Iterator[str]:
    """The broker that PATCHBAY_KAFKA names, else a throw-away one."""
    if given := os.environ.get("PATCHBAY_KAFKA"):
        yield given
    else:
        with throwaway_kafka() as bootstrap:
            yield bootstrap


def run_with(command: Sequence[str], with_kafka: bool = True) -> int:
    """Runs a command beside throw-away servers; returns its exit code, and leaves nothing running."""

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise SystemExit(128 + number)

    _check_given(with_kafka)
    before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with ExitStack() as servers:
            env = _servers(servers, with_kafka)
            return _run(command, {**os.environ, **env})
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _servers(servers: ExitStack, with_kafka: bool) -> dict[str, str]:
    """Both are started before either is awaited: Kafka needs seconds, in which PostgreSQL is made."""
    env: dict[str, str] = {}
    wanted_kafka = with_kafka and not os.environ.get("PATCHBAY_KAFKA")
    holds_kafka, holds_postgres = servers.enter_context(_thrown()), servers.enter_context(_thrown())
    started = holds_kafka.start_kafka() if wanted_kafka else None
    if not os.environ.get("PATCHBAY_POSTGRES"):
        server = holds_postgres.start_postgres()
        holds_postgres.wait(server)
        env["PATCHBAY_POSTGRES"] = server.admin_url
    if started is not None:
        holds_kafka.wait(started)
        env["PATCHBAY_KAFKA"] = started.bootstrap
    return env


def _check_given(with_kafka: bool) -> None:
    """A shell that sourced `.runtime/env` still names those servers after `down`."""
    if with_kafka and (given := os.environ.get("PATCHBAY_KAFKA")) and not kafka_answers(given):
        raise LocalError(f"PATCHBAY_KAFKA is {given}, where no broker answers; unset it for a throw-away one")
    if (given := os.environ.get("PATCHBAY_POSTGRES")) and not run_async(postgres_answers(given)):
        raise LocalError("PATCHBAY_POSTGRES names no server that answers; unset it for a throw-away one")


def _run(command: Sequence[str], env: dict[str, str]) -> int:
    try:
        child = subprocess.Popen(command, env=env)
    except OSError as failed:
        print(f"cannot run {command[0]}: {failed.strerror}", file=sys.stderr)
        return 127
    try:
        while True:
            try:
                code = child.wait()
                break
            except KeyboardInterrupt:
                continue  # the terminal sent it Ctrl-C as well; it ends in its own time
    except SystemExit:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise
    return code if code >= 0 else 128 - code
