"""The audit trail over the API."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway_service import audit_queries, lists, views
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from patchbay_chassis.database import Database

_ENTRY = {
    "id": "0198a1de-5c1f-7d1e-8a51-6f3f0b2f9a10", "at": "2030-06-01T08:00:00Z", "client": "0d9c3f6a51be",
    "by": "key:Nightly import", "address": "198.51.100.7", "method": "POST", "route": "/v1/orders",
    "subjects": ["0198a1de-5c20-7a52-b1c6-2f6f0b2f9a11"], "status": 202,
}  # fmt: skip
SCHEMAS = {
    "AuditEntry": object_of(
        id={"type": "string", "format": "uuid"},
        at={"type": "string", "format": "date-time"},
        client={"type": "string", "description": "the key's id; empty for an operator of the site"},
        by={"type": "string"},
        address={"type": "string"},
        method={"type": "string"},
        route={"type": "string", "description": "its template"},
        subjects={"type": "array", "items": {"type": "string"}, "description": "ids in the path, and of what was made"},
        status={"type": "integer"},
    ),
    "AuditTrail": object_of(entries={"type": "array", "items": ref("AuditEntry")}, next={"type": ["string", "null"]}),
}
TRAIL = route(
    "Read the audit trail",
    "Every write by your reseller's keys, and by operators who work for it alone: one entry a request, newest first.",
    answers(
        "A page of entries",
        content(ref("AuditTrail"), {"entries": [_ENTRY], "next": "AZihoLNfcR2KUW8_Cy-aEA"}),
        401,
        403,
        422,
        429,
        503,
    ),
)


def router(database: Database, keys: Keys) -> APIRouter:
    """The route of the audit trail, for keys with the scope `audit` or `keys`."""
    routes = Routes(prefix="/v1/audit")

    @routes.get("", **TRAIL)
    async def read_audit_trail(
        caller: Annotated[Caller, Depends(keys.having("audit", "keys"))],
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        after: Annotated[str | None, Query(max_length=60, description="`next` of the page before")] = None,
        client: Annotated[str | None, Query(max_length=100, description="only what this client wrote")] = None,
    ) -> Response:
        try:
            before = views.from_cursor(after)
        except ValueError:
            raise lists.bad_cursor() from None
        async with database.connection() as db:
            rows = await audit_queries.page(db, caller.reseller, before, limit + 1, client)
        more = views.cursor(rows[limit - 1].id) if len(rows) > limit else None
        answer: dict[str, Any] = {"entries": [{**row, "id": str(row.id)} for row in rows[:limit]], "next": more}
        return Response(orjson.dumps(answer), media_type="application/json")

    return routes
