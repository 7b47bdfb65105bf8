"""API keys of one's own reseller. Scope `keys`. A key can give no more than it has."""

from collections.abc import Sequence
from typing import Any

from patchbay_client.calls import Call, get, post


def add(name: str, scopes: Sequence[str], expires_at: str | None = None) -> Call[dict[str, Any]]:
    """A new key. It is in this answer alone: `key`."""
    return post("/v1/keys", {"name": name, "scopes": list(scopes), "expires_at": expires_at})


def page(after: str = "", limit: int = 50) -> Call[dict[str, Any]]:
    """A page of keys, without their secrets."""
    return get("/v1/keys", after=after, limit=limit)


def rotate(id_: str, overlap: int = 86_400) -> Call[dict[str, Any]]:
    """A new secret (`key`); the one before works beside it for so many seconds."""
    return post(f"/v1/keys/{id_}/rotate", {"overlap": overlap})


def revoke(id_: str) -> Call[dict[str, Any]]:
    """It ends now."""
    return post(f"/v1/keys/{id_}/revoke", None)
