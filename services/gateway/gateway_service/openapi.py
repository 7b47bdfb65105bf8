"""What OpenAPI says about the API beside what the code says of itself."""

from typing import Any, get_args

from fastapi import FastAPI
from starlette.responses import Response

from gateway_service.queries import State
from patchbay_chassis.streamed import NDJSON
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
_DATE = {"type": "string", "format": "date-time"}
_MAYBE_DATE = {"type": ["string", "null"], "format": "date-time"}
_ID = {"type": "string", "format": "uuid"}
_LINKS = {"type": "object", "required": ["self"], "properties": {"self": {"type": "string"}}}


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(fields), "properties": fields}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_SUMMARY = {
    "id": _ID,
    "state": {"enum": list(get_args(State))},
    "reference": {"type": ["string", "null"]},
    "accepted_at": _DATE,
    "ended_at": _MAYBE_DATE,
    "links": _LINKS,
}
_FAULT = {
    "type": "object",
    "required": ["message", "remedy"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901) into the request"},
        "parameter": {"type": "string", "description": "of the query or a header, instead of a pointer"},
        "message": {"type": "string"},
        "remedy": {"type": "string"},
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": _FAULT},
    },
}
_ENTRY = _object(
    at=_DATE,
    service={"type": "string"},
    message={"type": "string"},
    topic={"type": ["string", "null"], "description": "where the message travelled; null inside a service"},
    note={"type": "string"},
)
_SCHEMAS = {
    "Accepted": _object(id=_ID, state={"const": "accepted"}, links=_LINKS),
    "OrderInList": _object(**_SUMMARY),
    "Order": _object(
        **_SUMMARY,
        order={"type": "object", "description": "as it was posted, without the PIN"},
        outcome={"type": ["object", "null"], "description": "what became of it; null while it is under way"},
        timeline={"type": "array", "items": _ENTRY},
    ),
    "Orders": _object(orders={"type": "array", "items": _ref("OrderInList")}, next={"type": ["string", "null"]}),
    "Problem": _PROBLEM,
}


class Described(FastAPI):
    """The API with what OpenAPI should know beside the paths: schemas, and how callers say who they are."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            order = OrderDocument.model_json_schema(ref_template="#/components/schemas/{model}")
            parts = super().openapi().setdefault("components", {})
            parts["schemas"] = {**order.pop("$defs"), "OrderDocument": order, **_SCHEMAS}
            parts["securitySchemes"] = {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            }
            super().openapi()["security"] = [{"key": []}, {"bearer": []}]
        return super().openapi()


def _answers(good: str, schema: dict[str, Any], *bad: int, status: int = 200, kind: str = "application/json") -> Any:
    problem = {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": _ref("Problem")}},
    }
    return {status: {"description": good, "content": {kind: {"schema": schema}}}, **dict.fromkeys(bad, problem)}


ABOUT: dict[str, Any] = {
    "title": "Patchbay",
    "version": "0.1.0",
    "summary": "Customers and services, ordered one by one or by the thousand.",
    "description": "Send your API key in `X-API-Key`, or as bearer token. Errors are `application/problem+json`.",
}
PLACE: dict[str, Any] = {
    "summary": "Place an order",
    "description": "Accepted means stored: the order will end, completed or undone. Follow it at `Location`. With an"
    " `Idempotency-Key` the same order can be sent again without a second one being made, for at least 7 days.",
    "response_class": Response,
    "responses": _answers("Accepted", _ref("Accepted"), 401, 413, 415, 422, 429, 503, status=202),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("OrderDocument"), "example": EXAMPLE}},
        }
    },
}
BULK: dict[str, Any] = {
    "summary": "Place many orders",
    "description": "One order a line (NDJSON). Each line is answered by a line, `{line, id, state}` or `{line, error}`,"
    " as soon as it is stored or refused; empty lines are counted but not answered. When too many orders are under"
    " way, the stream waits.",
    "response_class": Response,
    "responses": _answers("One result line for each line", {"type": "string"}, 401, 415, 503, kind=NDJSON),
    "openapi_extra": {"requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string"}}}}},
}
ONE: dict[str, Any] = {
    "summary": "Show an order",
    "description": "Its state, what became of it, and its timeline from topic to topic.",
    "response_class": Response,
    "responses": _answers("The order", _ref("Order"), 401, 404, 422, 503),
}
PAGE: dict[str, Any] = {
    "summary": "List orders",
    "description": "Newest first. `next` is the cursor of the next page, which stays right while orders come in.",
    "response_class": Response,
    "responses": _answers("A page of orders", _ref("Orders"), 401, 422, 503),
}
