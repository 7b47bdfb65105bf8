"""All SQL of drafts. Whatever is read or written names the resellers of who is asking; None: all of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gateway_service.draft import Document, Draft, State
from patchbay_chassis.database import Connection, affected

_ADD = "INSERT INTO draft (id, reseller, by, document) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING"
_GET = "SELECT * FROM draft WHERE id = $1 AND ($2::text[] IS NULL OR reseller = ANY($2))"
_LOCK = _GET + " FOR UPDATE"
_STORE = """
    UPDATE draft SET document = $4, reseller = $5, state = $6, order_id = $7, version = version + 1, changed_at = now()
    WHERE id = $1 AND ($2::text[] IS NULL OR reseller = ANY($2)) AND changed_at = $3 RETURNING *"""
_TOUCH = """
    UPDATE draft SET document = $4, changed_at = now()
    WHERE id = $1 AND ($2::text[] IS NULL OR reseller = ANY($2)) AND changed_at = $3 RETURNING changed_at"""
_PAGE = """
    SELECT * FROM draft WHERE ($1::text[] IS NULL OR reseller = ANY($1)) AND id < $2 AND state = ANY($3)
    ORDER BY id DESC LIMIT $4"""
_OTHERWISE = """
    SELECT draft.* FROM draft JOIN unnest($1::uuid[], $2::timestamptz[]) AS w(id, seen) ON draft.id = w.id
    WHERE draft.changed_at IS DISTINCT FROM w.seen"""
_OF_ORDER = "SELECT * FROM draft WHERE order_id = $1 AND ($2::text[] IS NULL OR reseller = ANY($2))"
# What was agreed to and waived belongs to the order that was made; what came to nothing need not be kept.
_FORGET = """
    DELETE FROM draft WHERE id IN (
        SELECT id FROM draft WHERE state IN ('open', 'abandoned') AND changed_at < now() - $1::interval
        ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED)"""
_FORGET_ORDERED = """
    DELETE FROM draft WHERE id IN (
        SELECT id FROM draft WHERE state IN ('created', 'finished') AND changed_at < now() - $1::interval
        ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED)"""
_WITH_PIN = """
    SELECT id, document FROM draft
    WHERE state IN ('created', 'finished') AND document LIKE '%"sealed_pin":"%' AND changed_at < now() - $1::interval
    ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED"""
# Whoever was about to write it finds it touched, and does not bring the PIN back.
_WITHOUT_PIN = """
    UPDATE draft SET document = w.document, changed_at = changed_at + interval '1 microsecond'
    FROM unnest($1::uuid[], $2::text[]) AS w(id, document) WHERE draft.id = w.id"""


async def add(db: Connection, id_: UUID, reseller: str, by: str, document: Document) -> None:
    """Begin a draft; one that was begun already stays as it is."""
    await db.execute(_ADD, id_, reseller, by, _written(document))


async def draft(db: Connection, resellers: Sequence[str] | None, id_: UUID) -> Draft | None:
    """A draft of one of these resellers, or None."""
    return _draft(await db.fetchrow(_GET, id_, resellers))


async def lock(db: Connection, resellers: Sequence[str] | None, id_: UUID) -> Draft | None:
    """The same; nobody else changes it before this transaction ends."""
    return _draft(await db.fetchrow(_LOCK, id_, resellers))


async def store(db: Connection, resellers: Sequence[str] | None, new: Draft) -> Draft | None:
    """The draft as it shall be, under the next version; None if it was touched since it was read. `resellers`: those of
    who is writing."""
    given = _written(new.document), new.reseller, new.state, new.order_id
    return _draft(await db.fetchrow(_STORE, new.id, resellers, new.changed_at, *given))


async def touch(db: Connection, resellers: Sequence[str] | None, new: Draft) -> Draft | None:
    """The same with what is no change of the draft: it keeps its version."""
    row = await db.fetchrow(_TOUCH, new.id, resellers, new.changed_at, _written(new.document))
    return new._replace(changed_at=row.changed_at) if row is not None else None


async def page(
    db: Connection, resellers: Sequence[str] | None, before: UUID, states: Sequence[State], limit: int
) -> list[Draft]:
    """Drafts of these resellers that were begun before that one, newest first."""
    rows = await db.fetch(_PAGE, resellers, before, list(states), limit)
    return [found for row in rows if (found := _draft(row)) is not None]


async def otherwise(db: Connection, seen: Mapping[UUID, datetime | None]) -> list[Draft]:
    """Those of these drafts that were touched since they were seen so, whosever they are: whoever watches them was
    asked before who he is."""
    rows = await db.fetch(_OTHERWISE, list(seen), list(seen.values()))
    return [found for row in rows if (found := _draft(row)) is not None]


async def of_order(db: Connection, resellers: Sequence[str] | None, order_id: UUID) -> Draft | None:
    """The draft that the order was made from."""
    return _draft(await db.fetchrow(_OF_ORDER, order_id, resellers))


async def forget(db: Connection, untouched: timedelta, most: int) -> int:
    """Forget drafts that came to nothing and were not touched for so long; how many."""
    return affected(await db.execute(_FORGET, untouched, most))


async def forget_ordered(db: Connection, keep: timedelta, most: int) -> int:
    """Forget drafts from which an order was made so long ago; how many."""
    return affected(await db.execute(_FORGET_ORDERED, keep, most))


async def forget_pins(db: Connection, after: timedelta, most: int) -> int:
    """Forget the PINs of drafts that were created and not finished for so long; how many. That is no change of them."""
    rows = [(row.id, Document.model_validate_json(row.document)) for row in await db.fetch(_WITH_PIN, after, most)]
    if rows:
        bare = [one.but(customer=one.customer.model_copy(update={"sealed_pin": None})) for _, one in rows]
        await db.execute(_WITHOUT_PIN, [id_ for id_, _ in rows], [_written(one) for one in bare])
    return len(rows)


def _written(document: Document) -> str:
    """As it is stored. Raises ValidationError for what could not be read again: nobody could open that draft."""
    text = document.model_dump_json()
    Document.model_validate_json(text)
    return text


def _draft(row: Any | None) -> Draft | None:
    if row is None:
        return None
    document = Document.model_validate_json(row.document)
    return Draft(
        row.id,
        row.reseller,
        row.version,
        row.by,
        document,
        row.state,
        row.order_id,
        row.created_at,
        row.changed_at,
    )
