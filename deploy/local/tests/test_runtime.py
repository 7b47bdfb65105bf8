"""The whole suite: `up`, `status`, `down`, `with`, and a stack whose parts a test can kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from patchbay_local.processes import PROCESSES
from patchbay_local.running import left_behind
from patchbay_local.runtime import Runtime
from patchbay_local.stack import Stack
from patchbay_local.state import State
from patchbay_local.status import rows, status
from patchbay_local.throwaway import some_kafka, some_postgres
from patchbay_local.waiting import wait_for

ASK = """
import os, sys
database, secret = sys.argv[1:]
assert os.environ["PATCHBAY_DATABASE"].endswith("/" + database)
sys.exit(0 if secret in os.environ else 3)
"""
"""Says whether it has a service's database, and a secret."""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    with some_kafka() as kafka, some_postgres() as postgres:
        yield kafka, postgres


@pytest.mark.usefixtures("stand_ins")
def test_the_suite_comes_up_heals_and_goes_down(
    state: State, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runtime = Runtime(state.folder)
    try:
        runtime.up()
        assert {row.name for row in rows(runtime) if row.answers} == {"postgres", "kafka", "inbox", *PROCESSES}
        env = (state.folder / "env").read_text()
        names = {line.removeprefix("export ").split("=")[0] for line in env.splitlines()}
        assert names == {
            "PATCHBAY_URL", "PATCHBAY_API_KEY", "PATCHBAY_API_KEY_2", "PATCHBAY_INVENTORY_KEY", "PATCHBAY_KAFKA",
            "PATCHBAY_OPERATOR_EMAIL", "PATCHBAY_OPERATOR_PASSWORD",
            "PATCHBAY_ADMINISTRATOR_EMAIL", "PATCHBAY_ADMINISTRATOR_PASSWORD",
            "PATCHBAY_POSTGRES", "PATCHBAY_INBOX_URL", "PATH",
        }  # fmt: skip

        before = {row.name: row for row in rows(runtime)}
        for left in (None, "export PATCHBAY_URL=http://of.yesterday\n"):
            (state.folder / "env").unlink()
            if left:
                (state.folder / "env").write_text(left)
            again = Runtime(state.folder)
            again.up()
            assert "already running" in capfd.readouterr().out
            assert (state.folder / "env").read_text() == env
        assert {row.name: row.pid for row in rows(runtime)} == {name: row.pid for name, row in before.items()}

        (tmp_path / "ask.py").write_text(ASK)
        assert runtime.run_beside("customer", "ask", "patchbay_customer", "PATCHBAY_PIN_PEPPER") == 0
        assert runtime.run_beside("billing", "ask", "patchbay_billing", "PATCHBAY_PIN_PEPPER") == 3

        for _ in range(5):  # often and quickly, and it is never given up
            pid = runtime.supervision.processes()["numbers"]["pid"]
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda pid=pid: _has_new_pid(runtime, "numbers", pid), 2, "started again")  # type: ignore[misc]
        wait_for(lambda: status(runtime) == 0, 10, "all answering again")
        after = {row.name: row for row in rows(runtime)}
        assert after["numbers"].restarts == 5
        assert after["billing"].pid == before["billing"].pid
    finally:
        runtime.down()
    assert left_behind(state.folder) == []
    assert status(Runtime(state.folder)) == 1
    runtime.down(wipe=True)
    assert not state.folder.exists()


def _has_new_pid(runtime: Runtime, name: str, old: int) -> bool:
    told = runtime.supervision.processes()[name]
    return told["statename"] == "RUNNING" and told["pid"] not in {0, old}


@pytest.mark.usefixtures("stand_ins")
def test_a_test_can_start_kill_and_freeze_single_processes(state: State, servers: tuple[str, str]) -> None:
    kafka, postgres = servers
    stack = Stack(state.folder / "stack", kafka, postgres, database_prefix="stack_test_")
    try:
        stack.prepare()
        stack.start("numbers")
        stack.start("numbers", "2", {"SAY": "second"})
        stack.wait_ready("numbers")
        stack.wait_ready("numbers", "2")
        with closing(urllib.request.urlopen(stack.url("numbers", "2"), timeout=5)) as found:
            assert found.read() == b"second"
        for replica in ("1", "2"):
            stack.start("search", replica)
        for replica in ("1", "2"):
            stack.wait_ready("search", replica)

        stack.freeze("numbers")
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(stack.url("numbers"), timeout=0.2).close()
        stack.thaw("numbers")
        stack.wait_ready("numbers")

        stack.kill("numbers")
        assert not stack.is_running("numbers")
        assert stack.is_running("numbers", "2")
        stack.start("numbers")
        stack.wait_ready("numbers")
    finally:
        stack.remove()
    assert left_behind(state.folder / "stack") == []


def _with(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: text for name, text in os.environ.items() if name not in {"PATCHBAY_POSTGRES", "PATCHBAY_KAFKA"}}
    return subprocess.run(
        [sys.executable, "-m", "patchbay_local", "with", *arguments],
        env=env, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_command_gets_servers_and_its_exit_code_is_handed_on(tmp_path: Path) -> None:
    said = tmp_path / "said"
    done = _with("--no-kafka", "--", "sh", "-c", f'echo "$PATCHBAY_POSTGRES" >{said}; exit 7')
    assert done.returncode == 7, done.stderr
    url = said.read_text().strip()
    assert url.startswith("postgresql://postgres:")
    gone = subprocess.run(
        [sys.executable, "-c", "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])))",
         url.rpartition(":")[2]], capture_output=True, check=False,
    )  # fmt: skip
    assert gone.returncode != 0


def test_a_command_that_is_not_there_is_said_so() -> None:
    done = _with("--no-kafka", "--", "no-such-command-anywhere")
    assert done.returncode == 127
    assert "no-such-command-anywhere" in done.stderr
