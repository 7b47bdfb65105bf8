"""Runs one-shot steps (migrations, topics, seeds) as forks of one process that has the large libraries already.

Importing them takes most of a second of CPU, and there are a dozen steps: that was most of what `up` did.
The steps come as JSON on standard input: lists of modules to run one after the other, with their environment.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import IO

LARGE = ("sqlalchemy.ext.asyncio", "asyncpg", "pydantic_settings", "alembic.config", "alembic.script",
         "alembic.runtime.environment")  # fmt: skip

# Two cores are what we promise to be usable on; more at once would only take turns.
AT_ONCE = 2


@dataclass(frozen=True)
class Steps:
    """Modules, each with its arguments, that run one after the other in the same environment."""

    what: str
    modules: Sequence[Sequence[str]]
    env: Mapping[str, str]


def as_json(steps: Sequence[Steps]) -> str:
    return json.dumps([asdict(one) for one in steps])


def _fork(steps: Steps, out: IO[bytes]) -> int:
    """Starts them in a child, which never returns from here."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
        os.environ.update(steps.env)
        for module, *arguments in steps.modules:
            sys.argv = [module, *arguments]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(steps: Sequence[Steps]) -> str:
    """Runs them, some at once. What the first that failed said; empty if all went well."""
    waiting, running, failed = list(steps), dict[int, tuple[Steps, IO[bytes]]](), ""
    while running or (waiting and not failed):
        while waiting and len(running) < AT_ONCE and not failed:
            one, out = waiting.pop(0), tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child has ended
            running[_fork(one, out)] = one, out
        pid, status = os.wait()
        one, said = running.pop(pid)
        if code := os.waitstatus_to_exitcode(status):
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            failed = failed or f"{one.what} failed (exit code {code}):\n" + "\n".join(lines[-25:])
        said.close()
    return failed


def main() -> int:
    steps = [Steps(**one) for one in json.load(sys.stdin)]
    for name in LARGE if len(steps) > 1 else ():
        with suppress(ImportError):
            import_module(name)
    failed = run(steps)
    print(failed, file=sys.stderr, end="")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
