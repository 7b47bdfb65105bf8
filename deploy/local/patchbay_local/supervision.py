"""supervisord around our processes: its configuration, and how to start, ask and stop it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from patchbay_local.running import MARK, Process, inherited, last_lines
from patchbay_local.state import State, write_private
from patchbay_local.supervisor_socket import UNREACHABLE, call
from patchbay_local.waiting import LocalError, wait_for

LONGEST_SOCKET_PATH = 100  # the system's limit is 107, and supervisor first makes a longer, temporary name

HEAD = """\
; Written at every start by patchbay_local.supervision; changes made here are lost.
[unix_http_server]
file={socket}
chmod=0700

[supervisord]
{user}logfile={folder}/supervisord.log
logfile_maxbytes=5MB
pidfile={folder}/supervisord.pid
childlogdir={folder}/logs
nodaemon=false
silent=true

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

# startsecs=0: a process counts as running once it has been started, so no death is ever "too early" and
# supervisor never backs off or gives up. What is killed is started again at once, however often.
PROGRAM = """
[program:{name}]
command={command}
directory={folder}
environment={environment}
{user}autostart=true
autorestart={autorestart}
startsecs=0
startretries=1000000
stopsignal={signal}
stopasgroup={stopasgroup}
killasgroup=true
stopwaitsecs=15
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=50MB
stdout_logfile_backups=1
"""

GROUP = """
[group:{name}]
programs={programs}
priority={priority}
"""


class Supervision:
    """The supervisor of one state folder. It starts with the servers; the services are added when those
    answer, because only then is it known where they are."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._config = state.folder / "supervisord.conf"

    def start(self, ground: Sequence[Process]) -> None:
        user = "user=root\n" if os.geteuid() == 0 else ""  # else it warns, loudly, that it is root
        head = HEAD.format(socket=_text(self._socket()), folder=_text(self._state.folder), user=user)
        write_private(self._config, head + self._group("ground", 1, ground))
        started = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "patchbay_local.supervision", "-c", self._config],
            env={**inherited(), MARK: str(self._state.folder)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if started.returncode != 0:
            raise LocalError(f"supervisord did not start:\n{started.stdout}{started.stderr}")
        try:
            wait_for(self.is_running, 10, "supervisord answering")
        except LocalError as late:
            raise LocalError(f"{late}\n{last_lines(self._state.folder / 'supervisord.log')}") from late

    def add_services(self, services: Sequence[Process]) -> None:
        text = self._config.read_text()
        write_private(self._config, text + self._group("services", 2, services))
        self._call("reloadConfig")
        self._call("addProcessGroup", "services")

    def is_running(self) -> bool:
        return self.pid() is not None

    def pid(self) -> int | None:
        try:
            return int(self._call("getPID"))
        except UNREACHABLE:
            return None

    def processes(self) -> dict[str, dict[str, Any]]:
        """What supervisor says of each, by name: `statename`, `pid`, `start`, `now` and more."""
        try:
            return {one["name"]: one for one in self._call("getAllProcessInfo")}
        except UNREACHABLE:
            return {}

    def starts(self) -> dict[str, int]:
        """How often each was started since the supervisor was."""
        log = self._state.folder / "supervisord.log"
        counted: dict[str, int] = {}
        for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
            if "supervisord started with pid" in line:
                counted.clear()
            elif found := re.search(r"spawned: '([^']+)'", line):
                counted[found[1]] = counted.get(found[1], 0) + 1
        return counted

    def shut_down(self) -> None:
        """Services end first, side by side, then the servers."""
        with suppress(*UNREACHABLE):
            self._call("shutdown")
            wait_for(lambda: not self.is_running(), 60, "supervisord gone")

    def _call(self, method: str, *arguments: object) -> Any:
        return call(self._socket(), method, *arguments)

    def _socket(self) -> str:
        """In the state folder where its path is short enough for a socket, else in a folder of ours alone."""
        inside = str(self._state.folder / "supervisor.sock")
        if len(inside.encode()) <= LONGEST_SOCKET_PATH:
            return inside
        folder = Path(self._state.once("socket_folder", lambda: tempfile.mkdtemp(prefix="patchbay-")))
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(folder / "supervisor.sock")

    def _group(self, name: str, priority: int, processes: Sequence[Process]) -> str:
        """Groups of a higher priority number stop earlier; the programs of one group stop side by side."""
        programs = ",".join(one.name for one in processes)
        group = GROUP.format(name=name, programs=programs, priority=priority)
        return "".join([*map(self._program, processes), group])

    def _program(self, process: Process) -> str:
        env: Mapping[str, str] = {**process.env, MARK: str(self._state.folder)}
        return PROGRAM.format(
            name=process.name,
            command=_text(shlex.join(process.command)),
            folder=_text(process.folder),
            environment=",".join(f'{name}="{_text(value)}"' for name, value in env.items()),
            user=f"user={process.user}\n" if process.user else "",
            # What cannot come back to its address is better seen to be gone.
            autorestart=str(process.restarts).lower(),
            signal=process.stop_signal.name.removeprefix("SIG"),
            # PostgreSQL tells its children itself; the same signal sent to them means something else.
            stopasgroup=str(process.name != "postgres").lower(),
            log=_text(_text(self._state.logs / f"{process.name}.log")),  # which it expands twice
        )


def _text(value: str | Path) -> str:
    return str(value).replace("%", "%%")


def main() -> None:
    """supervisord, but looking twenty times a second: it would notice a death up to two seconds late."""
    from supervisor.options import ServerOptions  # noqa: PLC0415
    from supervisor.supervisord import go  # noqa: PLC0415

    options = ServerOptions()
    options.realize(sys.argv[1:])
    options.first, options.test = True, False
    poll = options.poller.poll
    options.poller.poll = lambda timeout: poll(min(timeout, 0.05))
    go(options)


if __name__ == "__main__":
    main()
