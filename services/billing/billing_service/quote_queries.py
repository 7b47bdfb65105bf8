"""The SQL of quotes. Whether one holds is decided by the database's time."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from billing_service import quoting
from patchbay_chassis.database import Connection, Row
from patchbay_contracts.quotes import Quote, QuotedLine, QuoteOwner, QuotePage, QuotesQuery

_LINES = TypeAdapter(tuple[QuotedLine, ...])
APART = timedelta(minutes=1)
"""A quote's id tells when it was made; so far apart the two may be."""

_STORE = """
    INSERT INTO quote (id, reseller, owner_kind, owner_id, quoted_at, locked_until, lines)
    VALUES ($1, $2, $3, $4, now(), now() + $5::interval, $6)"""
_PRICED = "INSERT INTO quote_by_list (reseller, price_list, quote) SELECT $1, unnest($2::text[]), $3"
_COLUMNS = """
    SELECT id, reseller, owner_kind, owner_id, quoted_at, locked_until, used_by, lines,
           locked_until - now() AS left_over"""
_GET = f"{_COLUMNS} FROM quote WHERE id = $1 AND reseller = $2"
_PAGE = f"{_COLUMNS} FROM quote WHERE reseller = $1 AND id < $2 %s ORDER BY id DESC LIMIT $3"
_PAGE_OF_LIST = f"""{_COLUMNS} FROM quote JOIN (
        SELECT quote FROM quote_by_list WHERE reseller = $1 AND quote < $2 AND price_list = $4) l ON l.quote = id
    WHERE reseller = $1 AND id < $2 %s ORDER BY l.quote DESC LIMIT $3"""  # noqa: S608 - ours
_STATES = {
    "used": "used_by IS NOT NULL",
    "open": "used_by IS NULL AND locked_until > now()",
    "ended": "used_by IS NULL AND locked_until <= now()",
}
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
    await db.execute(_PRICED, reseller, sorted({line.price_list for line in lines}), id_)


async def get(db: Connection, id_: UUID, reseller: str) -> Quote | None:
    """That quote of that reseller."""
    row = await db.fetchrow(_GET, id_, reseller)
    return None if row is None else _quote(row)


async def page(db: Connection, query: QuotesQuery) -> QuotePage:
    """The quotes that are asked for, with their prices."""
    before = query.after or UUID(int=2**128 - 1)
    if query.quoted_before is not None:
        before = min(before, _least(query.quoted_before + APART))
    values: list[Any] = [query.reseller, before, query.count + 1]
    conditions = "" if query.state is None else f" AND {_STATES[query.state]}"
    if query.price_list is not None:
        values.append(query.price_list)
    for condition, value in (
        ("owner_id = ${}", query.owner_id),
        ("owner_id = ${} AND owner_kind = 'customer'", query.customer_id),
        ("used_by = ${}", query.used_by),
        ("id >= ${}", query.quoted_from and _least(query.quoted_from - APART)),
        ("quoted_at >= ${}", query.quoted_from),
        ("quoted_at < ${}", query.quoted_before),
    ):
        if value is not None:
            values.append(value)
            conditions += f" AND {condition.format(len(values))}"
    rows = await db.fetch((_PAGE_OF_LIST if query.price_list else _PAGE) % conditions, *values)
    quotes = tuple(_quote(row) for row in rows[: query.count])
    return QuotePage(quotes=quotes, next=quotes[-1].id if len(rows) > query.count else None)


def _least(moment: datetime) -> UUID:
    """The least id (UUIDv7) that a quote of that moment has."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


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
