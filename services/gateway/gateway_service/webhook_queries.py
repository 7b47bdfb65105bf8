"""All SQL of webhooks for those who own them, and of what they see of deliveries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gateway_service.event_queries import Place
from patchbay_chassis.database import Connection, affected

_ADD = """
    INSERT INTO webhook (id, reseller, url, types, description, turn, position)
    SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT count(*) FROM webhook WHERE reseller = $2) < $8
    ON CONFLICT (reseller, url) DO NOTHING"""
_ONE = """
    SELECT webhook.*, (SELECT max(number) FROM webhook_secret WHERE webhook_id = webhook.id) AS signs_with
    FROM webhook WHERE reseller = $1 AND id = $2"""
# By itself: what is read of its secrets has to be as whoever held the lock left them.
_LOCK = "SELECT FROM webhook WHERE reseller = $1 AND id = $2 FOR UPDATE"
_ALL = "SELECT * FROM webhook WHERE reseller = $1 ORDER BY id"
_OF_RESELLERS = "SELECT * FROM webhook WHERE reseller = ANY($1::text[]) ORDER BY reseller, id"
_OF_ANY = "SELECT * FROM webhook WHERE reseller = ANY($1::text[]) AND id = $2"
_GIVEN_UP = """
    SELECT * FROM webhook
    WHERE ($1::text[] IS NULL OR reseller = ANY($1::text[])) AND state = 'disabled' AND why <> ''
    ORDER BY id LIMIT $2"""
_BY_URL = "SELECT id FROM webhook WHERE reseller = $1 AND url = $2"
# Who enables it anew begins without the failures of before.
_CHANGE = """
    UPDATE webhook SET url = $3, types = $4, description = $5, state = $6, why = '', run = run + 1,
        misses = CASE WHEN $7 THEN 0 ELSE misses END,
        failing_since = CASE WHEN $7 THEN NULL ELSE failing_since END,
        rests_until = CASE WHEN $7 THEN NULL ELSE rests_until END
    WHERE reseller = $1 AND id = $2"""
_DELETE = "DELETE FROM webhook WHERE reseller = $1 AND id = $2"
_SIGN_WITH = """
    INSERT INTO webhook_secret (webhook_id, number, sealed)
    SELECT $1, coalesce(max(number), 0) + 1, $2 FROM webhook_secret WHERE webhook_id = $1"""
_END_SECRETS = """
    UPDATE webhook_secret SET ends_at = now() + $2::interval WHERE webhook_id = $1 AND ends_at IS NULL"""
_FORGET_SECRETS = "DELETE FROM webhook_secret WHERE webhook_id = $1 AND ends_at < now()"
_CHANGED = "UPDATE webhook SET run = run + 1 WHERE id = $1"
_SECRETS = """
    SELECT webhook_id, sealed, ends_at FROM webhook_secret
    WHERE webhook_id = ANY($1::uuid[]) AND (ends_at IS NULL OR ends_at > now()) ORDER BY webhook_id, number DESC"""
_DELIVERIES = """
    SELECT event_id, at, type, state, attempts, status, took_ms, error, first_at, last_at, due FROM webhook_delivery
    WHERE webhook_id = $1 AND event_id < $2 AND ($3::text IS NULL OR state = $3) ORDER BY event_id DESC LIMIT $4"""
_REDELIVER = """
    UPDATE webhook_delivery SET state = 'waiting', due = now(), first_at = now(), attempts = 0
    WHERE webhook_id = $1 AND event_id = $2"""
_FIRST_SINCE = """
    SELECT turn, position FROM event_log
    WHERE reseller = $1 AND at >= $2 ORDER BY turn, position LIMIT 1"""
_BACK = """
    UPDATE webhook SET turn = $3, position = $4, run = run + 1
    WHERE reseller = $1 AND id = $2 AND (turn, position) > ($3, $4)"""


async def add(db: Connection, reseller: str, id_: UUID, made: Any, place: Place, most: int) -> bool:  # noqa: PLR0917
    """A webhook that begins at that place; False if there is one to that URL, or there are too many."""
    row = (id_, reseller, made.url, list(made.types), made.description, *place, most)
    return affected(await db.execute(_ADD, *row)) == 1


async def one(db: Connection, reseller: str, id_: UUID, *, locked: bool = False) -> Any | None:
    """One of that reseller's; it stays as it is until the transaction's end if it is `locked`."""
    if locked:
        await db.execute(_LOCK, reseller, id_)
    return await db.fetchrow(_ONE, reseller, id_)


async def all_of(db: Connection, reseller: str) -> Sequence[Any]:
    """All of that reseller's, the oldest first."""
    return await db.fetch(_ALL, reseller)


async def of_resellers(db: Connection, resellers: Sequence[str]) -> Sequence[Any]:
    """All of these resellers', by reseller, the oldest first."""
    return await db.fetch(_OF_RESELLERS, list(resellers))


async def of_any(db: Connection, resellers: Sequence[str], id_: UUID) -> Any | None:
    """One, if it is of one of these resellers."""
    return await db.fetchrow(_OF_ANY, list(resellers), id_)


async def given_up(db: Connection, resellers: Sequence[str] | None, most: int) -> Sequence[Any]:
    """Those of these resellers (None: of all) that were disabled because nothing got through."""
    return await db.fetch(_GIVEN_UP, None if resellers is None else list(resellers), most)


async def by_url(db: Connection, reseller: str, url: str) -> UUID | None:
    """The one that sends there."""
    found: UUID | None = await db.fetchval(_BY_URL, reseller, url)
    return found


async def change(db: Connection, reseller: str, id_: UUID, now: Any, *, afresh: bool) -> None:
    """Let it be as `now` says; its failures are forgotten if it begins `afresh`."""
    await db.execute(_CHANGE, reseller, id_, now.url, list(now.types), now.description, now.state, afresh)


async def delete(db: Connection, reseller: str, id_: UUID) -> None:
    """Forget it."""
    await db.execute(_DELETE, reseller, id_)


async def add_secret(db: Connection, id_: UUID, sealed: bytes, overlap: timedelta) -> int:
    """A new secret, beside which those before it sign for so long. How many sign now."""
    await db.execute(_FORGET_SECRETS, id_)
    await db.execute(_END_SECRETS, id_, overlap)
    await db.execute(_SIGN_WITH, id_, sealed)
    await db.execute(_CHANGED, id_)
    return len(await secrets(db, [id_]))


async def secrets(db: Connection, ids: Sequence[UUID]) -> Sequence[Any]:
    """The sealed secrets in force, the newest first, with their ends."""
    return await db.fetch(_SECRETS, ids)


async def deliveries(db: Connection, id_: UUID, before: UUID, state: str | None, limit: int) -> Sequence[Any]:
    """What became of deliveries, the newest event first."""
    return await db.fetch(_DELIVERIES, id_, before, state, limit)


async def redeliver(db: Connection, id_: UUID, event: UUID) -> bool:
    """Deliver that event once more; False if it never was."""
    return affected(await db.execute(_REDELIVER, id_, event)) == 1


async def go_back(db: Connection, reseller: str, id_: UUID, since: datetime) -> bool:
    """Deliver again all that was told since then; False if that is nothing but what comes anyway."""
    first = await db.fetchrow(_FIRST_SINCE, reseller, since)
    if first is None:
        return False
    return affected(await db.execute(_BACK, reseller, id_, first.turn, first.position - 1)) == 1
