"""`status` and `logs`: what runs, since when, how often it died, whether it answers; and what it said."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from patchbay_local.processes import PROCESSES
from patchbay_local.runtime import Runtime
from patchbay_local.waiting import LocalError

EXPECTED = ("postgres", "kafka", "inbox", *PROCESSES)


@dataclass(frozen=True)
class Row:
    name: str
    state: str
    pid: int | None
    uptime_s: int | None
    restarts: int | None
    port: int | None
    answers: bool


def rows(runtime: Runtime) -> list[Row]:
    known, starts = runtime.supervision.processes(), runtime.supervision.starts()
    found = []
    for name in EXPECTED:
        told = known.get(name)
        if told is None:
            # A server of the user's own is not ours to supervise, but must answer all the same.
            theirs = bool(known) and name in {"postgres", "kafka"}
            answers = theirs and runtime.is_up(name)
            found.append(Row(name, "YOURS" if theirs else "STOPPED", None, None, None, None, answers))
            continue
        running = told["statename"] == "RUNNING"
        found.append(
            Row(
                name=name,
                state=told["statename"],
                pid=told["pid"] or None,
                uptime_s=told["now"] - told["start"] if running else None,
                restarts=max(0, starts.get(name, 1) - 1),
                port=_port(runtime, name),
                answers=running and runtime.is_up(name),
            )
        )
    return found


def _port(runtime: Runtime, name: str) -> int | None:
    if name == "kafka":
        return int((runtime.state.get("kafka_address") or ":0").rpartition(":")[2])
    if name == "postgres":
        return urlsplit(runtime.state.get("postgres_url") or "").port
    return runtime.state.port(name)


def status(runtime: Runtime, as_json: bool = False) -> int:
    """Prints the table; 0 if everything is there and answers."""
    found = rows(runtime)
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    else:
        line = "{:<13} {:<9} {:>8} {:>9} {:>9} {:>6}  {}"
        print(line.format("process", "state", "pid", "uptime", "restarts", "port", "ready"))
        for one in found:
            values = (one.pid, _duration(one.uptime_s), one.restarts, one.port)
            shown = ("-" if value is None else value for value in values)
            print(line.format(one.name, one.state, *shown, "yes" if one.answers else "NO"))
    return 0 if all(one.answers for one in found) else 1


def _duration(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes // 60}h{minutes % 60:02}m" if minutes >= 60 else f"{minutes}m{rest:02}s"


def show_logs(folder: Path, name: str | None, follow: bool) -> int:
    """Hands over to `tail`, which knows how to follow files that are rotated."""
    logs = folder / "logs"
    files = sorted(logs.glob("*.log")) if name is None else [logs / f"{name}.log"]
    if name is not None and not files[0].exists():
        there = ", ".join(sorted(path.stem for path in logs.glob("*.log"))) or "none yet"
        raise LocalError(f"there is no log of {name}; there are: {there}")
    if not files:
        raise LocalError(f"no logs in {logs}: was anything started?")
    options = ["-n", "20" if name is None else "200", *(["-F"] if follow else [])]
    os.execvp("tail", ["tail", *options, *map(str, files)])  # noqa: S606
