"""What OpenAPI says of all routes about access: who calls, for whom, how often, and for the first time or again."""

from collections.abc import Iterator
from typing import Any, get_args

from gateway_service import replays
from gateway_service.describing import refused
from gateway_service.keys import Scope
from gateway_service.tmf import describing as tmf
from gateway_service.tmf.errors import TMF

SCHEMES: dict[str, Any] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, or a token of an identity provider"},
    "oauth": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict.fromkeys(get_args(Scope), "see /v1/keys")}
        },
    },
}
SECURITY: list[dict[str, Any]] = [{"key": []}, {"bearer": []}, {"oauth": []}]
ABOUT = (
    "Send your API key in `X-API-Key`, or as bearer token; or get a token for it at `/oauth/token`. A key has scopes: "
    + ", ".join(f"`{scope}`" for scope in get_args(Scope))
    + ". `RateLimit-Policy` and `RateLimit` say how often it may call and what is left. Any write may carry an"
    " `Idempotency-Key`: the same request is answered as before, with `Idempotency-Replayed: true`. It is required for"
    f" POST {', '.join(f'`{path}`' for path in replays.REQUIRED)}."
)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A text of your own for each new request. The same request again is answered as before, for at least"
    " 7 days; another request with the same key gets 422, and one whose first call is under way 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_RESELLER = {
    "name": "Patchbay-Reseller",
    "in": "header",
    "description": "A reseller directly below yours that this request is for. Needs the scope `resellers`.",
    "schema": {"type": "string"},
}
_TOO_MANY = {
    "headers": {
        name: {"schema": {"type": "string"}, "description": what}
        for name, what in (
            ("Retry-After", "seconds"),
            ("RateLimit-Policy", 'the limits, such as `"minute";q=100;w=60`'),
            ("RateLimit", 'what is left, such as `"minute";r=0;t=12`'),
        )
    }
}
_KEYS = {"400": "idempotency_key_missing", "409": "idempotency_key_under_way", "422": "idempotency_key_reused"}
_AT_ITS_OWN_PACE = (*replays.STREAMED, "/v1/inventory/")
"""What may take long to come: there one that stands still is broken off instead."""


def describe(document: dict[str, Any]) -> None:
    """Add it to the document."""
    document["components"]["securitySchemes"] = SCHEMES
    document["security"] = SECURITY
    for path, method, operation in _operations(document):
        is_write = method.upper() in replays.WRITES
        if path == "/oauth/token":
            operation["security"] = []
        if is_write and not path.startswith(_AT_ITS_OWN_PACE):
            operation["responses"].setdefault("408", _problem(path, "too_slow"))
        if not path.startswith(("/v1/", TMF)):
            continue
        parameters = operation.setdefault("parameters", [])
        parameters.append(_RESELLER)
        operation["responses"].setdefault("429", _problem(path, "too_many_requests") | _TOO_MANY)
        if method == "get" and not path.startswith(TMF):
            operation["responses"].setdefault("422", _problem(path, "invalid"))
        if is_write and not path.startswith(replays.STREAMED):
            parameters[:] = [one for one in parameters if one["name"].lower() != "idempotency-key"]
            required = method == "post" and path in replays.REQUIRED
            parameters.append(_KEY | {"required": required})
            for status in ("409", "422", *(["400"] if required else [])):
                operation["responses"].setdefault(status, _problem(path, _KEYS[status]))


def _problem(path: str, code: str) -> dict[str, Any]:
    """An answer that is this problem, in the TM Forum's shape where that is spoken."""
    return tmf.error(code) if path.startswith(TMF) else refused(code)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict):
                yield path, method, operation
