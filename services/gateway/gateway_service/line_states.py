"""What became of each line of an order, from its document and the newest event about it. No IO."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from patchbay_contracts.reasons import REASONS

MEANINGS = {
    "waiting": "its order waits, for its start or for numbers of other lines",
    "back_ordered": "its numbers cannot be had now, and are waited for",
    "under_way": "it is being carried out",
    "created": "its services are there, as it was asked for",
    "substituted": "its services are there, with other numbers",
    "reduced": "its services are there, with fewer numbers",
    "refused": "it could not be made",
    "undone": "nothing was wrong with it, but its order failed",
}
"""The states of a line."""

_DONE = {
    "back_ordered": "It is tried again and again; nothing is held or charged meanwhile.",
    "substituted": "Others were taken instead.",
    "reduced": "Those that were there were taken.",
    "refused": "It was left out, and nothing of it is held or charged.",
}
_POINTER = re.compile(r"/lines/(\d+)[/:]")


def told() -> str:
    """What the states mean, for documents."""
    return "; ".join(f"`{state}`: {meaning}" for state, meaning in MEANINGS.items())


def of(row: Any, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of an order in their order. A change of a service has none."""
    lines = orjson.loads(row.document).get("lines", ())
    match row.state:
        case "completed":
            return _completed(len(lines), event)
        case "failed":
            return _failed(len(lines), event)
        case "back_ordered":
            return [_back_ordered(at, event) for at in range(len(lines))]
    state = "waiting" if row.state == "waiting" else "under_way"
    return [_line(at, state) for at in range(len(lines))]


def _back_ordered(at: int, event: Mapping[str, Any]) -> dict[str, Any]:
    """The one that the newest refusal was about says why; of others that wait nobody knows."""
    if at not in event["waiting"]:
        return _line(at, "waiting")
    why = (event["reason"], event["detail"]) if at == event["line"] else ("", "")
    return _line(at, "back_ordered", *why, done=_DONE["back_ordered"])


def _completed(many: int, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    otherwise = {one["line"]: one for one in event.get("lines", ())}
    services: dict[int, list[Mapping[str, Any]]] = {}
    for service in event.get("services", ()):
        services.setdefault(service["line"], []).append(service)
    shown = []
    for at in range(many):
        made = services.get(at, [])
        ids = [service["id"] for service in made]
        if (one := otherwise.get(at)) is None:
            shown.append(_line(at, "created", services=ids))
        elif one["state"] == "refused":
            shown.append(_refused(one))
        else:
            given = {"numbers": [number for service in made for number in service["numbers"]]}
            given |= {"instead_of": one["instead_of"]} if "instead_of" in one else {}
            done = _DONE[one["state"]]
            shown.append(_line(at, one["state"], one["reason"], one["detail"], given=given, done=done, services=ids))
    return shown


def _refused(one: Mapping[str, Any]) -> dict[str, Any]:
    return _line(one["line"], "refused", one["reason"], one["detail"], done=_DONE["refused"])


def _failed(many: int, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The detail of a refusal that is about a line begins with where in the order that is."""
    reason, detail = event.get("reason", ""), event.get("detail", "")
    found = _POINTER.match(detail)
    refused = int(found[1]) if found else None
    undone = "The whole order was undone."
    before = {one["line"]: _refused(one) for one in event.get("lines", ())}
    return [
        before[at]
        if at in before
        else _line(at, "refused", reason, detail, done=undone)
        if at == refused
        else _line(at, "undone", reason, done=undone)
        for at in range(many)
    ]


def _line(
    at: int,
    state: str,
    reason: str = "",
    detail: str = "",
    *,
    given: Mapping[str, Any] | None = None,
    done: str = "",
    services: list[str] | None = None,
) -> dict[str, Any]:
    known = REASONS.get(reason)
    return {
        "line": at,
        "state": state,
        "reason": reason or None,
        "detail": detail or None,
        "remedy": known.remedy if known else None,
        "done": done or None,
        "services": services or [],
        "given": given,
    }
