"""What OpenAPI says about dry runs beside what the code says of itself."""

import json

from gateway_service.batches_openapi import CSV_EXAMPLE, LINES_EXAMPLE
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.findings import REASON
from gateway_service.order_csv import CSV
from gateway_service.orders_openapi import EXAMPLE
from patchbay_chassis.streamed import NDJSON

_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": {"type": "object"}}
_COST = {"setup": {"amount": "20.00", "currency": "GBP"}, "monthly": {"amount": "10.00", "currency": "GBP"}}
SHOWN = {
    "preview": "0199a7c2-8f3e-7b5a-9c1d-2e4f60718294",
    "would_be": "accepted",
    "findings": [
        {
            "code": "customer.name_known",
            "severity": "warning",
            "pointer": "/customer/name",
            "message": "a customer has the same name or nearly so",
            "remedy": "choose the existing customer if it is the same, or go on",
            "reason": None,
        }
    ],
    "prices": {
        "lines": [{"line": 0, "service_type": "voice-line", "price_list": "standard-gbp", "version": 1, **_COST}],
        "totals": [_COST],
    },
    "numbers": [
        {
            "line": 0,
            "matching": 9800,
            "at_least": True,
            "given": [
                {"e164": "+441217370000", "grade": "standard"},
                {"e164": "+441217370001", "grade": "standard", "instead": "any prefix"},
            ],
            "missing": 0,
        }
    ],
    "as_of": {"changes": 7, "at": "2026-11-27T09:00:00Z", "age_ms": 12},
}
SUMMARY = {
    "orders": 1,
    "would_be": {"accepted": 1, "refused": 0},
    "findings": {},
    "totals": [_COST],
}
_FINDING = object_of(
    code=_TEXT,
    severity={"enum": ["error", "warning", "info"]},
    pointer={"type": "string", "description": "JSON Pointer (RFC 6901) into the order"},
    message=_TEXT,
    remedy=_TEXT,
    reason=REASON,
)
SCHEMAS = {
    "DryRun": object_of(
        preview={"type": "string", "format": "uuid", "description": "an order may name it, for a day"},
        would_be={"enum": ["accepted", "refused"]},
        findings={"type": "array", "items": _FINDING},
        prices=object_of(lines=_LIST, totals=_LIST),
        numbers=_LIST,
        as_of={"type": "object"},
    ),
}
_FILE_ANSWER = json.dumps({"line": 1, **SHOWN}) + "\n" + json.dumps({"summary": SUMMARY}) + "\n"

DRY_RUN = route(
    "Run orders dry",
    "What an order (JSON) or each order of a file (NDJSON or CSV, 10,000 at the most) would come to. Nothing is placed,"
    " and no number is held. A file is answered by a line for each order and a last line with its `summary`.\n\n"
    "`findings` are by the rules that the order will be held to: an `error` is what it would be refused for, and its"
    " `reason` the code that the order or its line would then have (`/v1/reasons`; null where it would not be accepted"
    " in the first place); of lines without which it would go on warnings alone are said. What is no valid order,"
    " or is to begin or to wait until a time that will not do, is answered as the order would be. In a file customers"
    " of nearly the same name are not looked for.\n\n"
    "`prices` are today's, for the numbers that would be given; with a `quote` the order is charged by that.\n\n"
    "`numbers` says how many match each line that wants any, which it would get, what of the line was changed to find"
    " a substitute (`instead`), and which number it names that one stands for (`instead_of`),"
    " as far as the search replica was level (`as_of`). Within one file no number is given to two lines, the first line"
    " first. It is no promise: who orders first has the number, and an order that"
    " asks for any number that matches may get another one that does. Each order's `preview` can be named by the order"
    " for a day: its answer then says what has changed.",
    answers(
        "What would come of it",
        content(ref("DryRun"), SHOWN) | content(_TEXT, _FILE_ANSWER, kind=NDJSON),
        *(401, 403, 413, 415, 422, 502, 503, 504),
    ),
    content(ref("OrderDocument"), EXAMPLE)
    | content(_TEXT, LINES_EXAMPLE, kind=NDJSON)
    | content(_TEXT, CSV_EXAMPLE, kind=CSV),
)
