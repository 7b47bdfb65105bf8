"""What can go wrong, by what can be done about it. Each knows the problem as Patchbay said it (RFC 9457)."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx


class PatchbayError(Exception):
    """Something did not work. `problem`: the answer's body, empty if there was none; `retry_after` in seconds."""

    def __init__(self, title: str, problem: Mapping[str, Any] | None = None, retry_after: float | None = None) -> None:
        super().__init__(title)
        self.problem: Mapping[str, Any] = problem or {}
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """Of the answer; 0 if there was none."""
        return int(self.problem.get("status", 0))

    @property
    def type(self) -> str:
        """Which kind of problem: the same for as long as this version of the API lives."""
        return str(self.problem.get("type", "about:blank"))

    @property
    def errors(self) -> Sequence[Mapping[str, str]]:
        """What is wrong, place by place: `pointer` or `parameter`, `message`, `remedy`."""
        return tuple(self.problem.get("errors", ()))

    def __str__(self) -> str:
        lines = [": ".join(filter(None, (self.args[0], self.problem.get("detail", ""))))]
        for error in self.errors:
            place = error.get("pointer") or error.get("parameter") or error.get("column", "")
            said = " – ".join(filter(None, (error.get("message", ""), error.get("remedy", ""))))
            lines.append(f"  {place}: {said}" if place else f"  {said}")
        return "\n".join(lines)


class Refused(PatchbayError):
    """What was asked for is wrong, or does not fit what is there: asked again, it is refused again."""


class NotAllowed(PatchbayError):
    """The key is missing, ended, revoked, or lacks the scope."""


class NotThere(PatchbayError):
    """There is no such thing, or it is somebody else's."""


class Busy(PatchbayError):
    """Too much at once, or the same call is still running: later it may work."""


class Unavailable(PatchbayError):
    """Patchbay cannot be reached or cannot work now. Whether a write was done is unknown: its key tells, sent again."""


_KINDS: Mapping[int, type[PatchbayError]] = {401: NotAllowed, 403: NotAllowed, 404: NotThere, 410: NotThere, 429: Busy}


def of(answer: httpx.Response) -> PatchbayError:
    """The error that an answer is. Its body must have been read."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {"status": answer.status_code, "detail": answer.text[:500]}
    problem.setdefault("status", answer.status_code)
    title = str(problem.get("title") or f"{answer.status_code} {answer.reason_phrase}")
    kind = _KINDS.get(answer.status_code) or (Unavailable if answer.status_code >= 500 else Refused)
    wait = answer.headers.get("retry-after", "")
    if answer.status_code == 409 and wait:
        kind = Busy
    return kind(title, problem, float(wait) if wait.isdecimal() else None)


def unreachable(error: httpx.TransportError) -> Unavailable:
    """No answer came."""
    return Unavailable("Patchbay did not answer", {"detail": f"{type(error).__name__}: {error}".rstrip(": ")})
