"""The AsyncAPI 3 document of webhooks: what is posted to them, made from what OpenAPI says of events."""

import inspect
from typing import Any, get_args

import orjson
from fastapi import APIRouter
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from gateway_service import bodies
from gateway_service.event_bodies import Type
from gateway_service.events_openapi import DATA, EXAMPLE, MODELS
from gateway_service.routes import Routes

TEST = "webhook.test"
_ID = {"type": "string", "format": "uuid"}
_AT = {"type": "string", "format": "date-time"}
_HEADERS = {
    "type": "object",
    "description": "Standard Webhooks 1.0",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": _ID | {"description": "the event's id, the same at each attempt: handle each id once"},
        "webhook-timestamp": {"type": "string", "description": "seconds since 1970; refuse what is minutes old"},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,` and a signature for each secret that is valid now, with spaces between them",
        },
    },
}


def document() -> dict[str, Any]:
    """The whole."""
    messages = {type_: _told(type_) for type_ in get_args(Type)} | {TEST: _test()}
    _, models = models_json_schema([(m, "serialization") for m in MODELS], ref_template="#/components/schemas/{model}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Patchbay's webhooks",
            "version": "1.0.0",
            "description": "What Patchbay posts to the URLs of webhooks (`/v1/webhooks` of `/openapi.json`). The replay"
            " and the streams of events have the same bytes. Readers ignore fields and types that they do not know.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "webhooks": {
                "address": None,
                "description": "The URL with which a webhook was made.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "deliver": {
                "action": "send",
                "summary": "An answer of 2xx within the time limit takes the event; anything else has it sent again.",
                "channel": {"$ref": "#/channels/webhooks"},
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {"messages": messages, "schemas": {"Headers": _HEADERS, **models["$defs"]}},
    }


def _told(type_: str) -> dict[str, Any]:
    model = DATA[type_]
    described = {"type": {"const": type_}, "data": {"$ref": f"#/components/schemas/{model.__name__}"}}
    message = _message(type_, {"id": _ID, "at": _AT, "reseller": {"type": "string"}, **described})
    message["description"] = inspect.cleandoc(model.__doc__ or "")
    if EXAMPLE["type"] == type_:
        message["examples"] = [{"payload": EXAMPLE}]
    return message


def _test() -> dict[str, Any]:
    data = {"type": "object", "required": ["webhook_id"], "properties": {"webhook_id": _ID}}
    message = _message(TEST, {"id": _ID, "at": _AT, "type": {"const": TEST}, "data": data})
    message["description"] = "What a test delivery says. It stands in no log."
    return message


def _message(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"type": "object", "required": list(properties), "properties": properties},
    }


def router() -> APIRouter:
    """The route, for everybody, like the OpenAPI document's."""
    routes = Routes()
    answer = orjson.dumps(document())

    @routes.get("/asyncapi.json", include_in_schema=False)
    async def show_document() -> Response:
        return Response(answer, media_type=bodies.JSON)

    return routes
