"""What is shown of an order that was taken back, or was to be."""

from collections.abc import Mapping
from typing import Any

import orjson


def instead(row: Any, event: Mapping[str, Any]) -> str:
    """What to do about an order that is completed."""
    kind = "Change the service back" if row.kind == "change" else "End its services instead"
    made = ", ".join(service["id"] for service in event.get("services", ())[:10]) or "none"
    return f"Order {row.id} is completed. {kind}: POST /v1/services/{{id}}/changes. Its services: {made}."


def shown(row: Any) -> dict[str, Any] | None:
    """Who wanted the order back, and whether it was in time; None if nobody did. `done` is what is undone, for
    whatever reason. `detail`: what is to be known, or to be done instead."""
    if row.cancel_asked_at is None:
        return None
    found = {"state": "asked", "by": row.cancel_by, "reason": row.cancel_why, "asked_at": row.cancel_asked_at}
    event = orjson.loads(row.event) if row.event else {}
    if row.state == "completed":
        return found | {"state": "too_late", "detail": instead(row, event)}
    if row.state == "failed":
        reason = event.get("reason")
        others = {} if reason == "cancelled" else {"detail": f"It was being undone already ({reason})."}
        return found | {"state": "done"} | others
    told = stuck(row)
    return found | ({"detail": told} if told else {})


def stuck(row: Any) -> str:
    """What is to be known about taking back an order whose undo does not get through; nothing if it is none."""
    if row.state != "stuck":
        return ""
    event = orjson.loads(row.event) if row.event else {}
    return (
        f"It was being undone already, and its step {event.get('step')} does not answer ({event.get('detail')})."
        " All else that is left of it is undone at once. It fails as soon as that step answers, with nothing left; it"
        f" goes on being asked. Whoever runs Patchbay may go on without: POST /v1/operations/orders/{row.id}/skip."
    )
