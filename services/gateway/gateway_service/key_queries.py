"""All SQL of API keys, and of what was changed about them. Whatever is changed names its reseller."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from patchbay_chassis.database import Connection, affected

# A former secret ends at its time or with the key, whichever is first. `unnoted` is a use that is to be written down.
_BY_HASH = """
    SELECT id, reseller, name, scopes, limits, expires_at AS ends_at,
        last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS unnoted
    FROM reseller_key WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    UNION ALL
    SELECT id, reseller, name, scopes, limits, least(expires_at, former_until),
        last_used_at IS NULL OR last_used_at < now() - interval '1 minute'
    FROM reseller_key
    WHERE former_hash = $1 AND revoked_at IS NULL AND least(expires_at, former_until) > now()"""
_LIVING = """
    SELECT id, reseller, name, scopes, limits FROM reseller_key
    WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"""
_USED = """
    UPDATE reseller_key SET last_used_at = now()
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '50 seconds')"""
_SEED = """
    INSERT INTO reseller_key (hash, reseller, name, scopes) VALUES ($1, $2, $3, $4)
    ON CONFLICT (hash) DO UPDATE SET scopes = excluded.scopes"""
_SHOWN = """
    SELECT id, reseller, name, scopes, limits, version, created_at, expires_at, last_used_at, revoked_at,
        CASE WHEN former_until > now() THEN former_until END AS former_until,
        CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired'
            ELSE 'active' END AS state
    FROM reseller_key"""
# A call that is done again makes the same key; its secret was seen by nobody, or the key would have been used.
_ADD = """
    INSERT INTO reseller_key (id, hash, reseller, name, scopes, expires_at, limits) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET hash = excluded.hash
    WHERE reseller_key.reseller = excluded.reseller AND reseller_key.last_used_at IS NULL AND $8"""
_ONE = f"{_SHOWN} WHERE reseller = ANY($1::text[]) AND id = $2"
_PAGE = f"{_SHOWN} WHERE reseller = ANY($1::text[]) AND id > $2 ORDER BY id LIMIT $3"
_LOCKED = f"{_ONE} FOR UPDATE"
_UNTIL = "SELECT expires_at FROM reseller_key WHERE id = $1"
_CHANGE = """
    UPDATE reseller_key SET name = $3, scopes = $4, expires_at = $5, limits = $6, version = version + 1
    WHERE reseller = $1 AND id = $2"""
_ROTATE = """
    UPDATE reseller_key SET former_hash = hash, former_until = now() + $4::interval, hash = $3, version = version + 1
    WHERE reseller = $1 AND id = $2"""
_END_FORMER = """
    UPDATE reseller_key SET former_hash = NULL, former_until = NULL, version = version + 1
    WHERE reseller = $1 AND id = $2 AND former_hash IS NOT NULL"""
_REVOKE = """
    UPDATE reseller_key SET revoked_at = now(), version = version + 1
    WHERE reseller = $1 AND id = $2 AND revoked_at IS NULL"""
_NOTE = "INSERT INTO key_change (key_id, reseller, by, what, detail) VALUES ($1, $2, $3, $4, $5)"
_CHANGES = """
    SELECT at, by, what, detail FROM key_change WHERE reseller = ANY($1::text[]) AND key_id = $2
    ORDER BY id DESC LIMIT 100"""


async def by_hash(db: Connection, hash_: bytes) -> Any | None:
    """The key with that secret, or with that former secret while it works; None if there is none, or no longer."""
    return await db.fetchrow(_BY_HASH, hash_)


async def living(db: Connection, id_: str) -> Any | None:
    """The key with that id, unless it has expired or was revoked."""
    return await db.fetchrow(_LIVING, id_)


async def used(db: Connection, id_: str) -> None:
    """Write down that the key is used, once a minute whatever the number of gateways."""
    await db.execute(_USED, id_)


async def seed(db: Connection, hash_: bytes, reseller: str, name: str, scopes: Collection[str]) -> None:
    """Let a key in that somebody else chose; one that is there gets the scopes."""
    await db.execute(_SEED, hash_, reseller, name, list(scopes))


async def add(  # noqa: PLR0917
    db: Connection,
    id_: str,
    hash_: bytes,
    reseller: str,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    limits: str,
    *,
    again: bool,
) -> bool:
    """Add a key; False if there is one with that id. `again`: then it gets the secret, unless it was used already."""
    row = (id_, hash_, reseller, name, sorted(scopes), expires_at, limits, again)
    return affected(await db.execute(_ADD, *row)) == 1


async def one(db: Connection, resellers: Sequence[str], id_: str, *, locked: bool = False) -> Any | None:
    """The key with that id, if it belongs to one of these; `locked` until the transaction ends."""
    return await db.fetchrow(_LOCKED if locked else _ONE, list(resellers), id_)


async def page(db: Connection, resellers: Sequence[str], after: str, limit: int) -> Sequence[Any]:
    """Keys of these resellers, by id, those that work no more too."""
    return await db.fetch(_PAGE, list(resellers), after, limit)


async def until(db: Connection, id_: str) -> datetime | None:
    """When the key expires, if it does."""
    found: datetime | None = await db.fetchval(_UNTIL, id_)
    return found


async def change(  # noqa: PLR0917
    db: Connection,
    reseller: str,
    id_: str,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    limits: str,
) -> None:
    """What it is called, what it may, how long, how often."""
    await db.execute(_CHANGE, reseller, id_, name, sorted(scopes), expires_at, limits)


async def rotate(db: Connection, reseller: str, id_: str, hash_: bytes, overlap: timedelta) -> None:
    """A new secret; the one before works for so long."""
    await db.execute(_ROTATE, reseller, id_, hash_, overlap)


async def end_former(db: Connection, reseller: str, id_: str) -> bool:
    """The former secret works no more; False if there was none."""
    return affected(await db.execute(_END_FORMER, reseller, id_)) == 1


async def revoke(db: Connection, reseller: str, id_: str) -> bool:
    """The key works no more; False if it was revoked already."""
    return affected(await db.execute(_REVOKE, reseller, id_)) == 1


async def note(db: Connection, id_: str, reseller: str, by: str, what: str, detail: str = "") -> None:  # noqa: PLR0917
    """Write down who changed what about a key."""
    await db.execute(_NOTE, id_, reseller, by, what, detail)


async def changes(db: Connection, resellers: Sequence[str], id_: str) -> Sequence[Any]:
    """What was changed about a key, the newest first."""
    return await db.fetch(_CHANGES, list(resellers), id_)
