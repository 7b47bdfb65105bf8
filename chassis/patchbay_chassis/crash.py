"""Named points where a process can be told by its environment to die, so that a test dies there every time.

`PATCHBAY_CRASH_AT=after_commit` kills the process (SIGKILL, no clean-up) when it first passes that point;
`after_commit:3` when it passes for the third time.
"""

import os
import signal
from collections import Counter
from typing import Literal, get_args

Point = Literal[
    "before_commit",
    "after_commit",
    "after_some_acks",
    "after_acks",
    "accepting_http",
    "after_turn",
    "accepted_http",
    "sweeping",
    "after_errand",
]
POINTS: tuple[str, ...] = get_args(Point)

_passed: Counter[str] = Counter()
_at, _, _times = os.environ.get("PATCHBAY_CRASH_AT", "").partition(":")
if _at and _at not in POINTS:
    raise SystemExit(f"PATCHBAY_CRASH_AT={_at!r} is no crash point; there are {', '.join(POINTS)}")


def armed(point: Point) -> bool:
    """Whether this process is to die at that point."""
    return _at == point


def crash(point: Point) -> None:
    """Die here if told so."""
    if _at != point:
        return
    _passed[point] += 1
    if _passed[point] >= int(_times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
