"""The command line: python -m patchbay_local up | down | status | logs | rebuild | as | with."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from patchbay_local.processes import PROCESSES
from patchbay_local.runtime import Runtime
from patchbay_local.state import owner_of, runtime_folder
from patchbay_local.status import show_logs, status
from patchbay_local.throwaway import run_with
from patchbay_local.waiting import LocalError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m patchbay_local", description="Patchbay's local runtime.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything, and wait until it is ready")
    down = commands.add_parser("down", help="stop everything; the data is kept")
    down.add_argument("--wipe", action="store_true", help="delete the data and the secrets too")
    show = commands.add_parser("status", help="what runs; exit code 1 if something is down")
    show.add_argument("--json", action="store_true")
    logs = commands.add_parser("logs", help="the last lines of a process, or of all")
    logs.add_argument("service", nargs="?")
    logs.add_argument("-f", "--follow", action="store_true")
    rebuild = commands.add_parser("rebuild", help="make the gateway's read models anew while it runs")
    rebuild.add_argument("--dry-run", action="store_true", help="count what is wrong, and change nothing")
    within = commands.add_parser(
        "as", help="run a module in a service's environment, such as gateway_service.operators"
    )
    within.add_argument("service", choices=PROCESSES)
    within.add_argument("module")
    within.add_argument("arguments", nargs=argparse.REMAINDER)
    beside = commands.add_parser("with", help="run a command beside throw-away PostgreSQL and Kafka")
    beside.add_argument("--no-kafka", action="store_true")
    beside.add_argument("argv", nargs="+", metavar="COMMAND")
    return parser


def _run(given: argparse.Namespace) -> int:
    if given.command == "with":
        return run_with(given.argv, with_kafka=not given.no_kafka)
    folder = runtime_folder()
    if given.command == "up":
        Runtime(folder).up()
        return 0
    if given.command == "down":
        # Also when the folder was deleted by hand: what was started from it may still run.
        Runtime(folder).down(given.wipe or not folder.exists())
        return 0
    if not folder.exists():
        print(f"nothing was started yet: there is no {folder}")
        return 1
    return _look(folder, given)


def _look(folder: Path, given: argparse.Namespace) -> int:
    """What is done with a suite that was started."""
    if given.command == "status":
        return status(Runtime(folder), given.json)
    if given.command == "rebuild":
        return Runtime(folder).run_beside(
            "gateway", "gateway_service.rebuild", *(["--dry-run"] if given.dry_run else [])
        )
    if given.command == "as":
        return Runtime(folder).run_beside(given.service, given.module, *given.arguments)
    return show_logs(folder, given.service, given.follow)


def main() -> int:
    try:
        return _run(_parser().parse_args())
    except LocalError as failed:
        print(f"patchbay: {failed}", file=sys.stderr)
        return 1
    except PermissionError as failed:
        print(f"patchbay: {failed}; {owner_of(runtime_folder())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; `make down` stops what was started", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
