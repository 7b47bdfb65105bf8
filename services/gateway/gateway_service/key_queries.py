"""All SQL of API keys, and of what was changed about them. Whatever is changed names its reseller."""

from collections.abc import Collection
from typing import Any

from patchbay_chassis.database import Connection

# A former secret ends at its time or with the key, whichever is first.
_BY_HASH = """
    SELECT id, reseller, name, scopes, limits, expires_at AS ends_at FROM reseller_key
    WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    UNION ALL
    SELECT id, reseller, name, scopes, limits, least(expires_at, former_until) FROM reseller_key
    WHERE former_hash = $1 AND revoked_at IS NULL AND least(expires_at, former_until) > now()"""
_SEED = """
    INSERT INTO reseller_key (hash, reseller, name, scopes) VALUES ($1, $2, $3, $4)
    ON CONFLICT (hash) DO UPDATE SET scopes = excluded.scopes"""


async def by_hash(db: Connection, hash_: bytes) -> Any | None:
    """The key with that secret, or with that former secret while it works; None if there is none, or no longer."""
    return await db.fetchrow(_BY_HASH, hash_)


async def seed(db: Connection, hash_: bytes, reseller: str, name: str, scopes: Collection[str]) -> None:
    """Let a key in that somebody else chose; one that is there gets the scopes."""
    await db.execute(_SEED, hash_, reseller, name, list(scopes))
