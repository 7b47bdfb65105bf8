"""What OpenAPI says about API keys, and what is posted about them."""

from datetime import UTC, datetime
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway_service import etags
from gateway_service.api_keys import LONGEST_OVERLAP
from gateway_service.describing import answers, content, object_of, ref, route
from gateway_service.keys import Scope
from patchbay_contracts.times import WrittenTime
from patchbay_contracts.words import Text

Scopes = Annotated[tuple[Scope, ...], Field(min_length=1, max_length=20)]
_ID = "0d9c3f6a51be"
_NEW: dict[str, Any] = {"name": "Nightly import", "scopes": ["orders"], "expires_at": "2031-01-31T00:00:00Z"}


def _to_come(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("the key would have ended already: give a time to come, or null for a key that lasts")
    return moment


End = Annotated[WrittenTime, AfterValidator(_to_come)]


class NewKey(BaseModel):
    """A new key. It cannot give what the key lacks that makes it, nor last longer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _NEW})

    name: Text
    scopes: Scopes
    expires_at: End | None = None


class ChangedKey(BaseModel):
    """What shall be another one; the rest stays. `expires_at`: null lets it last."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = None
    scopes: Scopes | None = None
    expires_at: End | None = None


class Rotation(BaseModel):
    """A new secret. `overlap`: so many seconds the one before goes on working."""

    model_config = ConfigDict(extra="forbid")

    overlap: int = Field(default=86_400, ge=0, le=int(LONGEST_OVERLAP.total_seconds()))


MODELS = (NewKey, ChangedKey, Rotation)
_DATE = {"type": "string", "format": "date-time"}
_MAYBE = {"type": ["string", "null"], "format": "date-time"}
_FIELDS = {
    "id": {"type": "string", "description": "public, and the same after each rotation; OAuth's client_id"},
    "name": {"type": "string"},
    "scopes": {"type": "array", "items": {"enum": list(get_args(Scope))}},
    "limits": {"type": ["string", "null"], "description": "of its own, such as `100 per minute`; null: the usual ones"},
    "state": {"enum": ["active", "expired", "revoked"]},
    "created_at": _DATE,
    "expires_at": _MAYBE,
    "last_used_at": {**_MAYBE, "description": "to the minute"},
    "former_works_until": {**_MAYBE, "description": "while it is rotated: how long the secret before works"},
    "links": {"type": "object", "required": ["self"], "properties": {"self": {"type": "string"}}},
}
_CHANGES = {"type": "array", "items": object_of(
    at=_DATE, by={"type": "string"}, what={"type": "string"}, detail={"type": "string"}
)}  # fmt: skip
SCHEMAS = {
    "ApiKey": object_of(**_FIELDS),
    "ApiKeyMade": object_of(**_FIELDS, key={"type": "string", "description": "the key itself, shown this once"}),
    "ApiKeyWithChanges": object_of(**_FIELDS, changes=_CHANGES),
    "ApiKeys": object_of(keys={"type": "array", "items": ref("ApiKey")}, next={"type": ["string", "null"]}),
}
_SHOWN = {
    "id": _ID, "name": "Nightly import", "scopes": ["orders"], "limits": "6000 per minute", "state": "active",
    "created_at": "2030-06-01T08:00:00Z", "expires_at": "2031-01-31T00:00:00Z", "last_used_at": "2030-06-02T08:00:00Z",
    "former_works_until": "2030-06-03T08:00:00Z", "links": {"self": f"/v1/keys/{_ID}"},
}  # fmt: skip
_MADE = _SHOWN | {"key": f"pb_{_ID}_" + "a2b3" * 13 + "0f0f0f0f"}
_BAD = (401, 403, 404, 409, 412, 422, 429, 503)
_SEEN = [etags.SEEN_IF_GIVEN]

MAKE = route(
    "Make an API key",
    "The answer has the key itself, which is shown this once and kept as a hash. It begins with `pb_`, its id and its"
    " secret follow, and a checksum ends it. Needs an `Idempotency-Key`; the same request gets the same key.",
    answers("The key", content(ref("ApiKeyMade"), _MADE), 400, 401, 403, 409, 413, 415, 422, 429, 503, status=201),
    content(ref("NewKey"), _NEW),
)
PAGE = route(
    "List API keys", "By id, expired and revoked ones too.",
    answers("A page of keys", content(ref("ApiKeys"), {"keys": [_SHOWN], "next": _ID}), 401, 403, 422, 429, 503),
)  # fmt: skip
ONE = route(
    "Show an API key", "With who changed what about it. Its ETag is another one when it was changed, not at each use.",
    answers("The key", content(ref("ApiKeyWithChanges"), _SHOWN | {"changes": []}), 401, 403, 404, 422, 429, 503),
)  # fmt: skip
CHANGE = route(
    "Change an API key",
    "Its name, scopes and end; one that has expired works again until another end. Other gateways notice within ten"
    " seconds.",
    answers("The key", content(ref("ApiKey"), _SHOWN), 413, 415, *_BAD),
    content(ref("ChangedKey"), {"scopes": ["orders", "numbers"]}), _SEEN,
)  # fmt: skip
ROTATE = route(
    "Give an API key a new secret",
    "Both work during the overlap. Not during another rotation's overlap: end that first. Needs an `Idempotency-Key`.",
    answers("The key", content(ref("ApiKeyMade"), _MADE), 400, 413, 415, *_BAD),
    content(ref("Rotation"), {"overlap": 86_400}),
    _SEEN,
)
END_FORMER = route(
    "End the secret before", "The overlap of a rotation ends now.",
    answers("The key", content(ref("ApiKey"), _SHOWN), *_BAD), parameters=_SEEN,
)  # fmt: skip
REVOKE = route(
    "Revoke an API key", "It stops within ten seconds, for good.",
    answers("The key", content(ref("ApiKey"), _SHOWN | {"state": "revoked"}), *_BAD), parameters=_SEEN,
)  # fmt: skip
