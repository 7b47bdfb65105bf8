"""The OpenAPI document: what all routes share, and the schemas of all topics."""

import re
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway_service import (
    access_openapi,
    accounts_openapi,
    amending_openapi,
    audit_http,
    batches_openapi,
    dead_letters_http,
    drafts_openapi,
    dry_run_openapi,
    events_openapi,
    inventory_openapi,
    keys_openapi,
    linking,
    machine_http,
    numbers_openapi,
    operations_http,
    orders_openapi,
    prices_openapi,
    quotes_http,
    reading_openapi,
    service_types_openapi,
    services_openapi,
    tokens_http,
    webhooks_openapi,
)
from gateway_service.customers_http import CustomerChange
from gateway_service.describing import with_nulls
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
    *amending_openapi.MODELS,
    *events_openapi.MODELS,
    *webhooks_openapi.MODELS,
    *drafts_openapi.MODELS,
    *quotes_http.MODELS,
    *services_openapi.MODELS,
    *numbers_openapi.MODELS,
    *inventory_openapi.MODELS,
    *keys_openapi.MODELS,
    *reading_openapi.MODELS,
    CustomerChange,
    *accounts_openapi.MODELS,
    *operations_http.MODELS,
    *dead_letters_http.MODELS,
    *service_types_openapi.MODELS,
    *prices_openapi.MODELS,
)

ABOUT: dict[str, Any] = {
    "title": "Patchbay",
    "version": "0.1.0",
    "summary": "Customers and services, ordered one by one or by the thousand.",
    "description": f"{access_openapi.ABOUT} Errors are `application/problem+json`; what each `type` means stands at"
    " `/problems`.",
}

TAGS = {
    "orders": "Customers and services, ordered one by one or by the thousand.",
    "batches": "Orders that came together, counted, with their results.",
    "events": "What became of orders, to be replayed and followed.",
    "reasons": "Why orders, lines and changes are refused or undone.",
    "customers": "Those who buy services.",
    "services": "What customers have, and changes of it.",
    "numbers": "Searched, held, and in service.",
    "catalogue": "What may be sold, with its settings, rules and terms.",
    "service-types": "The catalogue's versions, for those who look after it.",
    "price-lists": "What it costs.",
    "prices": "Price lists' versions, for those who look after them.",
    "quotes": "Prices that are locked until a time.",
    "mails": "Who was told what, and whether it arrived.",
    "drafts": "What the wizard does, step by step.",
    "inventory": "Blocks, pools and grades, for inventory managers.",
    "keys": "API keys of your reseller.",
    "audit": "Who changed what.",
    "operations": "Stuck orders, dead letters, lag and replicas, of all resellers, for whoever runs Patchbay.",
    "oauth": "Tokens.",
    "webhooks": "Being told what became of orders.",
    "tmf-api": "The same orders, services and numbers as the TM Forum has them.",
}


def operation_id(summary: str) -> str:
    """What programs made from the document call an operation: its summary without articles, such as `list_orders`."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"'s\b", "", summary.lower()))
    return "_".join(word for word in words if word not in {"a", "an", "the"})


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
                **amending_openapi.SCHEMAS,
                **events_openapi.SCHEMAS,
                **batches_openapi.SCHEMAS,
                **webhooks_openapi.SCHEMAS,
                **dry_run_openapi.SCHEMAS,
                **drafts_openapi.SCHEMAS,
                **keys_openapi.SCHEMAS,
                **audit_http.SCHEMAS,
                **dead_letters_http.SCHEMAS,
                **machine_http.SCHEMAS,
                **tokens_http.SCHEMAS,
                **service_types_openapi.SCHEMAS,
                **prices_openapi.SCHEMAS,
                **accounts_openapi.SCHEMAS,
                **tmf_orders.SCHEMAS,
                **tmf_hubs.SCHEMAS,
                **tmf_services.SCHEMAS,
                **tmf_resources.SCHEMAS,
                **reading_openapi.schemas(of_models["$defs"]),
                "TmfError": tmf.ERROR,
                "Problem": _PROBLEM,
            }
            access_openapi.describe(super().openapi())
            found = with_nulls(super().openapi())
            for path, operations in found["paths"].items():
                for operation in operations.values():
                    operation["operationId"] = operation_id(operation["summary"])
                    operation["tags"] = [path.removeprefix("/v1").split("/")[1]]
            linking.describe(found)
            found["tags"] = [{"name": name, "description": about} for name, about in TAGS.items()]
            self.openapi_schema = found
        return super().openapi()
