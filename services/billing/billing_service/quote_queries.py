"""The SQL of quotes. Whether one holds is decided by the database's time."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from billing_service import quoting
from patchbay_chassis.database import Connection, Row
from patchbay_contracts.quotes import Quote, QuotedLine, QuoteOwner, QuotePage, QuotesQuery

_LINES = TypeAdapter(tuple[QuotedLine, ...])

_STORE = """
    INSERT INTO quote (id, reseller, owner_kind, owner_id, quoted_at, locked_until, lines)
    VALUES ($1, $2, $3, $4, now(), now() + $5::interval, $6)"""
_COLUMNS = """
    SELECT id, reseller, owner_kind, owner_id, quoted_at, locked_until, used_by, lines,
           locked_until - now() AS left_over"""
_GET = f"{_COLUMNS} FROM quote WHERE id = $1 AND reseller = $2"
_PAGE = f"""{_COLUMNS} FROM quote WHERE reseller = $1 AND id < $2 AND ($3::uuid IS NULL OR owner_id = $3)
    AND ($4::text IS NULL OR $4 = CASE
        WHEN used_by IS NOT NULL THEN 'used' WHEN locked_until > now() THEN 'open' ELSE 'ended' END)
    ORDER BY id DESC LIMIT $5"""
_FIND = f"{_COLUMNS} FROM quote WHERE id = ANY($1::uuid[])"
_LOCK = f"{_FIND} ORDER BY id FOR UPDATE"
_USE = """
    UPDATE quote SET used_by = u.order_id FROM unnest($1::uuid[], $2::uuid[]) AS u(id, order_id)
    WHERE quote.id = u.id AND quote.used_by IS DISTINCT FROM u.order_id"""
_FORGET = """
    DELETE FROM quote WHERE id IN (
        SELECT id FROM quote WHERE used_by IS NULL AND locked_until < now() - $1::interval
        ORDER BY locked_until LIMIT 1000 FOR UPDATE SKIP LOCKED)"""


async def store(
    db: Connection, id_: UUID, reseller: str, owner: QuoteOwner, *, lines: tuple[QuotedLine, ...], holds: timedelta
) -> None:
    """Lock the prices of these lines for so long."""
    await db.execute(_STORE, id_, reseller, owner.kind, owner.id, holds, _LINES.dump_json(lines).decode())


async def get(db: Connection, id_: UUID, reseller: str) -> Quote | None:
    """That quote of that reseller."""
    row = await db.fetchrow(_GET, id_, reseller)
    return None if row is None else _quote(row)


async def page(db: Connection, query: QuotesQuery) -> QuotePage:
    """The quotes that are asked for, with their prices."""
    before = query.after or UUID(int=2**128 - 1)
    rows = await db.fetch(_PAGE, query.reseller, before, query.owner_id, query.state, query.count + 1)
    quotes = tuple(_quote(row) for row in rows[: query.count])
    return QuotePage(quotes=quotes, next=quotes[-1].id if len(rows) > query.count else None)


def _quote(row: Row) -> Quote:
    lines = _LINES.validate_json(row.lines)
    return Quote(
        id=row.id,
        reseller=row.reseller,
        owner=QuoteOwner(kind=row.owner_kind, id=row.owner_id),
        quoted_at=row.quoted_at,
        locked_until=row.locked_until,
        state="used" if row.used_by else "open" if row.left_over > timedelta(0) else "ended",
        used_by=row.used_by,
        lines=lines,
        totals=quoting.totals(lines),
    )


async def find(db: Connection, ids: Iterable[UUID]) -> dict[UUID, quoting.Locked]:
    """Those quotes that there are, whoever's they are."""
    return {row.id: _locked(row) for row in await db.fetch(_FIND, list(ids))}


async def lock(db: Connection, ids: Iterable[UUID]) -> dict[UUID, quoting.Locked]:
    """Those quotes that there are, whoever's they are; nobody else uses them until the transaction ends."""
    return {row.id: _locked(row) for row in await db.fetch(_LOCK, sorted(set(ids)))}


def _locked(row: Row) -> quoting.Locked:
    lines = {line.line: line for line in _LINES.validate_json(row.lines)}
    owner = QuoteOwner(kind=row.owner_kind, id=row.owner_id)
    return quoting.Locked(row.id, row.reseller, owner, row.left_over, row.used_by, lines)


async def use(db: Connection, order_of: Mapping[UUID, UUID]) -> None:
    """Each quote is used by that order."""
    await db.execute(_USE, list(order_of), list(order_of.values()))


async def forget(db: Connection, after: timedelta) -> None:
    """Delete what ended so long ago and was never used."""
    await db.execute(_FORGET, after)
