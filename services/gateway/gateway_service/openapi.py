"""What OpenAPI says about the API beside what the code says of itself."""

from typing import Any

from patchbay_contracts.order import OrderDocument

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
_ORDER = OrderDocument.model_json_schema()
_PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901) into the request"},
                    "parameter": {"type": "string", "description": "of the query or a header, instead of a pointer"},
                    "message": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
    },
}


def _answers(good: str, *bad: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    problem: dict[str, Any] = {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }
    return {status: {"description": good}, **dict.fromkeys(bad, problem)}


ABOUT: dict[str, Any] = {
    "title": "Patchbay",
    "version": "0.1.0",
    "summary": "Customers and services, ordered one by one or by the thousand.",
    "description": "Send your API key in `X-API-Key`, or as bearer token. Errors are `application/problem+json`.",
}
PLACE: dict[str, Any] = {
    "summary": "Place an order",
    "description": "Accepted means stored: the order will end, completed or undone. Follow it at `Location`.",
    "responses": _answers("Accepted", 401, 413, 415, 422, 429, 503, status=202),
    "openapi_extra": {
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ORDER, "example": EXAMPLE}}}
    },
}
BULK: dict[str, Any] = {
    "summary": "Place many orders",
    "description": "One order a line (NDJSON). Each line is answered by a line, `{line, id, state}` or `{line, error}`,"
    " as soon as it is stored or refused. When too many orders are under way, the stream waits.",
    "responses": _answers("One result line for each line", 401, 415),
    "openapi_extra": {
        "requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
    },
}
ONE: dict[str, Any] = {
    "summary": "Show an order",
    "description": "Its state, what became of it, and its timeline from topic to topic.",
    "responses": _answers("The order", 401, 404, 422),
}
PAGE: dict[str, Any] = {
    "summary": "List orders",
    "description": "Newest first. `next` is the cursor of the next page, which stays right while orders come in.",
    "responses": _answers("A page of orders", 401, 422),
}
