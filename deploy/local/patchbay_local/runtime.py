"""`up` and `down`: the whole suite under a supervisor, with its state in one folder."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from patchbay_local import kafka, postgres
from patchbay_local.inbox import inbox_process
from patchbay_local.kafka import KafkaServer, broker
from patchbay_local.memory_broker import MemoryBroker
from patchbay_local.postgres import PostgresServer
from patchbay_local.processes import (
    ADMINISTRATOR,
    OPERATOR,
    PROCESSES,
    make_tables_and_seed,
    make_topics,
    process_of,
    surroundings,
)
from patchbay_local.running import inherited, last_lines, left_behind
from patchbay_local.state import State, write_private
from patchbay_local.supervision import Supervision
from patchbay_local.waiting import LocalError, http_ok, run_async, wait_for

READY_WITHIN = 60


class Runtime:
    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.state = State(self.folder)
        self.supervision = Supervision(self.state)

    def up(self) -> None:
        with self._alone():
            if self.is_whole():
                self._write_env()  # it may have been deleted, or be of a release before
                print("Patchbay is already running.")
            else:
                began = time.monotonic()
                self._start()
                print(f"Patchbay is up, after {time.monotonic() - began:.0f} s.")
            print(self.addresses())

    def down(self, wipe: bool = False) -> None:
        with self._alone():
            ran = self._stop()
            (self.folder / "env").unlink(missing_ok=True)
            if wipe:
                self._wipe()
        kept = "its state is deleted" if wipe else f"its data is kept in {self.folder}"
        print(f"Patchbay {'is stopped' if ran else 'was not running'}; {kept}.")

    def run_beside(self, service: str, module: str, *arguments: str) -> int:
        """Runs a module beside a service, in its environment; the exit code of that."""
        around = surroundings(
            self.state,
            kafka=self.state.get("kafka_address") or "",
            postgres=self.state.get("postgres_url") or "",
            smtp=f"127.0.0.1:{self.state.port('smtp')}",
        )
        command = (sys.executable, "-m", module, *arguments)
        return subprocess.run(command, env={**inherited(), **around.env(service, 0)}, check=False).returncode

    def is_whole(self) -> bool:
        names = self.supervision.processes()
        return set(PROCESSES) <= set(names) and all(map(self.is_up, names))

    def is_up(self, name: str) -> bool:
        """Not only that there is a process: that it answers."""
        if name == "postgres":
            return run_async(postgres.answers(self.state.get("postgres_url") or ""))
        if name == "kafka":
            return kafka.answers(self.state.get("kafka_address") or "")
        return http_ok(f"{self.url(name)}/{'livez' if name == 'inbox' else 'readyz'}")

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.state.port(name)}"

    def addresses(self) -> str:
        return "\n".join((
            f"  site        {self.url('gateway')}/  (sign in: {OPERATOR}, {self.state.get('operator_password')})",
            f"              (all resellers: {ADMINISTRATOR}, {self.state.get('administrator_password')})",
            f"  API         {self.url('gateway')}/v1",
            f"  API key     {self.state.get('api_key')}",
            f"  inbox       {self.url('inbox')}",
            f"  Kafka       {self.state.get('kafka_address')}",
            f"  PostgreSQL  {self.state.get('postgres_url')}",
            "  services    /livez, /readyz and /metrics on the ports that `make status` shows",
            f"  state, logs {self.folder}",
            "",
            "Next: `make demo` places orders; `make status`, `make logs`, `make down`;",
            f"      `. {shlex.quote(str(self.folder / 'env'))}` tells a shell all of this.",
        ))  # fmt: skip

    def _start(self) -> None:
        self._stop()  # half a suite, left by a crash or a reboot, is not repaired but started again
        self.state.move_from_busy_ports()
        (self.folder / "env").unlink(missing_ok=True)
        made, server = self._own_broker(), self._own_server()
        ground = [inbox_process(self.state)]
        for one in (server, made):
            if one is not None:
                one.prepare()
                ground.append(one.process())
        print("starting " + ", ".join(one.name for one in ground) + " ...", flush=True)
        self.supervision.start(ground)
        self._await("inbox", lambda: self.is_up("inbox"))
        if server is not None:
            self._await("postgres", server.answers)
        if made is not None:
            self.state.put("kafka_address", made.bootstrap)
        self._check_given(made is not None, server is not None)

        print("databases, tables, topics, seed ...", flush=True)
        around = surroundings(
            self.state,
            kafka=self.state.get("kafka_address") or "",
            postgres=self.state.get("postgres_url") or "",
            smtp=f"127.0.0.1:{self.state.port('smtp')}",
            makes_topics=not isinstance(made, MemoryBroker),
        )
        make_tables_and_seed(around)  # while Kafka starts, which waits for its last session to be over
        if made is not None:
            self._await("kafka", made.answers)
        make_topics(around)

        print("starting " + ", ".join(PROCESSES) + " ...", flush=True)
        self.supervision.add_services([process_of(around, name, self.state.port(name)) for name in PROCESSES])
        until = time.monotonic() + READY_WITHIN
        for name in PROCESSES:
            self._await(name, lambda name=name: self.is_up(name), until - time.monotonic())  # type: ignore[misc]
        self._write_env()

    def _own_broker(self) -> KafkaServer | MemoryBroker | None:
        """None if the environment names a broker of the user's. It may also name ours, from our own file."""
        given = os.environ.get("PATCHBAY_KAFKA")
        if given and given != self.state.get("own_kafka"):
            self.state.put("kafka_address", given)
            return None
        made = broker(self.state)
        if isinstance(made, KafkaServer):
            self.state.put("own_kafka", made.bootstrap)
        return made

    def _own_server(self) -> PostgresServer | None:
        given = os.environ.get("PATCHBAY_POSTGRES")
        if given and given != self.state.get("own_postgres"):
            self.state.put("postgres_url", given)
            return None
        server = PostgresServer(self.state)
        self.state.put("own_postgres", server.admin_url)
        self.state.put("postgres_url", server.admin_url)
        return server

    def _check_given(self, own_kafka: bool, own_postgres: bool) -> None:
        if not own_kafka and not self.is_up("kafka"):
            raise LocalError(f"PATCHBAY_KAFKA is {self.state.get('kafka_address')}, where no broker answers")
        if not own_postgres and not self.is_up("postgres"):
            raise LocalError("PATCHBAY_POSTGRES names a server that does not answer, or not with that password")

    def _await(self, name: str, up: Callable[[], bool], limit: float = READY_WITHIN) -> None:
        try:
            wait_for(up, limit, f"{name} ready", pause=0.1)
        except LocalError as late:
            log = self.state.logs / f"{name}.log"
            raise LocalError(
                f"{late}\nthe last lines of {log}:\n{last_lines(log, 30)}\n"
                "What is running was left so that you can look: `make logs`, `make status`, `make down`."
            ) from late

    def _write_env(self) -> None:
        values = {
            "PATCHBAY_URL": self.url("gateway"),
            "PATCHBAY_API_KEY": self.state.get("api_key") or "",
            "PATCHBAY_API_KEY_2": self.state.get("api_key_2") or "",
            "PATCHBAY_INVENTORY_KEY": self.state.get("inventory_key") or "",
            "PATCHBAY_OPERATOR_EMAIL": OPERATOR,
            "PATCHBAY_OPERATOR_PASSWORD": self.state.get("operator_password") or "",
            "PATCHBAY_ADMINISTRATOR_EMAIL": ADMINISTRATOR,
            "PATCHBAY_ADMINISTRATOR_PASSWORD": self.state.get("administrator_password") or "",
            "PATCHBAY_KAFKA": self.state.get("kafka_address") or "",
            "PATCHBAY_POSTGRES": self.state.get("postgres_url") or "",
            "PATCHBAY_INBOX_URL": self.url("inbox"),
        }
        write_private(self.folder / "env", exports(values))

    def _stop(self) -> bool:
        """Also what a killed supervisor left behind. Returns whether there was anything."""
        ran = self.supervision.is_running()
        self.supervision.shut_down()
        orphans = left_behind(self.folder)
        for one in orphans:
            with suppress(psutil.NoSuchProcess):  # it was just going
                one.kill()
        _, living = psutil.wait_procs(orphans, timeout=15)
        if living:
            raise LocalError("could not be stopped: " + ", ".join(str(one.pid) for one in living))
        return ran or bool(orphans)

    def _wipe(self) -> None:
        for kept_elsewhere in ("postgres_home", "socket_folder"):
            if folder := self.state.get(kept_elsewhere):
                shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(self.folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two of us at the same time would start everything twice."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def exports(values: Mapping[str, str]) -> str:
    """What a shell sources to know these, and to find `patchbay`, behind whatever it has already."""
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in values.items()]
    programs = shlex.quote(str(Path(sys.executable).parent))
    return "".join((*lines, f'export PATH="$PATH":{programs}\n'))
