"""What OpenAPI says about services beside what the code says of itself."""

from typing import get_args

from gateway_service.describing import answers, content, ref, route
from patchbay_contracts.services import ChangeKind, History, Service, ServiceChange

MODELS = (ServiceChange, Service, History)
KINDS = frozenset(get_args(ChangeKind))
_CHANGE = {
    "version": 1,
    "why": "the customer asked for voicemail",
    "wanted": {"kind": "settings", "settings": {"voicemail": True}},
}
_ID = "0193f6a0-0000-7000-8000-0000000000b1"
_SERVICE = {
    "id": _ID,
    "version": 2,
    "reseller": "acme",
    "customer_id": "00000000-0000-7000-8000-000000000002",
    "order_id": "0193f6a0-0000-7000-8000-0000000000c1",
    "line": 0,
    "service_type": "voice-line",
    "price_list": "standard-gbp",
    "state": "active",
    "numbers": ["+441214960000"],
    "settings": {"voicemail": True},
    "created_at": "2026-11-24T12:00:00Z",
}
_HISTORY = {
    "changes": [
        {
            "order_id": "0193f6a0-0000-7000-8000-0000000000a1",
            "kind": "settings",
            "outcome": "done",
            "by": "key:demo",
            "why": "the customer asked for voicemail",
            "before": {"settings": {}, "settings_by_number": {}},
            "after": {"settings": {"voicemail": True}, "settings_by_number": {}},
            "asked_at": "2026-11-24T12:00:00Z",
            "ended_at": "2026-11-24T12:00:01Z",
        }
    ],
    "next": None,
}

ONE = route(
    "Show a service",
    "All about it. A change of it needs its `version`.",
    answers("The service", content(ref("Service"), _SERVICE), 401, 403, 404, 422, 503),
)
HISTORY = route(
    "Show what became of a service",
    "Every change of it, newest first: by whom, why, what was before and after, and the order that it was.",
    answers("A page of changes", content(ref("History"), _HISTORY), 401, 403, 422, 503),
)
CHANGE = route(
    "Change a service",
    "Its settings, its price list from a date, its numbers; suspend, resume or end it. Each change is an order of its"
    " own: follow it at `Location`. It is carried out whole, or all stays as it was. `version` is that of the service"
    " as you saw it: of two changes at once one is refused. With an `Idempotency-Key` it can be sent again.",
    answers(
        "Accepted",
        content(ref("Accepted"), {"id": _ID, "state": "accepted", "links": {"self": f"/v1/orders/{_ID}"}}),
        401,
        403,
        413,
        415,
        422,
        429,
        503,
        status=202,
    ),
    content(ref("ServiceChange"), _CHANGE),
)
