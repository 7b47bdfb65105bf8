"""From what became of an order to the service order that a client sees. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from gateway_service.tmf.order_queries import Stored
from gateway_service.tmf.order_states import FINAL, State, of_order
from gateway_service.tmf.sent import ITEMS

PATH = "/tmf-api/serviceOrdering/v4/serviceOrder"
SERVICES = "/tmf-api/serviceInventoryManagement/v4/service"
RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"
REJECTED_AT = {"validity", "service"}
"""Steps at which an order is refused before anything was begun."""
CANCELLED = "cancelled"
"""Why an order failed that was taken back."""
TAKES_LONGER = {"delayed", "stuck"}


def state_of(row: Any | None) -> State:
    """What an order of Patchbay's is to the TM Forum."""
    if row is None:
        return "failed"
    if row.state == "completed":
        return "completed"
    if row.state == "failed":
        event = _event(row)
        if event.get("reason") == CANCELLED:
            return "cancelled"
        return "rejected" if event.get("step") in REJECTED_AT else "failed"
    if row.cancel_why is not None:
        return "assessingCancellation"
    return "pending" if row.state == "back_ordered" else "inProgress"


def item_states(order: Stored, orders: Mapping[UUID, Any]) -> list[State]:
    """What each item is."""
    return [_item_state(item, orders) for item in order.items]


def _item_state(item: Mapping[str, Any], orders: Mapping[UUID, Any]) -> State:
    if "order" in item:
        return state_of(orders.get(UUID(item["order"])))
    state: State = item.get("state", "completed")
    return state


def shown(order: Stored, orders: Mapping[UUID, Any], base: str) -> dict[str, Any]:
    """The whole service order: what was sent as it was sent, and what became of it."""
    states = item_states(order, orders)
    whole: State = of_order([s for item, s in zip(order.items, states, strict=True) if item] or states)
    made = {
        "id": str(order.id),
        "href": f"{base}{PATH}/{order.id}",
        "@type": "ServiceOrder",
        "@baseType": "Entity",
        "state": whole,
        "orderDate": written(order.ordered_at),
    }
    found = made | order.sent | {name: made[name] for name in ("id", "href", "state")}
    name = next((one for one in ITEMS if one in order.sent), ITEMS[0])
    sent = order.sent.get(name, [])
    items = zip(sent, order.items, states, strict=True)
    found[name] = [_item(one, item, state, orders, base) for one, item, state in items]
    found |= _dates(order, orders, whole, found)
    if whole == "cancelled" and "cancellationReason" not in found and (why := _why_cancelled(order, orders)):
        found["cancellationReason"] = why
    if errors := [error for one in found[name] for error in _of_order(one)]:
        found["errorMessage"] = errors
    if alerts := list(_alerts(order, orders)):
        found["jeopardyAlert"] = alerts
    return found


def _dates(order: Stored, orders: Mapping[UUID, Any], whole: State, found: Mapping[str, Any]) -> dict[str, str]:
    """When it was begun and when it ended, unless the client says otherwise."""
    own = [orders[id_] for id_ in order.orders() if id_ in orders]
    begun = [*(row.accepted_at for row in own), *([order.started_at] if order.started_at else [])]
    ended = [*(row.ended_at for row in own if row.ended_at), *([order.ended_at] if order.ended_at else [])]
    dates = {"startDate": min(begun, default=None)}
    if whole in FINAL:
        dates["cancellationDate" if whole == "cancelled" else "completionDate"] = max(ended, default=None)
    return {name: written(at) for name, at in dates.items() if at is not None and name not in found}


def _why_cancelled(order: Stored, orders: Mapping[UUID, Any]) -> str:
    """What was said about it when it was taken back."""
    taken_back = [orders[id_] for id_ in order.orders() if state_of(orders.get(id_)) == "cancelled"]
    return next((str(row.cancel_why or _event(row).get("detail", "")) for row in taken_back), "")


def _item(
    sent: Mapping[str, Any], item: Mapping[str, Any], state: State, orders: Mapping[UUID, Any], base: str
) -> dict[str, Any]:
    found = {**sent, "state": state}
    row = orders.get(UUID(item["order"])) if "order" in item else None
    if row is not None and state in ("failed", "rejected"):
        event = _event(row)
        found["errorMessage"] = [
            {
                "code": event.get("reason", state),
                "reason": f"{event.get('step', '')}: {event.get('reason', '')}",
                "message": event.get("detail", ""),
                "timestamp": written(row.ended_at),
                "@type": "ServiceOrderItemErrorMessage",
            }
        ]
    if row is not None and state == "completed":
        found["service"] = _service(dict(sent.get("service") or {}), item, _event(row), base)
    return found


def _service(service: dict[str, Any], item: Mapping[str, Any], event: Mapping[str, Any], base: str) -> dict[str, Any]:
    """The service of an item that is done: which it is, and its numbers. What was sent of it stays."""
    if (change := event.get("change")) is not None:
        return {**service, "href": f"{base}{SERVICES}/{change['id']}"}
    made = [one for one in event.get("services", ()) if one["line"] in item["lines"]]
    numbers = [number for one in made for number in one.get("numbers", ())]
    if len(made) == 1:
        service |= _ref(SERVICES, made[0]["id"], base)
    elif made:
        service["supportingService"] = [_ref(SERVICES, one["id"], base) for one in made]
    if numbers:
        service["supportingResource"] = [_ref(RESOURCES, n, base) | {"@referredType": "Resource"} for n in numbers]
    return {"state": "active"} | service


def _ref(path: str, id_: str, base: str) -> dict[str, str]:
    return {"id": id_, "href": f"{base}{path}/{id_}"}


def _of_order(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for error in item.get("errorMessage", ()):
        if error.get("@type") == "ServiceOrderItemErrorMessage":
            yield error | {"@type": "ServiceOrderErrorMessage", "serviceOrderItem": [{"itemId": item["id"]}]}


def _alerts(order: Stored, orders: Mapping[UUID, Any]) -> Iterator[dict[str, Any]]:
    for id_ in order.orders():
        row = orders.get(id_)
        if row is not None and row.state in TAKES_LONGER:
            event = _event(row)
            message = f"{event.get('step', '')}: {event.get('detail', '')}"
            yield {
                "name": row.state,
                "jeopardyType": row.state,
                "message": message,
                "@type": "ServiceOrderJeopardyAlert",
            }


def _event(row: Any) -> dict[str, Any]:
    return orjson.loads(row.event) if row.event else {}


def written(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
