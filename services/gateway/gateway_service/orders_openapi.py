"""What OpenAPI says about orders beside what the code says of itself."""

from typing import get_args

from gateway_service import etags, line_states
from gateway_service.cancelling import Cancel
from gateway_service.describing import answers, content, dated, object_of, ref, route
from gateway_service.queries import State
from gateway_service.reading_openapi import one, page
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.reasons import REASONS as REASON_CODES

MODELS = (OrderDocument, Cancel)
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
    "partly": {"type": "boolean", "description": "completed, but without the lines that were refused"},
    "starts_at": _MAYBE_DATE | {"description": "when it begins or began, if it was to wait"},
    "reference": {"type": ["string", "null"]},
    "customer_id": {"type": ["string", "null"], "format": "uuid", "description": "a new one's once it is made"},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
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
_MAYBE = {"type": ["string", "null"]}
_LINE = object_of(
    line={"type": "integer", "minimum": 0, "description": "its place in the order, from 0"},
    state={"enum": list(line_states.MEANINGS), "description": line_states.told()},
    reason=_MAYBE | {"description": "a code of `GET /v1/reasons`, where it is not as it was asked for"},
    detail=_MAYBE,
    remedy=_MAYBE | {"description": "what to do about it"},
    done=_MAYBE | {"description": "what was done about it"},
    services={"type": "array", "items": _ID, "description": "those that it made"},
)
_PREVIEW = {
    **object_of(id=_ID, made_at=_DATE, unchanged={"type": "boolean"}, changes={"type": "object"}),
    "description": "what has changed since the preview that the order names: prices, findings, availability",
}
_LINE["properties"]["given"] = {
    "type": ["object", "null"],
    "description": "what it got instead of what was asked for: its `numbers`, and of those that were named which"
    " stands `instead_of` which",
}
SCHEMAS = {
    "OrderLine": _LINE,
    "BackOrderShown": object_of(
        until=_DATE,
        line={"type": "integer", "minimum": 0, "description": "the first line that lacks numbers"},
        reason={"type": "string"},
        detail={"type": "string"},
    ),
    "Accepted": {
        **(accepted := object_of(id=_ID, state={"const": "accepted"}, links=_LINKS)),
        "properties": {**accepted["properties"], "preview": _PREVIEW},
    },
    "Cancelling": {
        **(cancelling := object_of(id=_ID, state={"enum": ["cancelling", "cancelled"]}, links=_LINKS)),
        "properties": {
            **cancelling["properties"],
            "detail": {"type": "string", "description": "of an order that is stuck: what it waits for, what to do"},
        },
    },
    "OrderInList": object_of(**_SUMMARY),
    "Order": object_of(
        **_SUMMARY,
        order={"type": "object", "description": "as it was posted, without the PIN"},
        outcome={"type": ["object", "null"], "description": "what became of it; null while it is under way"},
        back_order={
            "anyOf": [ref("BackOrderShown"), {"type": "null"}],
            "description": "what it waits for, and until when; null in any other state than `back_ordered`",
        },
        lines={"type": "array", "items": ref("OrderLine"), "description": "what became of each; a change has none"},
        cancel={
            "type": ["object", "null"],
            "description": "who wanted it back; `state`: `asked`, `done` when nothing of it is left, or `too_late` when"
            " it completed; `detail`, if there is more to know: what it waits for, or what to do instead",
        },
        amend={
            "type": ["object", "null"],
            "description": "who wanted it otherwise the last time, and what was `wanted`; `state`: `asked`, `done`,"
            " `refused` for a `reason`, or `too_late` when it went on as it was",
        },
        timeline={"type": "array", "items": _ENTRY},
    ),
    "Orders": object_of(orders={"type": "array", "items": ref("OrderInList")}, next={"type": ["string", "null"]}),
}
SHOWN = {
    "id": "0193f6a0-0000-7000-8000-0000000000c1",
    "kind": "order",
    "state": "completed",
    "partly": True,
    "starts_at": "2026-11-24T12:00:00Z",
    "reference": "PO-1",
    "customer_id": "00000000-0000-7000-8000-000000000002",
    "labels": {"campaign": "autumn"},
    "accepted_at": "2026-11-24T12:00:00Z",
    "ended_at": "2026-11-24T12:00:01Z",
    "links": {"self": "/v1/orders/0193f6a0-0000-7000-8000-0000000000c1"},
    "order": {
        "reference": "PO-1",
        "customer": {"kind": "existing", "id": "00000000-0000-7000-8000-000000000002"},
        "lines": [
            {
                "service_type": "voice-line",
                "price_list": "standard-gbp",
                "numbers": {"exact": ["+441214960111"], "policy": "substitute"},
            },
            {"service_type": "voice-line", "price_list": "summer", "numbers": {"count": 1}},
        ],
        "failure": "keep_what_worked",
    },
    "outcome": {
        "customer_id": "00000000-0000-7000-8000-000000000002",
        "services": [
            {
                "id": "0193f6a0-0000-5000-8000-0000000000b1",
                "line": 0,
                "service_type": "voice-line",
                "numbers": ["+441214960000"],
                "note": "+441214960000 (gold) instead of +441214960111",
            }
        ],
        "setup": [{"amount": "5.00", "currency": "GBP"}],
        "monthly": [{"amount": "9.50", "currency": "GBP"}],
    },
    "lines": [
        {
            "line": 0,
            "state": "substituted",
            "reason": "taken",
            "detail": "+441214960000 (gold) instead of +441214960111",
            "remedy": "Choose another number, or let one be substituted.",
            "done": "Others were taken instead.",
            "services": ["0193f6a0-0000-5000-8000-0000000000b1"],
            "given": {"numbers": ["+441214960000"], "instead_of": {"+441214960111": "+441214960000"}},
        },
        {
            "line": 1,
            "state": "refused",
            "reason": "price_list_not_in_force",
            "detail": "/lines/1/price_list: 'summer' is in force from 2026-06-01 to 2026-08-31: choose another",
            "remedy": "Choose another price list.",
            "done": "It was left out, and nothing of it is held or charged.",
            "services": [],
        },
    ],
    "back_order": None,
    "cancel": {
        "state": "too_late",
        "by": "key:demo",
        "reason": "the customer changed its mind",
        "asked_at": "2026-11-24T12:00:01Z",
        "detail": "Order 0193f6a0-0000-7000-8000-0000000000c1 is completed. End its services instead: POST"
        " /v1/services/{id}/changes. Its services: 0193f6a0-0000-5000-8000-0000000000b1.",
    },
    "amend": None,
    "timeline": [
        {
            "at": "2026-11-24T12:00:00Z",
            "service": "gateway",
            "message": "provisioning.PlaceOrder.v1",
            "topic": "provisioning.commands.v1",
            "note": "accepted",
        }
    ],
}
_CODE = object_of(code={"type": "string"}, meaning={"type": "string"}, remedy={"type": "string"})
SCHEMAS["Reasons"] = object_of(reasons={"type": "array", "items": _CODE})

ACCEPTED = {"id": SHOWN["id"], "state": "accepted", "links": SHOWN["links"]}
PLACE = route(
    "Place an order",
    "Accepted means stored: the order will end, completed or undone. Follow it at `Location`. If a"
    " line is refused, all is undone, unless the order says `keep_what_worked` or the line is `optional`. With `start`"
    " it waits until then; nothing is held or created for it before. With `back_order` and `until` it waits for numbers"
    " that cannot be had now, holding nothing. With an"
    " `Idempotency-Key` the same order can be sent again without a second one being made, for at least 7 days. An order"
    " that names the `preview` of a dry run is told what has changed since; with `require_unchanged` it is refused if"
    " anything has.",
    answers("Accepted", content(ref("Accepted"), ACCEPTED), 401, 403, 409, 413, 415, 422, 429, 503, status=202),
    content(ref("OrderDocument"), EXAMPLE),
)
ONE = dated(
    one(
        "Show an order",
        "Its state, what became of it and of each line, and its timeline from topic to topic.",
        "Order",
        SHOWN,
        "no_such_order",
    )
)
_MOVED = 'id: 1\nevent: moved\ndata: {"step":"numbers","what":"done","note":"","at":"2026-11-24T12:00:00Z"}\n\n'
CANCEL = route(
    "Cancel an order",
    "While it is under way: what was done for it is undone, and it fails with the reason `cancelled`; follow it at"
    " `Location`. The same goes for a change of a service. Asked again it is answered again: 202 while it is under way,"
    " 200 when it was cancelled. One that has completed is 409: end its services. Between the two it may turn out to be"
    " too late; then the order completes, and `cancel` says so. One that is `stuck` is being undone already: all that"
    " is left of it is undone at once, and `detail` says which answer its end waits for. `If-Match`, where"
    " it is given, is the ETag with which the whole order was read: 412 if it is another one by now, but for tries in"
    " vain; what was asked before is answered again whatever the order is by now.",
    {
        200: {
            "description": "It was cancelled",
            "content": content(ref("Cancelling"), {"id": SHOWN["id"], "state": "cancelled", "links": SHOWN["links"]}),
        },
        **answers(
            "It is being cancelled",
            content(
                ref("Cancelling"),
                {
                    "id": SHOWN["id"],
                    "state": "cancelling",
                    "links": SHOWN["links"],
                },
            ),
            401,
            403,
            404,
            409,
            412,
            413,
            415,
            422,
            503,
            status=202,
        ),
    },
    content(ref("Cancel"), {"reason": "the customer changed its mind"}),
    [etags.SEEN_IF_GIVEN],
)
EVENTS = route(
    "Follow an order",
    "Server-sent events: `moved` for each step of an order that was placed with `watched`, and `ended` with the order"
    " as it is shown. With `Last-Event-ID` from there on: 204 behind the end, and an id that is none of the order's is"
    " refused.",
    answers("Events", content({"type": "string"}, _MOVED, "text/event-stream"), 401, 403, 404, "events_gone", 422, 503)
    | {204: {"description": "The order has ended, and `Last-Event-ID` says that its end was seen"}},
)
PAGE = dated(
    page(
        "List orders",
        "Newest first. `next` is the cursor of the next page, which stays right while orders come in.",
        "Orders",
        "orders",
        {name: SHOWN[name] for name in _SUMMARY},
    )
)
REASONS = route(
    "List reason codes",
    "Every code with which an order, a line or a change of a service is refused or undone. A code keeps its meaning;"
    " new ones may come.",
    answers(
        "The codes",
        content(
            ref("Reasons"),
            {"reasons": [{"code": "taken", **REASON_CODES["taken"]._asdict()}]},
        ),
        401,
        403,
        503,
    ),
)
