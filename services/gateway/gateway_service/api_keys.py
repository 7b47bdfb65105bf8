"""Looking after API keys, for the API and for administrators' pages: each change is written down with its author."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway_service import key_form, key_queries
from gateway_service.key_form import Minted
from gateway_service.keys import READS
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem

LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True)
class Giver:
    """Who looks after keys: of which resellers, giving which scopes and until when at the most (None: as he likes)."""

    by: str
    resellers: tuple[str, ...]
    scopes: frozenset[str] | None = None
    until: datetime | None = None

    def check(self, scopes: Collection[str], expires_at: datetime | None) -> None:
        """Raises Problem 403 for more than he has himself."""
        if self.scopes is None:
            return
        own = self.scopes | {"read"} if self.scopes & READS else self.scopes
        if wider := sorted(set(scopes) - own):
            detail = f"Your key lacks {', '.join(wider)}: it can neither give that, nor change a key that has it."
            raise Problem(403, "Not more than you have", detail, code="scope_not_yours")
        if self.until is not None and (expires_at is None or expires_at > self.until):
            detail = f"Your key expires at {self.until.isoformat()}: a key that it makes ends then, or before."
            raise Problem(403, "Not more than you have", detail, code="scope_not_yours")


@dataclass(frozen=True)
class Wanted:
    """A key as it shall be."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None
    limits: str = ""

    @property
    def detail(self) -> str:
        """As it is written down."""
        until = self.expires_at.isoformat() if self.expires_at else "for good"
        return f"{self.name}; {', '.join(self.scopes)}; {until}" + (f"; {self.limits}" if self.limits else "")


async def make(
    db: Connection, giver: Giver, reseller: str, id_: str, wanted: Wanted, *, again: bool = True
) -> Minted | None:
    """A new key; None if there is one with that id already. Raises Problem 403."""
    giver.check(wanted.scopes, wanted.expires_at)
    key = key_form.minted(id_)
    row = (id_, key.hash, reseller, wanted.name, wanted.scopes, wanted.expires_at, wanted.limits)
    if not await key_queries.add(db, *row, again=again):
        return None
    await key_queries.note(db, id_, reseller, giver.by, "made", wanted.detail)
    return key


async def change(db: Connection, giver: Giver, id_: str, wanted: Wanted) -> None:
    """Change what it is called, what it may and how long. Raises Problem 403, 404 and 409."""
    row = await _open(db, giver, id_)
    giver.check(wanted.scopes, wanted.expires_at)
    same = (row.name, tuple(row.scopes), row.expires_at, row.limits)
    if same == (wanted.name, tuple(sorted(wanted.scopes)), wanted.expires_at, wanted.limits):
        return
    await key_queries.change(db, row.reseller, id_, wanted.name, wanted.scopes, wanted.expires_at, wanted.limits)
    await key_queries.note(db, id_, row.reseller, giver.by, "changed", wanted.detail)


async def rotate(db: Connection, giver: Giver, id_: str, overlap: timedelta) -> Minted:
    """A new secret; the one before works for the overlap. Raises Problem 403, 404 and 409."""
    row = await _open(db, giver, id_)
    if row.former_until is not None:
        detail = (
            f"The secret before this one works until {row.former_until.isoformat()}. End it before the next change."
        )
        raise Problem(409, "It is being rotated", detail, code="key_is_rotating")
    key = key_form.minted(id_)
    await key_queries.rotate(db, row.reseller, id_, key.hash, overlap)
    await key_queries.note(db, id_, row.reseller, giver.by, "rotated", f"the former secret works for {overlap}")
    return key


async def end_former(db: Connection, giver: Giver, id_: str) -> None:
    """End the former secret now, if it still works. Raises Problem 403, 404 and 409."""
    row = await _open(db, giver, id_)
    if await key_queries.end_former(db, row.reseller, id_):
        await key_queries.note(db, id_, row.reseller, giver.by, "former secret ended")


async def revoke(db: Connection, giver: Giver, id_: str) -> None:
    """End a key for good; whoever may look after keys may end any of them. Raises Problem 404."""
    row = await _found(db, giver, id_)
    if await key_queries.revoke(db, row.reseller, id_):
        await key_queries.note(db, id_, row.reseller, giver.by, "revoked")


async def _open(db: Connection, giver: Giver, id_: str) -> Any:
    """A key that lives, and that gives nothing that its changer lacks: its new secret would give it to him."""
    row = await _found(db, giver, id_)
    if row.revoked_at is not None:
        raise Problem(409, "It is revoked", "A key that was revoked stays so: make another one.", code="key_revoked")
    giver.check(row.scopes, giver.until)
    return row


async def _found(db: Connection, giver: Giver, id_: str) -> Any:
    row = await key_queries.one(db, giver.resellers, id_, locked=True)
    if row is None:
        raise no_such_key(id_)
    return row


def no_such_key(id_: str) -> Problem:
    """There is none, or it is another reseller's."""
    return Problem(
        404, "No such key", f"You have no API key {id_}. See GET /v1/keys for those there are.", code="no_such_key"
    )
