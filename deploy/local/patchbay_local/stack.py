"""A whole suite for a test: each part is started, killed, frozen and stopped alone, with no supervisor."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from patchbay_local.inbox import inbox_process
from patchbay_local.kafka import KafkaServer, broker
from patchbay_local.memory_broker import MemoryBroker
from patchbay_local.postgres import PostgresServer
from patchbay_local.processes import (
    OPERATOR,
    PROCESSES,
    Surroundings,
    make_tables_topics_and_seed,
    process_of,
    surroundings,
)
from patchbay_local.running import Process, Running, last_lines
from patchbay_local.state import State
from patchbay_local.waiting import LocalError, http_ok, wait_for

# The parts that are not ours.
GROUND = ("postgres", "kafka", "inbox")


class Stack:
    """`kafka` (host:port) and `postgres` (admin URL without a database) name servers that are there already;
    those that are not named are started here, and can then be killed here. Names of parts: "postgres",
    "kafka", "inbox", the services and "search"; what is ours may run as several replicas."""

    def __init__(
        self,
        state: Path,
        kafka: str | None = None,
        postgres: str | None = None,
        topic_prefix: str = "",
        database_prefix: str = "",
    ) -> None:
        self._state = State(state)
        self._topic_prefix, self._database_prefix = topic_prefix, database_prefix
        self._given_kafka, self._given_postgres = kafka, postgres
        self._broker: KafkaServer | MemoryBroker | None = None if kafka else broker(self._state)
        self._server: PostgresServer | None = None if postgres else PostgresServer(self._state)
        self._parts: dict[str, Running] = {}
        self._around: Surroundings | None = None

    @property
    def kafka(self) -> str:
        return self._given_kafka or self._broker.bootstrap  # type: ignore[union-attr]

    @property
    def postgres(self) -> str:
        return self._given_postgres or self._server.admin_url  # type: ignore[union-attr]

    @property
    def around(self) -> Surroundings:
        if self._around is None:
            raise LocalError("prepare() first")
        return self._around

    @property
    def api_key(self) -> str:
        return self.around.api_key

    @property
    def api_key_2(self) -> str:
        """A second reseller's."""
        return self.around.api_key_2

    @property
    def inventory_key(self) -> str:
        """The inventory manager's."""
        return self.around.inventory_key

    @property
    def operator(self) -> tuple[str, str]:
        """E-mail address and password of somebody who may do everything on the site, for both resellers."""
        return OPERATOR, self.around.operator_password

    @property
    def inbox_url(self) -> str:
        return f"http://127.0.0.1:{self._state.port('inbox')}"

    def url(self, service: str, replica: str = "1") -> str:
        return f"http://127.0.0.1:{self._state.port(_name(service, replica))}"

    def prepare(self) -> None:
        """Servers, inbox, databases, tables, topics, seed: everything but the services."""
        if self._server is not None:
            self._server.prepare()
        if self._broker is not None:
            self._broker.prepare()
        ours = [part for part in GROUND if part == "inbox" or self._is_ours(part)]
        for part in ours:
            self.start(part)
        for part in ours:
            self.wait_ready(part)
        self._around = surroundings(
            self._state, kafka=self.kafka, postgres=self.postgres,
            smtp=f"127.0.0.1:{self._state.port('smtp')}",
            topic_prefix=self._topic_prefix, database_prefix=self._database_prefix,
            makes_topics=not isinstance(self._broker, MemoryBroker),
        )  # fmt: skip
        make_tables_topics_and_seed(self._around)

    def start(self, name: str, replica: str = "1", env: Mapping[str, str] | None = None) -> None:
        part = _name(name, replica)
        if self.is_running(name, replica):
            raise LocalError(f"{part} runs already")
        self._parts[part] = Running(
            self._process(name, replica, env or {}), self._state.logs / f"{part}.log", self._state.folder
        )

    def wait_ready(self, name: str, replica: str = "1", limit: float = 60) -> None:
        part = _name(name, replica)

        def ready() -> bool:
            if not self.is_running(name, replica):
                # PostgreSQL cannot come back before the last child of a killed one has gone.
                if name != "postgres":
                    raise LocalError(f"{part} ended:\n{self.log(name, replica)}")
                self.start(name)
            return self._answers(name, replica)

        try:
            wait_for(ready, limit, f"{part} ready")
        except LocalError as late:
            raise LocalError(f"{late}\n{self.log(name, replica)}") from late

    def kill(self, name: str, replica: str = "1") -> None:
        """kill -9."""
        self._part(name, replica).kill()

    def freeze(self, name: str, replica: str = "1") -> None:
        """SIGSTOP: it stands still and keeps its connections."""
        self._part(name, replica).freeze()

    def thaw(self, name: str, replica: str = "1") -> None:
        self._part(name, replica).thaw()

    def stop(self, name: str, replica: str = "1", limit: float = 15) -> None:
        self._part(name, replica).stop(limit)

    def is_running(self, name: str, replica: str = "1") -> bool:
        part = self._parts.get(_name(name, replica))
        return part is not None and part.is_running

    def pid(self, name: str, replica: str = "1") -> int:
        return self._part(name, replica).pid

    def log(self, name: str, replica: str = "1", lines: int = 40) -> str:
        return last_lines(self._state.logs / f"{_name(name, replica)}.log", lines)

    def stop_all(self) -> None:
        """Services first: they should find their servers there when they say goodbye."""
        for part in [name for name in self._parts if name not in GROUND]:
            self._parts[part].stop()
        for part in GROUND:
            with suppress(KeyError):
                self._parts[part].stop()
        self._parts.clear()

    def remove(self) -> None:
        """Stops all and deletes the state, also what PostgreSQL may have had to keep elsewhere."""
        self.stop_all()
        if self._server is not None:
            self._server.remove()
        shutil.rmtree(self._state.folder, ignore_errors=True)

    def _is_ours(self, part: str) -> bool:
        return (self._server if part == "postgres" else self._broker) is not None

    def _process(self, name: str, replica: str, env: Mapping[str, str]) -> Process:
        if name in PROCESSES:
            return process_of(self.around, name, self._state.port(_name(name, replica)), replica, env)
        if name == "postgres" and self._server is not None:
            return self._server.process()
        if name == "kafka" and self._broker is not None:
            return self._broker.process()
        if name == "inbox":
            return inbox_process(self._state)
        raise LocalError(f"{name} is not a part that this stack can start")

    def _answers(self, name: str, replica: str) -> bool:
        if name == "postgres" and self._server is not None:
            return self._server.answers()
        if name == "kafka" and self._broker is not None:
            return self._broker.answers()
        if name == "inbox":
            return http_ok(f"{self.inbox_url}/livez")
        return http_ok(f"{self.url(name, replica)}/readyz")

    def _part(self, name: str, replica: str) -> Running:
        try:
            return self._parts[_name(name, replica)]
        except KeyError:
            raise LocalError(f"{_name(name, replica)} was not started here") from None


def _name(name: str, replica: str) -> str:
    return name if replica == "1" else f"{name}-{replica}"
