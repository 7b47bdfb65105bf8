"""One-shot steps: in order, each with its own environment, and the first failure told with what it said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from patchbay_local.steps import Steps, as_json


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write = "import os, sys, pathlib; pathlib.Path(sys.argv[1]).open('a').write(os.environ['NAME'])"
    (tmp_path / "writes.py").write_text(write)
    (tmp_path / "breaks.py").write_text("raise SystemExit('the table is gone')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def _run(*steps: Steps) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "patchbay_local.steps"]
    return subprocess.run(command, input=as_json(steps), capture_output=True, text=True, check=False)


def test_modules_run_in_order_with_the_environment_of_their_step(modules: Path) -> None:
    one, other = str(modules / "one"), str(modules / "other")
    done = _run(
        Steps("first", [["writes", one], ["writes", one]], {"NAME": "a"}),
        Steps("second", [["writes", other]], {"NAME": "b"}),
    )
    assert done.returncode == 0, done.stderr
    assert (Path(one).read_text(), Path(other).read_text()) == ("aa", "b")


def test_a_step_that_fails_is_named_with_what_it_said_and_ends_its_row(modules: Path) -> None:
    after = str(modules / "after")
    done = _run(Steps("seed of numbers", [["breaks"], ["writes", after]], {"NAME": "a"}))
    assert done.returncode == 1
    assert done.stderr == "seed of numbers failed (exit code 1):\nthe table is gone"
    assert not Path(after).exists()
