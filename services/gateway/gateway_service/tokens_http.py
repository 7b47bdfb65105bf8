"""`POST /oauth/token`: OAuth 2 client credentials (RFC 6749, 4.4). A client's id and secret are its API key's."""

from base64 import b64decode
from typing import Any, get_args
from urllib.parse import parse_qsl, unquote_plus

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.keys import Caller, Keys, Scope
from gateway_service.routes import Routes
from gateway_service.tokens import Tokens
from patchbay_chassis.bodies import whole

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 8_192
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_TOKEN = {"access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln", "token_type": "Bearer",
          "expires_in": 600, "scope": "orders"}  # fmt: skip
_SCOPES = {"type": "string", "description": "with blanks between: " + ", ".join(get_args(Scope))}
SCHEMAS = {
    "Token": object_of(
        access_token={"type": "string"}, token_type={"const": "Bearer"}, expires_in={"type": "integer"}, scope=_SCOPES
    ),
    "TokenError": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "enum": ["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"],
            },
            "error_description": {"type": "string"},
        },
    },
}
_ASKED: dict[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "scope": _SCOPES,
        "client_id": {"type": "string"},
        "client_secret": {"type": "string"},
    },
    "additionalProperties": {"type": "string"},
}
_ERROR = {"description": "An error of RFC 6749", "content": content(ref("TokenError"), {"error": "invalid_client"})}
TOKEN = route(
    "Get an access token",
    "OAuth 2 client credentials: `client_id` is a key's id, `client_secret` the key itself, as Basic credentials or in"
    " the form. The token goes into Authorization as bearer token; it ends soon, and with its key.",
    answers("A token", content(ref("Token"), _TOKEN), 408, 413, 503) | {400: _ERROR, 401: _ERROR},
    content(_ASKED, {"grant_type": "client_credentials", "scope": "orders"}, FORM),
)


def router(keys: Keys, tokens: Tokens) -> APIRouter:
    """The route of tokens."""
    routes = Routes(prefix="/oauth")

    @routes.post("/token", **TOKEN)
    async def get_token(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            return _error("invalid_request", f"Send {FORM}")
        pairs = parse_qsl((await whole(request, MOST_BYTES)).decode("latin-1"), keep_blank_values=True)
        form = dict(pairs)
        if len(form) != len(pairs):
            return _error("invalid_request", "A parameter came twice")
        id_, secret = _credentials(request, form)
        caller = await keys.look_up(secret) if id_ and secret and not secret.startswith("eyJ") else None
        if caller is None or caller.id != id_:
            return _unknown()
        request.scope["state"]["caller"] = caller  # for the audit trail
        if form.get("grant_type") != "client_credentials":
            return _error("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
        return _given(tokens, caller, form.get("scope", ""))

    return routes


def _given(tokens: Tokens, caller: Caller, asked: str) -> Response:
    scopes = frozenset(asked.split()) or caller.scopes
    if not scopes <= caller.scopes:
        return _error("invalid_scope", "Your key has: " + " ".join(sorted(caller.scopes)))
    token, lasts = tokens.issue(caller, scopes)
    shown = {"access_token": token, "token_type": "Bearer", "expires_in": lasts, "scope": " ".join(sorted(scopes))}
    return Response(orjson.dumps(shown), 200, _HEADERS, bodies.JSON)


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Id and secret; both were form-encoded before they became Basic credentials (RFC 6749, 2.3.1)."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        id_, _, secret = b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(id_), unquote_plus(secret)


def _unknown() -> Response:
    headers = {**_HEADERS, "WWW-Authenticate": 'Basic realm="Patchbay"'}
    return Response(orjson.dumps({"error": "invalid_client"}), 401, headers, bodies.JSON)


def _error(error: str, description: str = "") -> Response:
    more = {"error_description": description} if description else {}
    return Response(orjson.dumps({"error": error, **more}), 400, _HEADERS, bodies.JSON)
