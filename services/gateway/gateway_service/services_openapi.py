"""What OpenAPI says about services beside what the code says of itself."""

from typing import get_args

from gateway_service import etags, reading_openapi
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.findings import REASON
from patchbay_contracts.services import ChangeKind, History, ServiceChange
from patchbay_contracts.validity import Finding

MODELS = (ServiceChange, History, Finding)
KINDS = frozenset(get_args(ChangeKind))
_CHANGE = {
    "version": 1,
    "why": "the customer asked for voicemail",
    "wanted": {"kind": "settings", "settings": {"voicemail": True}},
    "notify": ["customer"],
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

ONE = reading_openapi.one(
    "Show a service",
    "All about it. A change of it needs its `version`, and may name its ETag.",
    "Service",
    _SERVICE,
    "no_such_service",
)
PAGE = reading_openapi.SERVICES
HISTORY = route(
    "Show what became of a service",
    "Every change of it, newest first: by whom, why, what was before and after, and the order that it was.",
    answers("A page of changes", content(ref("History"), _HISTORY), 401, 403, 422, 503),
)
_FINDING = {
    "code": "billing.other_currency",
    "severity": "warning",
    "tab": "billing",
    "pointer": "/wanted/price_list",
    "message": "it is charged in EUR from then on, and was in GBP",
    "remedy": "choose a price list of the same currency, or make sure that the customer knows",
    "reason": None,
    "waived": "agreed with the customer",
}
_SHOWN = object_of(reason=REASON, waived={"type": ["string", "null"]})
_REPORT = object_of(
    findings={"type": "array", "items": {"allOf": [ref("Finding"), _SHOWN]}},
    may_place={"type": "boolean"},
)
VALIDITY = route(
    "Check a change of a service",
    "Nothing is placed. Provisioning, numbers and billing are asked by the rules that guard the change, with numbers as"
    " they could be held just now. Each finding has its severity, the place in the change, and what to do. An error is"
    " what the change would be refused for: it cannot be waived. A warning is put aside by naming it in `waived` of the"
    " change, by `code` and `pointer`, with a reason that the service's history keeps. `may_place`: no error, and no"
    " warning that is not waived. A change that is placed is not stopped by warnings.",
    answers(
        "What was found, errors first",
        content(_REPORT, {"findings": [_FINDING], "may_place": True}),
        401,
        403,
        413,
        415,
        422,
        503,
    ),
    content(ref("ServiceChange"), _CHANGE),
)
CHANGE = route(
    "Change a service",
    "Its settings, its price list from a date, its numbers; suspend, resume or end it. Each change is an order of its"
    " own: follow it at `Location`. It is carried out whole, or all stays as it was. `version` is that of the service"
    " as you saw it: of two changes at once one is refused. `If-Match`, where it is given, is the ETag with which the"
    " whole service was read: if it is another one by now, nothing is accepted, and the answer is 412. With an"
    " `Idempotency-Key` it can be sent again. `notify`: who gets a mail when it is done, by the templates for"
    " `service_changed`; the reseller also when it comes to nothing.",
    answers(
        "Accepted",
        content(ref("Accepted"), {"id": _ID, "state": "accepted", "links": {"self": f"/v1/orders/{_ID}"}}),
        401,
        403,
        404,
        412,
        413,
        415,
        422,
        429,
        503,
        status=202,
    ),
    content(ref("ServiceChange"), _CHANGE),
    [etags.SEEN_IF_GIVEN],
)
