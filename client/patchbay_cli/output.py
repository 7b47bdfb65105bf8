"""What a command prints: for people, or one JSON document a line for programs (`--json`); and how it ends."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from patchbay_client import Busy, NotAllowed, NotThere, PatchbayError, Refused, Unavailable

DONE, BROKEN, USAGE, REFUSED, NOT_ALLOWED, NOT_THERE, LATER, WOULD_CHANGE = 0, 1, 2, 3, 4, 5, 6, 7
_ENDS: Mapping[type[PatchbayError], int] = {
    Refused: REFUSED,
    NotAllowed: NOT_ALLOWED,
    NotThere: NOT_THERE,
    Busy: LATER,
    Unavailable: LATER,
}
EXITS = """Exit codes: 0 done, 1 something broke, 2 not used as it should be, 3 refused (all or some of it), 4 not
allowed with this key, 5 no such thing, 6 busy or not reachable: the same command may work later, 7 a dry run of what
is declared says that something would change."""

LONGEST = 200
UNBROKEN = 10_000
people = Console(width=UNBROKEN)
"""What is too wide for a terminal is broken there: a cut id is of no use, neither in a pipe nor to copy."""
aside = Console(stderr=True)
_as_json = False


def use_json(wanted: bool) -> None:
    """From now on, print for programs."""
    global _as_json  # noqa: PLW0603 - one command runs in a process
    _as_json = wanted


def for_programs() -> bool:
    """Whether a program reads this."""
    return _as_json


def told(found: Any) -> bool:
    """Print it as JSON if a program reads this; False if it is still to be shown."""
    if _as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return _as_json


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows for people."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    shown = Table(*columns, box=None, header_style="bold", pad_edge=False, show_header=any(columns))
    for row in cells:
        shown.add_row(*map(escape, row))
    people.print(shown)


def fields(found: Mapping[str, Any]) -> None:
    """A single thing for people: its fields that say something, one a line."""
    table(("", ""), ((name, cell if isinstance(cell, str) else written(cell)) for name, cell in found.items() if cell))


def one(found: Mapping[str, Any]) -> None:
    """A single thing, for programs or for people."""
    if not told(found):
        fields(found)


def written(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def say(text: str) -> None:
    """A line for people, beside what the command is asked for."""
    aside.print(escape(text), highlight=False)


def fail(error: PatchbayError) -> int:
    """Say what is wrong; the code with which to end."""
    if _as_json:
        problem = dict(error.problem) or {"title": str(error)}
        sys.stderr.write(json.dumps({"error": problem}, ensure_ascii=False) + "\n")
    else:
        aside.print(escape(str(error)), style="red", highlight=False)
    return code_of(error)


def code_of(error: PatchbayError) -> int:
    """The code with which a command ends that meets this."""
    return next((code for kind, code in _ENDS.items() if isinstance(error, kind)), BROKEN)
