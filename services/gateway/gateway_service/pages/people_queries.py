"""All SQL of operators and their sessions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from patchbay_chassis.database import Connection, affected

# Who is blocked, idle for too long or past the end of his session is not found; `seen_at` is written once a minute.
_SESSION = """
    SELECT s.id, s.csrf, s.seen_at, s.operator_id, o.email, o.name, o.roles, o.resellers,
           s.seen_at < now() - interval '1 minute' AS stale
    FROM session s JOIN operator o ON o.id = s.operator_id
    WHERE s.id = $1 AND s.expires_at > now() AND s.seen_at > now() - $2::interval AND o.state = 'active'"""
_SEEN = "UPDATE session SET seen_at = now() WHERE id = $1"
_BEGIN = """
    INSERT INTO session (id, operator_id, csrf, expires_at, address, agent)
    SELECT $1, id, $3, now() + $4::interval, $5, $6 FROM operator WHERE id = $2 AND state = 'active'"""
_END = "DELETE FROM session WHERE id = $1 AND operator_id = $2"
_END_OTHERS = "DELETE FROM session WHERE operator_id = $1 AND id <> $2"
_SESSIONS = """
    SELECT id, created_at, seen_at, expires_at, address, agent FROM session
    WHERE operator_id = $1 AND expires_at > now() AND seen_at > now() - $2::interval ORDER BY seen_at DESC LIMIT 100"""
_FORGET = """
    DELETE FROM session WHERE id IN (
        SELECT id FROM session WHERE expires_at < now() ORDER BY expires_at LIMIT 10000 FOR UPDATE SKIP LOCKED)"""
_BY_EMAIL = "SELECT id, email, name, password_hash, state FROM operator WHERE email = $1"
# Whoever acts for some resellers alone looks after those who act for nobody else.
_OPERATORS = """
    SELECT id, email, name, roles, resellers, state, version FROM operator
    WHERE $1::text[] IS NULL OR (resellers <@ $1 AND resellers <> '{}') ORDER BY name, email LIMIT 1000"""
_OPERATOR = """
    SELECT id, email, name, roles, resellers, state, version, password_hash IS NOT NULL AS has_password
    FROM operator WHERE id = $1 AND ($2::text[] IS NULL OR (resellers <@ $2 AND resellers <> '{}'))"""
_ADD = """
    INSERT INTO operator (id, email, name, password_hash, roles, resellers) SELECT $1, $2::text, $3, $4, $5, $6
    WHERE $7::text[] IS NULL OR EXISTS (SELECT FROM operator WHERE resellers <@ $7 AND resellers <> '{}'
        AND split_part(email, '@', 2) = split_part($2, '@', 2))
    ON CONFLICT (email) DO NOTHING"""
_IS_THERE = """
    SELECT EXISTS (SELECT FROM operator
        WHERE email = $1 AND ($2::text[] IS NULL OR (resellers <@ $2 AND resellers <> '{}')))"""
_CHANGE = """
    UPDATE operator SET name = $3, roles = $4, resellers = $5, state = $6, version = version + 1
    WHERE id = $1 AND version = $2"""
_PASSWORD = "UPDATE operator SET password_hash = $2, version = version + 1 WHERE id = $1"  # noqa: S105
_REHASH = "UPDATE operator SET password_hash = $3 WHERE id = $1 AND password_hash = $2"
# Two administrators who block each other at the same moment would leave none.
_ADMINISTRATORS = """
    SELECT id, '*' = ANY(resellers) AS of_all FROM operator
    WHERE state = 'active' AND 'administrator' = ANY(roles) ORDER BY id FOR UPDATE"""
_NOTE = "INSERT INTO operator_change (operator_id, by, what, detail) VALUES ($1, $2, $3, $4)"
_CHANGES = "SELECT at, by, what, detail FROM operator_change WHERE operator_id = $1 ORDER BY id DESC LIMIT 100"


async def session(db: Connection, id_: bytes, idle: timedelta, *, used: bool = True) -> Any | None:
    """The session and its operator, if both are alive; `used` keeps it so."""
    row = await db.fetchrow(_SESSION, id_, idle)
    if used and row is not None and row.stale:
        await db.execute(_SEEN, id_)
    return row


async def begin(  # noqa: PLR0917
    db: Connection, id_: bytes, operator: UUID, csrf: bytes, lasts: timedelta, address: str, agent: str
) -> bool:
    """A session for that operator; False when he is blocked."""
    return affected(await db.execute(_BEGIN, id_, operator, csrf, lasts, address, agent)) == 1


async def end(db: Connection, id_: bytes, operator: UUID) -> None:
    """End one session of that operator."""
    await db.execute(_END, id_, operator)


async def end_others(db: Connection, operator: UUID, but: bytes = b"") -> int:
    """End all sessions of that operator but one; how many."""
    return affected(await db.execute(_END_OTHERS, operator, but))


async def sessions(db: Connection, operator: UUID, idle: timedelta) -> Sequence[Any]:
    """The living sessions of that operator."""
    return await db.fetch(_SESSIONS, operator, idle)


async def forget_sessions(db: Connection) -> None:
    """Forget those that have ended by their age."""
    await db.execute(_FORGET)


async def by_email(db: Connection, email: str) -> Any | None:
    """The operator with that address, blocked or not."""
    return await db.fetchrow(_BY_EMAIL, email)


async def operators(db: Connection, among: Sequence[str] | None) -> Sequence[Any]:
    """Those who act for nobody but these resellers; None: all."""
    return await db.fetch(_OPERATORS, among)


async def operator(
    db: Connection, id_: UUID, among: Sequence[str] | None = None, *, locked: bool = False
) -> Any | None:
    """One of those; `locked` until the transaction ends."""
    return await db.fetchrow(_OPERATOR + " FOR UPDATE" * locked, id_, among)


async def add(  # noqa: PLR0917
    db: Connection,
    id_: UUID,
    email: str,
    name: str,
    hash_: str | None,
    roles: Sequence[str],
    resellers: Sequence[str],
    *,
    among: Sequence[str] | None = None,
) -> bool:
    """Let an operator in; False when there is one with that address, or nobody `among` those who act for nobody but
    these resellers has an address of its domain."""
    return affected(await db.execute(_ADD, id_, email, name, hash_, list(roles), list(resellers), among)) == 1


async def is_there(db: Connection, email: str, among: Sequence[str] | None) -> bool:
    """Whether one of those has that address."""
    found: bool = await db.fetchval(_IS_THERE, email, among)
    return found


async def change(  # noqa: PLR0917
    db: Connection, id_: UUID, version: int, name: str, roles: Sequence[str], resellers: Sequence[str], state: str
) -> bool:
    """Change an operator; False when somebody else did since that version."""
    return affected(await db.execute(_CHANGE, id_, version, name, list(roles), list(resellers), state)) == 1


async def set_password(db: Connection, id_: UUID, hash_: str) -> None:
    """Give an operator another password."""
    await db.execute(_PASSWORD, id_, hash_)


async def rehash(db: Connection, id_: UUID, old: str, new: str) -> None:
    """The same password under today's cost, unless it was changed meanwhile."""
    await db.execute(_REHASH, id_, old, new)


async def administrators(db: Connection) -> dict[UUID, bool]:
    """Who is an active administrator, and whether of all resellers; locked until the transaction ends."""
    return {row.id: row.of_all for row in await db.fetch(_ADMINISTRATORS)}


async def note(db: Connection, operator: UUID, by: str, what: str, detail: str = "") -> None:
    """Write down who changed what about an operator."""
    await db.execute(_NOTE, operator, by, what, detail)


async def changes(db: Connection, operator: UUID) -> Sequence[Any]:
    """What was changed about an operator, the newest first."""
    return await db.fetch(_CHANGES, operator)
