"""What OpenAPI says about bulks and batches beside what the code says of itself."""

import json

from gateway_service.describing import answers, content, dated, object_of, ref, route
from gateway_service.order_csv import AS_JSON, CSV, OF_LINE, OF_ORDER
from gateway_service.orders_openapi import EXAMPLE
from patchbay_chassis.streamed import NDJSON

ID = "0199a7c2-8f3e-7b5a-9c1d-2e4f60718293"
ORDER = "0199a7c2-9a10-7c44-8d2e-3f5061728394"
_UUID = {"type": "string", "format": "uuid"}
_DATE = {"type": "string", "format": "date-time"}
_COUNT = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_STATES = {"refused": 1, "accepted": 0, "waiting": 0, "back_ordered": 0, "delayed": 0, "stuck": 0, "completed": 2} | {
    "failed": 0
}
CSV_EXAMPLE = (
    "order,reference,customer.name,customer.email,customer.pin,service_type,price_list,numbers.count,settings.voicemail\r\n"
    "a,PO-1,Ada Lovelace,ada@example.com,'0471,voice-line,standard-gbp,2,true\r\n"
    "a,,,,,voice-line,standard-gbp,1,false\r\n"
    "b,PO-2,Grace Hopper,grace@example.com,8103,voice-line,standard-gbp,1,true\r\n"
)
LINES_EXAMPLE = json.dumps(EXAMPLE) + "\n"
RESULT = {"line": 1, "id": ORDER, "state": "accepted"}
SHOWN = {
    "id": ID,
    "kind": "ndjson",
    "created_at": "2026-11-27T09:00:00Z",
    "changed_at": "2026-11-27T09:00:04Z",
    "accepted_through": 3,
    "lines": 3,
    "states": _STATES,
    "links": {
        "self": f"/v1/batches/{ID}",
        "results": f"/v1/batches/{ID}/results",
        "resume": f"/v1/orders/bulk?batch={ID}",
    },
}
LINE = {
    "position": 1,
    "reference": "PO-1",
    "order": ORDER,
    "state": "completed",
    "reason": None,
    "services": ["0199a7c2-a0b1-7d55-9e3f-405162738495"],
    "numbers": ["+441217370000"],
}
SCHEMAS = {
    "Batch": object_of(
        id=_UUID,
        kind={"enum": ["ndjson", "csv"]},
        created_at=_DATE,
        changed_at=_DATE,
        accepted_through={**_COUNT, "description": "every line up to this one is decided for good"},
        lines={**_COUNT, "description": "so many lines were decided"},
        states={"type": "object", "additionalProperties": {"type": "integer"}},
        links=object_of(self=_TEXT, results=_TEXT, resume=_TEXT),
    ),
    "Batches": object_of(batches={"type": "array", "items": ref("Batch")}, next={"type": ["string", "null"]}),
}

BULK = route(
    "Place many orders",
    "One order a line (NDJSON), or a row a line (CSV), up to 1,000,000 lines. Each order is answered by a line,"
    " `{line, id, state}` or `{line, error}`, as soon as it is stored or refused; empty lines are counted but not"
    " answered. A line that names the `preview` of a dry run is told in `preview` what has changed since, seen beside"
    " the lines that are stored with it; with `require_unchanged` it is refused if anything has. When too many orders"
    " are under way, the stream waits; a bulk that cannot begin is answered 429.\n\n"
    "With `Batch-Id` (or `?batch=`), an id of your choice, the bulk is a batch: each position is decided once. After a"
    " cut connection `GET /v1/batches/{id}` says how far it was `accepted_through`; send the rest `?from=` the line"
    " behind it, or everything again: lines that are known are answered as before, with `replayed`, and not made"
    " again. Another order at a known position is refused; a line that was refused may be sent corrected."
    " An `Idempotency-Key` without a batch names one: the answer has its `Batch-Id`.\n\n"
    "CSV is UTF-8 with commas, its first row names the columns and is line 1. Rows one after another with the same"
    " `order` are one order, answered by the number of its last row. Columns of an order: "
    + ", ".join(f"`{name}`" for name in OF_ORDER)
    + "; of a line: "
    + ", ".join(f"`{name}`" for name in OF_LINE)
    + "; `settings.<name>` is one setting, as JSON if it is any, `labels.<name>` one label of the order. "
    + ", ".join(f"`{name}`" for name in AS_JSON)
    + " are JSON, as in an order's document. Lists are separated by spaces or semicolons, address"
    " lines by `|`. An apostrophe before a cell, as spreadsheets want it before `+`, is not part of it.",
    answers(
        "One result line for each order",
        content(_TEXT, json.dumps(RESULT) + "\n", kind=NDJSON),
        *(401, 403, 409, 415, 422, 429, 503),
    ),
    content(_TEXT, LINES_EXAMPLE, kind=NDJSON) | content(_TEXT, CSV_EXAMPLE, kind=CSV),
)
PAGE = dated(
    route(
        "List batches",
        "Newest first. `next` is the cursor of the next page.",
        answers(
            "A page of batches",
            content(ref("Batches"), {"batches": [SHOWN], "next": f"2026-11-27T09:00:00+00:00_{ID}"}),
            401,
            403,
            422,
            503,
        ),
    )
)
ONE = dated(
    route(
        "Show a batch",
        "How far it was accepted, and how many of its lines are in which state.",
        answers("The batch", content(ref("Batch"), SHOWN), 401, 403, 404, 422, 503),
    )
)
RESULTS = dated(
    route(
        "What became of each line of a batch",
        "In the order of the positions, as NDJSON or as CSV (`Accept: text/csv` or `?format=csv`), streamed. A line"
        " that was refused has as the `code` of its `reason` the kind of problem that it was answered with, as it is in"
        " the problem's `type` (`/problems`); one whose order failed has one of `/v1/reasons`. An order has its state"
        " as it is now, and when it is completed its services and numbers. No cell of the CSV begins as a spreadsheet's"
        " formula does.",
        answers(
            "One line for each position",
            content(_TEXT, json.dumps(LINE) + "\n", kind=NDJSON)
            | content(_TEXT, "position,reference,order,state,reason,services,numbers\r\n", kind=CSV),
            *(401, 403, 404, 422, 503),
        ),
    )
)
