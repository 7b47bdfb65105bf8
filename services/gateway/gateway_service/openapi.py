"""The OpenAPI document: what all routes share, and the schemas of all topics."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway_service import (
    access_openapi,
    audit_http,
    batches_openapi,
    drafts_openapi,
    dry_run_openapi,
    events_openapi,
    inventory_openapi,
    keys_openapi,
    numbers_openapi,
    orders_openapi,
    quotes_http,
    services_openapi,
    tokens_http,
    webhooks_openapi,
)
from gateway_service.tmf import describing as tmf
from gateway_service.tmf import hubs_http as tmf_hubs
from gateway_service.tmf import orders_openapi as tmf_orders
from gateway_service.tmf import resources_openapi as tmf_resources
from gateway_service.tmf import services_openapi as tmf_services
from patchbay_contracts.problem_catalogue import BY_CODE

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
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "which kind of problem it is, for programs; explained at this address",
            "examples": [BY_CODE["invalid_order"].type],
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": _FAULT},
    },
}
MODELS: tuple[type[BaseModel], ...] = (
    *orders_openapi.MODELS,
    *events_openapi.MODELS,
    *webhooks_openapi.MODELS,
    *drafts_openapi.MODELS,
    *quotes_http.MODELS,
    *services_openapi.MODELS,
    *numbers_openapi.MODELS,
    *inventory_openapi.MODELS,
    *keys_openapi.MODELS,
)

ABOUT: dict[str, Any] = {
    "title": "Patchbay",
    "version": "0.1.0",
    "summary": "Customers and services, ordered one by one or by the thousand.",
    "description": f"{access_openapi.ABOUT} Errors are `application/problem+json`; what each `type` means stands at"
    " `/problems`.",
}


class Described(FastAPI):
    """The API with what OpenAPI should know beside the paths: schemas, and how callers say who they are."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            asked = [(model, "validation") for model in MODELS]
            _, of_models = models_json_schema(asked, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
            parts = super().openapi().setdefault("components", {})
            parts["schemas"] = {
                **of_models["$defs"],
                **orders_openapi.SCHEMAS,
                **events_openapi.SCHEMAS,
                **batches_openapi.SCHEMAS,
                **webhooks_openapi.SCHEMAS,
                **dry_run_openapi.SCHEMAS,
                **drafts_openapi.SCHEMAS,
                **keys_openapi.SCHEMAS,
                **audit_http.SCHEMAS,
                **tokens_http.SCHEMAS,
                **tmf_orders.SCHEMAS,
                **tmf_hubs.SCHEMAS,
                **tmf_services.SCHEMAS,
                **tmf_resources.SCHEMAS,
                "TmfError": tmf.ERROR,
                "Problem": _PROBLEM,
            }
            access_openapi.describe(super().openapi())
        return super().openapi()
