"""What OpenAPI says about orders beside what the code says of itself."""

from typing import get_args

from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.queries import State
from patchbay_chassis.streamed import NDJSON
from patchbay_contracts.order import OrderDocument

MODELS = (OrderDocument,)
EXAMPLE = {
    "reference": "PO-1",
    "customer": {"kind": "new", "name": "Ada Lovelace", "email": "ada@example.com", "pin": "4711"},
    "lines": [
        {
            "service_type": "voice-line",
            "price_list": "standard-gbp",
            "numbers": {"count": 2, "prefix": "0121737"},
            "grouping": "each",
            "settings": {"voicemail": True},
        }
    ],
    "notify": ["customer", "reseller"],
}
_DATE = {"type": "string", "format": "date-time"}
_MAYBE_DATE = {"type": ["string", "null"], "format": "date-time"}
_ID = {"type": "string", "format": "uuid"}
_LINKS = {"type": "object", "required": ["self"], "properties": {"self": {"type": "string"}}}
_SUMMARY = {
    "id": _ID,
    "kind": {"enum": ["order", "change"], "description": "whether it makes services, or is a change of one"},
    "state": {"enum": list(get_args(State))},
    "reference": {"type": ["string", "null"]},
    "accepted_at": _DATE,
    "ended_at": _MAYBE_DATE,
    "links": _LINKS,
}
_ENTRY = object_of(
    at=_DATE,
    service={"type": "string"},
    message={"type": "string"},
    topic={"type": ["string", "null"], "description": "where the message travelled; null inside a service"},
    note={"type": "string"},
)
SCHEMAS = {
    "Accepted": object_of(id=_ID, state={"const": "accepted"}, links=_LINKS),
    "OrderInList": object_of(**_SUMMARY),
    "Order": object_of(
        **_SUMMARY,
        order={"type": "object", "description": "as it was posted, without the PIN"},
        outcome={"type": ["object", "null"], "description": "what became of it; null while it is under way"},
        timeline={"type": "array", "items": _ENTRY},
    ),
    "Orders": object_of(orders={"type": "array", "items": ref("OrderInList")}, next={"type": ["string", "null"]}),
}

PLACE = route(
    "Place an order",
    "Accepted means stored: the order will end, completed or undone. Follow it at `Location`. With an"
    " `Idempotency-Key` the same order can be sent again without a second one being made, for at least 7 days.",
    answers("Accepted", content(ref("Accepted")), 401, 403, 413, 415, 422, 429, 503, status=202),
    content(ref("OrderDocument"), EXAMPLE),
)
BULK = route(
    "Place many orders",
    "One order a line (NDJSON). Each line is answered by a line, `{line, id, state}` or `{line, error}`,"
    " as soon as it is stored or refused; empty lines are counted but not answered. When too many orders are under"
    " way, the stream waits.",
    answers("One result line for each line", content({"type": "string"}, kind=NDJSON), 401, 403, 415, 503),
    content({"type": "string"}, kind=NDJSON),
)
ONE = route(
    "Show an order",
    "Its state, what became of it, and its timeline from topic to topic.",
    answers("The order", content(ref("Order")), 401, 403, 404, 422, 503),
)
EVENTS = route(
    "Follow an order",
    "Server-sent events: `moved` for each step of an order that was placed with `watched`, and `ended` with the order"
    " as it is shown. With `Last-Event-ID` from there on.",
    answers("Events", content({"type": "string"}, kind="text/event-stream"), 401, 403, 404, 422, 503),
)
PAGE = route(
    "List orders",
    "Newest first. `next` is the cursor of the next page, which stays right while orders come in.",
    answers("A page of orders", content(ref("Orders")), 401, 403, 422, 503),
)
