"""A process: how it is started, and one that was started here and can be killed, frozen and stopped."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

# In the environment of everything that we start, so that what a killed supervisor or test run left behind
# can be told from everybody else's processes.
MARK = "PATCHBAY_STARTED_BY"

# What says where one process is or what it knows must never come to a child from whoever called us.
PER_PROCESS = frozenset({
    "PATCHBAY_KAFKA", "PATCHBAY_POSTGRES", "PATCHBAY_DATABASE", "PATCHBAY_HTTP_HOST", "PATCHBAY_HTTP_PORT",
    "PATCHBAY_REPLICA", "PATCHBAY_TOPIC_PREFIX", "PATCHBAY_PIN_TRANSPORT_KEY", "PATCHBAY_PIN_PEPPER",
    "PATCHBAY_SMTP", "PATCHBAY_NUMBERS_URL", "PATCHBAY_SEARCH_URLS", "PATCHBAY_BILLING_URL", "PATCHBAY_CUSTOMER_URL",
    "PATCHBAY_PROVISIONING_URL", "PATCHBAY_NOTIFIER_URL", "PATCHBAY_AUTHORITY_URL",
    "PATCHBAY_SNAPSHOTS", "PATCHBAY_API_KEY", "PATCHBAY_API_KEY_2", "PATCHBAY_INVENTORY_KEY", "PATCHBAY_URL",
    "PATCHBAY_OPERATOR_EMAIL", "PATCHBAY_OPERATOR_PASSWORD", "PATCHBAY_SECURE_COOKIES", "PATCHBAY_INBOX_URL",
    "PATCHBAY_ADMINISTRATOR_EMAIL", "PATCHBAY_ADMINISTRATOR_PASSWORD", MARK,
})  # fmt: skip


def inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in PER_PROCESS}


@dataclass(frozen=True)
class Process:
    name: str
    command: tuple[str, ...]
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    restarts: bool = True


def ids(user: str | None) -> tuple[int | None, int | None, list[int] | None]:
    """What subprocess wants as user, group and extra groups (only root may name any)."""
    if user is None:
        return None, None, None
    account = pwd.getpwnam(user)
    return account.pw_uid, account.pw_gid, []


def run_as(user: str | None, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs it to its end, in a folder that every account can enter."""
    uid, gid, groups = ids(user)
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=uid,
        group=gid,
        extra_groups=groups,
    )


class Running:
    """One process of ours, in a session of its own: a terminal's Ctrl-C must not reach it before its users."""

    def __init__(self, process: Process, log: Path, marked_with: Path) -> None:
        self.process = process
        self.log = log
        user, group, groups = ids(process.user)
        with log.open("ab") as out:
            self._popen = subprocess.Popen(
                process.command,
                cwd=process.folder,
                env={**inherited(), **process.env, MARK: str(marked_with)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=groups,
            )

    @property
    def pid(self) -> int:
        return int(self._popen.pid)

    @property
    def is_running(self) -> bool:
        return self._popen.poll() is None

    def kill(self) -> None:
        """kill -9, children too; the parent first, so that it cannot react to a child's death."""
        for one in self._tree():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self._popen.wait()

    def freeze(self) -> None:
        for one in self._tree():
            with suppress(psutil.NoSuchProcess):
                one.suspend()

    def thaw(self) -> None:
        for one in self._tree():
            with suppress(psutil.NoSuchProcess):
                one.resume()

    def stop(self, limit: float = 15) -> None:
        """Asks it to end, and ends it when it does not. A frozen one is thawed, or it could not answer."""
        if self.is_running:
            self.thaw()
            self._popen.send_signal(self.process.stop_signal)
            try:
                self._popen.wait(limit)
            except subprocess.TimeoutExpired:
                self.kill()

    def _tree(self) -> list[psutil.Process]:
        if not self.is_running:
            return []
        try:
            parent = psutil.Process(self.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def left_behind(folder: Path) -> list[psutil.Process]:
    """Living processes that carry this folder's mark, whoever their parent is now."""
    found = []
    for one in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if one.environ().get(MARK) == str(folder) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def last_lines(log: Path, count: int = 20) -> str:
    if not log.exists():
        return "(no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 64 * 1024))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-count:]) or "(empty log)"
