"""Submitting a file: piece by piece under its batch, gone on with after a cut, and waited for if wanted."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import stamina
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from patchbay_cli import output
from patchbay_cli.pieces import batch_of, count, kind_of, pieces
from patchbay_client import Busy, Client, NotThere, PatchbayError, Unavailable, batches, orders
from patchbay_client.shapes import BulkResult

PATIENCE = 600.0
"""Seconds for which a file is gone on with while Patchbay is away or full."""
LOOK_EVERY = 0.5
"""Seconds between two looks at a batch."""
SHOWN = 10
UNDER_WAY = ("accepted", "delayed", "stuck")
WAITING = {"waiting": "until their start", "back_ordered": "until there are numbers"}
"""How long orders wait that are not under way: for weeks, maybe."""


class Refused(NamedTuple):
    """A line, and the problem that it was refused for."""

    line: int
    problem: Mapping[str, Any]


class Bar:
    """How far it is, where people look on."""

    def __init__(self, what: str, total: int) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=output.aside, transient=True, disable=output.for_programs())
        self._task = self._progress.add_task(what, total=total)

    def at(self, done: int) -> None:
        """So many are done."""
        self._progress.update(self._task, completed=done)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def submit_file(patchbay: Client, file: Path, batch: str, *, dry_run: bool, wait: bool) -> int:
    """Submit it; the code with which to end."""
    if dry_run:
        return _dry(patchbay, file)
    batch = batch or batch_of(file)
    refused = list[Refused]()
    with Bar("submitted", count(file)) as bar:
        for result in _results(patchbay, file, batch, bar):
            if "error" in result:
                refused.append(Refused(result["line"], result["error"]))
            output.told(result)
    standing = patchbay(batches.show(batch))
    if wait:
        standing = _carried_out(patchbay, batch)
    bad = standing["states"].get("refused", 0) + standing["states"].get("failed", 0)
    if not output.told({"batch": standing}):
        _told_in_short(refused, "were refused")
        states = ", ".join(f"{many:,} {state}" for state, many in standing["states"].items() if many)
        output.people.print(f"batch {batch}: {states or 'no orders'}", highlight=False)
        if bad:
            output.say(f"`patchbay batches results {batch}` says which were refused or failed, and why")
    if wait:
        _waiting(standing["states"], batch)
    return output.REFUSED if bad else output.DONE


def _results(patchbay: Client, file: Path, batch: str, bar: Bar) -> Iterator[BulkResult]:
    """What becomes of each line that was not decided before. After a cut it goes on behind what was told: lines that
    were decided meanwhile are answered as they were then."""
    through = _through(patchbay, batch)
    bar.at(through)
    for attempt in stamina.retry_context(on=(Unavailable, Busy), attempts=None, timeout=PATIENCE, wait_max=10):
        with attempt:
            for piece in pieces(file, through):
                told = list(patchbay.stream(orders.bulk(piece.content, kind_of(file), **_from(batch, piece.first))))
                through = piece.last
                bar.at(through)
                yield from told
            return


def _from(batch: str, first: int) -> dict[str, str]:
    return {"batch": batch, "from": str(first)}


def _through(patchbay: Client, batch: str) -> int:
    try:
        return patchbay(batches.show(batch))["accepted_through"]
    except NotThere:
        return 0


def _carried_out(patchbay: Client, batch: str) -> Any:
    """The batch once none of its orders is under way."""
    standing = patchbay(batches.show(batch))
    with Bar("carried out", standing["lines"]) as bar:
        while under_way := sum(standing["states"].get(state, 0) for state in UNDER_WAY):
            bar.at(standing["lines"] - under_way)
            time.sleep(LOOK_EVERY)
            standing = patchbay(batches.show(batch))
    return standing


def _waiting(states: Mapping[str, int], batch: str) -> None:
    waiting = [f"{states[state]:,} {how_long}" for state, how_long in WAITING.items() if states.get(state)]
    if waiting:
        output.say(f"not waited for: {', '.join(waiting)}; `patchbay batches show {batch}` says how they are")


def _dry(patchbay: Client, file: Path) -> int:
    summary: Any = {}
    refused = list[Refused]()
    for line in patchbay.stream(orders.dry_run(file.read_bytes(), kind_of(file))):
        if "summary" in line:
            summary = line["summary"]
        elif line["would_be"] == "refused":
            refused.append(Refused(line["line"], line.get("error") or _errors(line)))
        output.told(line)
    if not output.for_programs():
        _told_in_short(refused, "would be refused: --json tells each")
        would = summary["would_be"]
        output.people.print(f"{would['accepted']:,} would be accepted, {would['refused']:,} refused", highlight=False)
        for total in summary["totals"]:
            setup, monthly = total["setup"], total["monthly"]
            output.people.print(
                f"set-up {setup['amount']}, monthly {monthly['amount']} {setup['currency']}", highlight=False
            )
    return output.REFUSED if summary.get("would_be", {}).get("refused") else output.DONE


def _errors(line: Any) -> dict[str, Any]:
    return {"title": "", "errors": [finding for finding in line["findings"] if finding["severity"] == "error"]}


def _told_in_short(refused: Sequence[Refused], how: str) -> None:
    for line, problem in refused[:SHOWN]:
        output.say(f"line {line}: {PatchbayError(problem.get('title', ''), problem)}")
    if len(refused) > SHOWN:
        output.say(f"and {len(refused) - SHOWN:,} more lines {how}")
