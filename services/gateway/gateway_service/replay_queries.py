"""All SQL of answers that are kept by Idempotency-Key. Each is one client's."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from patchbay_chassis.database import Connection, affected

_BEGIN = """
    INSERT INTO replay (client, key, request, made) VALUES ($1, $2, $3, $4)
    ON CONFLICT (client, key) DO NOTHING"""
_KNOWN = """
    SELECT request, made, answer, started_at, started_at < now() - $3::interval AS left_behind FROM replay
    WHERE client = $1 AND key = $2"""
_TAKE_OVER = """
    UPDATE replay SET started_at = now() WHERE client = $1 AND key = $2 AND started_at = $3 AND answer IS NULL"""
_ANSWERED = "UPDATE replay SET answer = $3 WHERE client = $1 AND key = $2"
_FREE = "DELETE FROM replay WHERE client = $1 AND key = $2 AND answer IS NULL"
_LEAVE = "UPDATE replay SET started_at = '-infinity' WHERE client = $1 AND key = $2 AND answer IS NULL"
_FORGET = """
    WITH old AS (
        SELECT client, key FROM replay WHERE at < now() - $1::interval ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM replay USING old WHERE replay.client = old.client AND replay.key = old.key"""


async def begin(db: Connection, client: str, key: str, request: bytes, made: UUID) -> bool:
    """Begin a call; False if that key was used before."""
    return affected(await db.execute(_BEGIN, client, key, request, made)) == 1


async def known(db: Connection, client: str, key: str, lease: timedelta) -> Any | None:
    """The call that used the key before. It was left behind if it has had no answer for longer than the lease."""
    return await db.fetchrow(_KNOWN, client, key, lease)


async def take_over(db: Connection, client: str, key: str, started_at: Any) -> bool:
    """Do again what was left behind; False if somebody else does."""
    return affected(await db.execute(_TAKE_OVER, client, key, started_at)) == 1


async def answered(db: Connection, client: str, key: str, answer: bytes) -> None:
    """Keep the answer."""
    await db.execute(_ANSWERED, client, key, answer)


async def free(db: Connection, client: str, key: str) -> None:
    """Nothing was done: the key may be used for something else."""
    await db.execute(_FREE, client, key)


async def leave(db: Connection, client: str, key: str) -> None:
    """Nobody knows whether it was done: the next call with the same request does it again, under the same id."""
    await db.execute(_LEAVE, client, key)


async def forget(db: Connection, keep: timedelta, most: int) -> int:
    """Forget answers older than that, the oldest first; how many."""
    return affected(await db.execute(_FORGET, keep, most))
