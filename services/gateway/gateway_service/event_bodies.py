"""What the world is told about orders: public events, contracts of the gateway's own, made from what services say.

Everybody who is told an event gets the same bytes: whoever replays the log, who listens, and who has a webhook.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from patchbay_chassis.envelope import mint
from patchbay_contracts.v1.orders import (
    LineOutcome,
    OrderAmended,
    OrderBackOrdered,
    OrderCompleted,
    OrderDelayed,
    OrderFailed,
    OrderProgressed,
    OrderStuck,
)
from patchbay_contracts.words import Money

Type = Literal[
    "order.completed",
    "order.failed",
    "order.back_ordered",
    "order.amended",
    "order.delayed",
    "order.stuck",
    "order.progressed",
    "service.changed",
    "webhook.disabled",
]


class Event(NamedTuple):
    """A public event: `body` is what is told of it, byte for byte."""

    id: UUID
    type: str
    at: datetime
    reseller: str
    body: bytes
    order_id: UUID | None = None


def event(
    type_: Type,
    reseller: str,
    at: datetime,
    data: dict[str, Any],
    *,
    order_id: UUID | None = None,
) -> Event:
    """The event under an id of its own."""
    id_ = mint()
    body = orjson.dumps(
        {"id": id_, "type": type_, "at": at, "reseller": reseller, "data": data}, default=str, option=_UTC
    )
    return Event(id_, type_, at, reseller, body, order_id)


_UTC = orjson.OPT_UTC_Z


def completed(of: OrderCompleted, at: datetime) -> Event:
    """Everything that the order asked for is there."""
    data = {
        "order_id": of.order_id,
        "reference": of.reference,
        "customer_id": of.customer_id,
        "services": [
            {
                "id": made.id,
                "line": made.line,
                "service_type": made.service_type,
                "numbers": _numbers(made.numbers),
                "note": made.note,
            }
            for made in of.services
        ],
        "setup": _money(of.setup),
        "monthly": _money(of.monthly),
    } | _lines(of.lines)
    return event("order.completed", of.reseller, at, data, order_id=of.order_id)


def changed(of: OrderCompleted, at: datetime) -> Event | None:
    """The service is changed, if that is what the order asked for."""
    if of.change is None:
        return None
    data = {
        "service_id": of.change.id,
        "kind": of.change.kind,
        "added": _numbers(of.change.added),
        "removed": _numbers(of.change.removed),
        "customer_id": of.customer_id,
        "order_id": of.order_id,
    }
    return event("service.changed", of.reseller, at, data, order_id=of.order_id)


def failed(of: OrderFailed, at: datetime) -> Event:
    """The order was refused, and all that was done for it is undone."""
    data = {
        "order_id": of.order_id,
        "reference": of.reference,
        "step": of.step,
        "reason": of.reason,
        "detail": of.detail,
    } | _lines(of.lines)
    return event("order.failed", of.reseller, at, data, order_id=of.order_id)


def _lines(lines: Sequence[LineOutcome]) -> dict[str, Any]:
    return {"lines": [line.model_dump(mode="json") for line in lines]} if lines else {}


def back_ordered(of: OrderBackOrdered, at: datetime) -> Event:
    """Numbers lack, and the order waits for them."""
    data = {
        "order_id": of.order_id,
        "reference": of.reference,
        "until": of.until,
        "step": of.step,
        "line": of.line,
        "reason": of.reason,
        "detail": of.detail,
    }
    return event("order.back_ordered", of.reseller, at, data, order_id=of.order_id)


def amended(of: OrderAmended, at: datetime) -> Event:
    """An order that waits for numbers is another one now, or cannot be."""
    why = {"reason": of.reason} if of.reason else {}
    data = {"order_id": of.order_id, "step": "numbers", "detail": of.detail} | why
    return event("order.amended", of.reseller, at, data, order_id=of.order_id)


def delayed(of: OrderDelayed, at: datetime) -> Event:
    """A step takes longer than it should."""
    data = {"order_id": of.order_id, "step": of.step, "detail": of.detail}
    return event("order.delayed", of.reseller, at, data, order_id=of.order_id)


def stuck(of: OrderStuck, at: datetime) -> Event:
    """An undo does not get through; somebody looks."""
    data = {"order_id": of.order_id, "step": of.step, "detail": of.detail}
    return event("order.stuck", of.reseller, at, data, order_id=of.order_id)


def progressed(of: OrderProgressed, at: datetime) -> Event:
    """A watched order moved."""
    moves = [{"step": move.step, "what": move.what, "at": move.at, "note": move.note} for move in of.moves]
    data = {"order_id": of.order_id, "moves": moves}
    return event("order.progressed", of.reseller, at, data, order_id=of.order_id)


def _numbers(numbers: Iterable[int]) -> list[str]:
    return [f"+{number}" for number in numbers]


def _money(amounts: Sequence[Money]) -> list[dict[str, str]]:
    return [{"amount": str(money.amount), "currency": money.currency} for money in amounts]
