"""Fixtures: a state folder that leaves nothing behind, and stand-ins for the six services and the search replica."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from patchbay_local.processes import SERVICES
from patchbay_local.running import Process, Running, left_behind
from patchbay_local.state import State

SERVICE = """
import http.server, os
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ.get("SAY", "ok").encode())
address = (os.environ["PATCHBAY_HTTP_HOST"], int(os.environ["PATCHBAY_HTTP_PORT"]))
http.server.ThreadingHTTPServer(address, Answers).serve_forever()
"""


@pytest.fixture
def state() -> Iterator[State]:
    folder = Path(tempfile.mkdtemp(prefix="patchbay-test-"))
    folder.chmod(0o711)
    state = State(folder)
    yield state
    for one in left_behind(folder):
        one.kill()
    if home := state.get("postgres_home"):
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def run(state: State) -> Iterator[Callable[[Process], Running]]:
    """Starts a process that ends with the test."""
    with ExitStack() as ending:

        def start(process: Process) -> Running:
            running = Running(process, state.logs / f"{process.name}.log", state.folder)
            ending.callback(running.kill)
            return running

        yield start


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services that answer and do nothing else: what is tested here is how they are started and watched."""
    chassis = tmp_path / "patchbay_chassis"
    chassis.mkdir()
    for name in ("__init__", "migrate", "topics"):
        (chassis / f"{name}.py").write_text("")
    (chassis / "__main__.py").write_text('import runpy, sys; runpy.run_module(sys.argv[1], run_name="__main__")')
    for service in SERVICES:
        package = tmp_path / f"{service}_service"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "seed.py").write_text("")
        (package / "main.py").write_text(SERVICE)
    (tmp_path / "numbers_service" / "search.py").write_text(SERVICE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name in ("PATCHBAY_KAFKA", "PATCHBAY_POSTGRES"):
        monkeypatch.delenv(name, raising=False)
