"""Orders as the API shows them."""

import re
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from typing import Any

import orjson

from gateway_service import cancels_shown, etags, line_states
from patchbay_chassis.problems import Problem
from patchbay_contracts.message import BY_TYPE
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed
from patchbay_contracts.v1.provisioning import PlaceOrder

for _owner in ("billing", "changes", "customer", "numbers"):
    import_module(f"patchbay_contracts.v1.{_owner}")  # so that their messages' topics are known here

NEWEST = uuid.UUID(int=2**128 - 1)
_ENDINGS = {"completed": OrderCompleted.type, "failed": OrderFailed.type}
_PLACED = {"order": PlaceOrder.type, "change": PlaceChange.type}
_MOMENTS = re.compile(r'\.[0-9]+(?=")')
_WAITS = ("until", "line", "reason", "detail")
_OUTCOME = ("customer_id", "services", "setup", "monthly", "step", "reason", "detail", "change")


def summary(row: Any) -> dict[str, Any]:
    """An order in a list."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "state": row.state,
        "partly": row.partly,
        "starts_at": row.starts_at,
        "reference": row.reference,
        "customer_id": None if row.customer_id is None else str(row.customer_id),
        "labels": orjson.loads(row.labels) if row.labels else {},
        "accepted_at": row.accepted_at,
        "ended_at": row.ended_at,
        "links": {"self": f"/v1/orders/{row.id}"},
    }


def whole(row: Any) -> dict[str, Any]:
    """An order with its document, what became of it and of each line, and its timeline."""
    event = orjson.loads(row.event) if row.event else {}
    waits = row.state == "back_ordered"
    outcome = (
        None if waits or row.state == "accepted" else {field: event[field] for field in _OUTCOME if field in event}
    )
    return {
        **summary(row),
        "order": orjson.Fragment(row.document),
        "outcome": outcome or None,
        "back_order": {field: event[field] for field in _WAITS} if waits else None,
        "lines": line_states.of(row, event),
        "cancel": cancels_shown.shown(row),
        "amend": _amend(row),
        "timeline": _timeline(row, event.get("timeline", ())),
    }


def tag(shown: dict[str, Any]) -> str:
    """The ETag of a whole order, with its moments counted behind a dot: tries in vain make another one of it, but no
    other order."""
    return f'{etags.of_body(orjson.dumps({**shown, "timeline": None}))[:-1]}.{len(shown["timeline"])}"'


def check_seen(tag: str, seen: str) -> None:
    """Raises Problem 412 where it is not the order that was seen, with whatever moments."""
    if not etags.is_among(_MOMENTS.sub("", tag), _MOMENTS.sub("", seen)):
        detail = "It is not as you saw it any more. Read the order, then try with its ETag."
        raise Problem(412, "It is another one now", detail, headers={"ETag": tag}, code="order_changed")


def _amend(row: Any) -> dict[str, Any] | None:
    """Who wanted the order otherwise the last time, and whether it is so; None if nobody did."""
    if row.amend_state is None:
        return None
    waits = row.state in ("back_ordered", "delayed")
    return {
        "state": row.amend_state if waits or row.amend_state != "asked" else "too_late",
        "by": row.amend_by,
        "asked_at": row.amend_asked_at,
        "wanted": orjson.Fragment(row.amend_wanted),
        "reason": row.amend_reason,
        "detail": row.amend_detail,
    }


def _timeline(row: Any, moments: Iterable[str]) -> list[dict[str, Any]]:
    accepted = _moment(row.accepted_at, _PLACED[row.kind], "accepted", service="gateway")
    shown = [accepted, *(_moment(*moment.split(" ", 2)) for moment in moments)]
    if row.state in _ENDINGS:
        shown.append(_moment(row.ended_at, _ENDINGS[row.state], row.state, service="gateway"))
    return shown


def _moment(at: datetime | str, message: str, note: str = "", *, service: str = "") -> dict[str, Any]:
    """`service` said it, by its name in the type; `topic` is where it travelled, null for what stayed inside."""
    known = BY_TYPE.get(message)
    return {
        "at": at,
        "service": service or message.partition(".")[0],
        "message": message,
        "topic": known.topic if known else None,
        "note": note,
    }


def cursor(id_: uuid.UUID) -> str:
    """Where the next page begins, not to be taken apart by anybody."""
    return urlsafe_b64encode(id_.bytes).decode().rstrip("=")


def from_cursor(given: str | None) -> uuid.UUID:
    """What `cursor` made; without one, the beginning. Raises ValueError."""
    return uuid.UUID(bytes=urlsafe_b64decode(given + "==")) if given else NEWEST
