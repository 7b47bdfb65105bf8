"""What OpenAPI says about service orders of the TM Forum."""

from typing import Any, get_args

from gateway_service.describing import content, ref
from gateway_service.tmf.cancel_queries import TaskState
from gateway_service.tmf.describing import (
    CHARACTERISTIC,
    FIELDS,
    GONE,
    LISTED,
    PARTIES,
    REF,
    REFS,
    TEXT_OR_NUMBER,
    created,
    described,
    errors,
    in_part,
    listed,
    or_null,
    shown,
)
from gateway_service.tmf.order_states import STATES
from gateway_service.tmf.sent import ITEMS

ID = "0193f6a0-0000-7000-8000-0000000000d1"
_TEXT = {"type": "string"}
_DATE = {"type": "string", "description": "a date and time, as it was sent"}
_LIST = {"type": "array", "items": {"type": "object"}}
_SERVICE = {
    "type": "object",
    "properties": {
        "id": _TEXT,
        "state": _TEXT,
        "serviceSpecification": {"type": "object", "properties": {"id": _TEXT, "name": _TEXT}},
        "serviceCharacteristic": {"type": "array", "items": CHARACTERISTIC},
        "supportingResource": _LIST,
    },
}
_ITEM = {
    "type": "object",
    "required": ["id", "action", "service"],
    "properties": {
        "id": _TEXT,
        "action": {"enum": ["add", "modify", "delete", "noChange"]},
        "quantity": {"type": "integer", "minimum": 1},
        "state": {"enum": list(STATES)},
        "service": _SERVICE,
    },
}
_SENT: dict[str, Any] = {
    "externalId": _TEXT,
    "description": _TEXT,
    "category": _TEXT,
    "priority": _TEXT,
    "requestedStartDate": _DATE,
    "requestedCompletionDate": _DATE,
    "relatedParty": _LIST,
    "note": _LIST,
    "serviceOrderItem": {"type": "array", "items": _ITEM, "minItems": 1},
    "orderItem": {"type": "array", "items": _ITEM, "minItems": 1, "description": "what older clients call it"},
    "@type": _TEXT,
    "@baseType": _TEXT,
}
_NEEDED = ["id", "action", "service"]
_ITEM_SENT = {
    "id": TEXT_OR_NUMBER,
    "action": {"enum": ["add", "modify", "delete", "noChange"]},
    "quantity": {"type": "integer", "minimum": 1},
    "state": {"enum": list(STATES)},
    "service": {
        "type": "object",
        "properties": or_null(
            {
                "id": TEXT_OR_NUMBER,
                "state": _TEXT,
                "serviceSpecification": REF,
                "serviceCharacteristic": {"type": "array", "items": CHARACTERISTIC},
                "supportingResource": REFS,
            }
        ),
    },
}
_ITEM_CREATE = {"type": "object", "required": _NEEDED, "properties": or_null(_ITEM_SENT, _NEEDED)}
_ITEM_PATCH = {"type": "object", "required": ["id"], "properties": or_null(_ITEM_SENT, ["id"])}
_ASKED = or_null(
    {name: said for name, said in _SENT.items() if name not in ITEMS}
    | {"externalId": TEXT_OR_NUMBER, "priority": TEXT_OR_NUMBER, "relatedParty": PARTIES}
)
_STATE = {"enum": list(STATES)}
_TASK = {"enum": list(get_args(TaskState))}
_CANCEL: dict[str, Any] = {
    "cancellationReason": _TEXT,
    "requestedCancellationDate": _DATE,
    "serviceOrder": {"type": "object", "required": ["id"], "properties": {"id": _TEXT, "href": _TEXT}},
}
_CANCELLED_ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": TEXT_OR_NUMBER, "href": {"type": ["string", "null"]}},
}
SCHEMAS = {
    "ServiceOrderCreate": {
        "type": "object",
        "properties": _ASKED | {name: {"type": "array", "items": _ITEM_CREATE, "minItems": 1} for name in ITEMS},
        "oneOf": [{"required": ["serviceOrderItem"]}, {"required": ["orderItem"]}],
        "additionalProperties": True,
    },
    "ServiceOrderPatch": {
        "type": "object",
        "properties": {"state": _STATE} | _ASKED | {name: {"type": "array", "items": _ITEM_PATCH} for name in ITEMS},
        "additionalProperties": True,
    },
    "CancelServiceOrderCreate": {
        "type": "object",
        "required": ["serviceOrder"],
        "properties": or_null(_CANCEL, ["serviceOrder"]) | {"serviceOrder": _CANCELLED_ORDER},
        "additionalProperties": True,
    },
    **in_part(
        "CancelServiceOrder",
        {
            "type": "object",
            "required": ["id", "href", "state", "serviceOrder"],
            "properties": {"id": _TEXT, "href": _TEXT, "state": _TASK} | _CANCEL,
            "additionalProperties": True,
        },
    ),
    **in_part(
        "ServiceOrder",
        {
            "type": "object",
            "required": ["id", "href", "state", "orderDate", "@type", "@baseType"],
            "properties": {"id": _TEXT, "href": _TEXT, "state": _STATE, "orderDate": _DATE} | _SENT,
            "additionalProperties": True,
        },
    ),
}
EXAMPLE: dict[str, Any] = {
    "externalId": "PO-7",
    "priority": "1",
    "description": "Two lines in Birmingham",
    "category": "voice",
    "requestedStartDate": "2026-12-01T09:00:00.000+01:00",
    "relatedParty": [{"role": "customer", "name": "Ada Lovelace", "email": "ada@example.com", "pin": "4711"}],
    "serviceOrderItem": [
        {
            "id": "1",
            "action": "add",
            "service": {
                "serviceSpecification": {"id": "voice-line"},
                "serviceCharacteristic": [
                    {"name": "priceList", "value": "standard-gbp"},
                    {"name": "numberCount", "value": 2},
                    {"name": "numberPrefix", "value": "0121"},
                    {"name": "voicemail", "value": True},
                ],
            },
        }
    ],
}
SHOWN: dict[str, Any] = {
    **EXAMPLE,
    "id": ID,
    "href": f"https://patchbay.example/tmf-api/serviceOrdering/v4/serviceOrder/{ID}",
    "state": "inProgress",
    "orderDate": "2026-11-27T12:00:00.000Z",
    "relatedParty": [{"role": "customer", "name": "Ada Lovelace", "email": "ada@example.com"}],
    "serviceOrderItem": [EXAMPLE["serviceOrderItem"][0] | {"state": "inProgress"}],
    "@type": "ServiceOrder",
    "@baseType": "Entity",
}
CREATE = described(
    "Place a service order (TMF641)",
    "Items that add a service of a type that Patchbay carries out become lines of an order, items that modify or delete"
    " one become changes of it; all else is acknowledged and waits until somebody carries it out by hand. What was sent"
    " comes back as it was sent, but for PINs. With an `Idempotency-Key` it can be sent again.",
    created("ServiceOrder", SHOWN) | errors(400, 413, 415, 429),
    content(ref("ServiceOrderCreate"), EXAMPLE),
)
LIST = described(
    "List service orders (TMF641)",
    "The newest first, filtered by any attribute.",
    listed("ServiceOrderInPart", SHOWN) | errors(400),
    parameters=LISTED,
)
ONE = described(
    "Retrieve a service order (TMF641)",
    "What was sent, and what became of it.",
    shown("ServiceOrderInPart", SHOWN) | errors(404),
    parameters=[FIELDS],
)
DELETE = described(
    "Delete a service order (TMF641)",
    "One that has ended, or that nobody has begun. What it made stays.",
    GONE | errors(404, 409),
)
PATCH = described(
    "Change a service order (TMF641)",
    "A merge patch: what describes it, and its state, or that of its items, where somebody carries it out by hand. A"
    " state that the standard's state machine does not know is refused (422).",
    shown("ServiceOrder", SHOWN) | errors(400, 404, 413, 415),
    content(ref("ServiceOrderPatch"), {"state": "inProgress"}),
)
_CANCEL_ASKED = {"cancellationReason": "ordered twice", "serviceOrder": {"id": ID}}
_CANCELLED = {
    **_CANCEL_ASKED,
    "id": "0193f6a0-0000-7000-8000-0000000000d2",
    "href": "https://patchbay.example/tmf-api/serviceOrdering/v4/cancelServiceOrder/0193f6a0-0000-7000-8000-0000000000d2",
    "state": "done",
    "completionMessage": "cancelled",
    "effectiveCancellationDate": "2026-11-27T12:00:00.000Z",
    "@type": "CancelServiceOrder",
    "@baseType": "Entity",
}
CANCEL = described(
    "Cancel a service order (TMF641)",
    "What Patchbay carries out is undone if its services are not active yet, as by `POST /v1/orders/{id}/cancel`: the"
    " task is `inProgress`, then `done`, or `terminatedWithError` if it was too late. What nobody has begun is"
    " cancelled at once; what is in somebody's hands is for them to decide. An order that has ended is refused (422).",
    created("CancelServiceOrder", _CANCELLED) | errors(400, 413, 415),
    content(ref("CancelServiceOrderCreate"), _CANCEL_ASKED),
)
CANCELS = described(
    "List cancellations (TMF641)",
    "The newest first, filtered by any attribute.",
    listed("CancelServiceOrderInPart", _CANCELLED) | errors(400),
    parameters=LISTED,
)
CANCELLATION = described(
    "Retrieve a cancellation (TMF641)",
    "What became of it.",
    shown("CancelServiceOrderInPart", _CANCELLED) | errors(404),
    parameters=[FIELDS],
)
