"""How an order is to be shown, by what provisioning knows of it. No IO."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from gateway_service import event_bodies
from gateway_service.queries import ENDED, is_partly
from gateway_service.rebuild_queries import Truth
from patchbay_contracts.message import OrderMessage
from patchbay_contracts.standing import OrderStanding
from patchbay_contracts.v1.orders import OrderBackOrdered, OrderCompleted, OrderDelayed, OrderFailed, OrderStuck

_MESSAGES: dict[str, type[OrderMessage]] = {
    "completed": OrderCompleted,
    "failed": OrderFailed,
    "back_ordered": OrderBackOrdered,
    "delayed": OrderDelayed,
    "stuck": OrderStuck,
}
_GOES_ON = frozenset({"timeline", "detail", "again"})
"""What goes on changing of an order that has not ended, without anybody being told."""


def is_right(row: Any, known: OrderStanding) -> bool:
    """Whether the row shows what is known."""
    if row.state != known.standing or (row.ended_at is not None) != (known.standing in ENDED):
        return False
    said = _said(known)
    if said is None:
        return True
    if known.standing in ENDED and row.partly != (known.standing == "completed" and is_partly(said)):
        return False
    if isinstance(said, OrderCompleted) and row.customer_id != said.customer_id:
        return False
    ignored = frozenset[str]() if known.standing in ENDED else _GOES_ON
    return bool(_without(row.event, ignored) == _without(known.event, ignored))


def truth(row: Any, known: OrderStanding, keep_events: timedelta) -> Truth:
    """How it is to be shown, and what is told of its end, if that is not too long ago to be told."""
    said, ended, now = _said(known), known.standing in ENDED, datetime.now(UTC)
    return Truth(
        row.reseller,
        row.id,
        row.seen,
        known.standing,
        known.event,
        known.at if ended else None,
        known.standing == "completed" and said is not None and is_partly(said),
        said.customer_id if isinstance(said, OrderCompleted) else None,
        _told(said, now) if known.at > now - keep_events else (),
    )


def _said(known: OrderStanding) -> OrderMessage | None:
    return None if known.event is None else _MESSAGES[known.standing].model_validate_json(known.event)


def _told(said: OrderMessage | None, at: datetime) -> tuple[event_bodies.Event, ...]:
    if isinstance(said, OrderFailed):
        return (event_bodies.failed(said, at),)
    if not isinstance(said, OrderCompleted):
        return ()
    changed = event_bodies.changed(said, at)
    return (event_bodies.completed(said, at), *((changed,) if changed else ()))


def _without(event: str | None, fields: frozenset[str]) -> Any:
    try:
        read = orjson.loads(event or "null")
    except orjson.JSONDecodeError:
        return None
    return {name: value for name, value in read.items() if name not in fields} if isinstance(read, dict) else read
