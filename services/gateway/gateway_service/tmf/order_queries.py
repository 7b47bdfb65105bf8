"""All SQL about what was ordered over the TM Forum API. Whatever is read or written names its reseller."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection, affected

COLUMNS = "reseller, id, sent, became, version, ordered_at, started_at, ended_at"
_ADD = """
    INSERT INTO tmf_order (reseller, id, sent, became, external_id, waits, ordered_at, terms, dated)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_ONE = f"SELECT {COLUMNS} FROM tmf_order WHERE reseller = $1 AND id = $2"  # noqa: S608 - ours
_LOCKED = f"{_ONE} FOR UPDATE"
_CHANGE = """
    UPDATE tmf_order
    SET sent = $3, became = $4, external_id = $5, waits = $6, started_at = $7, ended_at = $8, open = $9,
        terms = $10, dated = $11, version = version + 1
    WHERE reseller = $1 AND id = $2"""
_DELETE = "DELETE FROM tmf_order WHERE reseller = $1 AND id = $2"
_WAITING = f"""
    SELECT {COLUMNS} FROM tmf_order WHERE waits AND reseller = ANY($1::text[]) AND id < $2
    ORDER BY id DESC LIMIT $3"""  # noqa: S608 - ours
# What waits for somebody has not ended; of the others few are open.
_ENDED = f"""
    SELECT {COLUMNS} FROM tmf_order WHERE open AND NOT waits AND NOT EXISTS (
        SELECT FROM json_array_elements(became::json) AS item JOIN orders
            ON orders.reseller = tmf_order.reseller AND orders.id = (item ->> 'order')::uuid
        WHERE orders.ended_at IS NULL)
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED"""  # noqa: S608 - ours
_CLOSE = "UPDATE tmf_order SET open = false, terms = $3, dated = $4 WHERE reseller = $1 AND id = $2"
_BEHIND = f"""
    SELECT {COLUMNS} FROM tmf_order WHERE terms IS NULL AND NOT open ORDER BY id LIMIT $1
    FOR UPDATE SKIP LOCKED"""  # noqa: S608 - ours
_ANEW = "UPDATE tmf_order SET terms = NULL WHERE terms && $1::bigint[]"
_ORDERS = """
    SELECT orders.id, kind, state, event, accepted_at, ended_at, c.why AS cancel_why
    FROM orders LEFT JOIN order_cancel c ON c.reseller = orders.reseller AND c.order_id = orders.id
    WHERE orders.reseller = $1 AND orders.id = ANY($2::uuid[])"""
LAST = UUID(int=2**128 - 1)


class Stored(NamedTuple):
    """A service order as it is kept: what was sent, and by item what it became."""

    reseller: str
    id: UUID
    sent: dict[str, Any]
    items: list[dict[str, Any]]
    version: int
    ordered_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def orders(self) -> list[UUID]:
        """The orders of Patchbay's own that it is carried out by."""
        return [UUID(id_) for id_ in dict.fromkeys(item["order"] for item in self.items if "order" in item)]


class Terms(NamedTuple):
    """Under what an order is found that shows the same from now on, and its orderDate. Without `terms` it has to be
    looked through."""

    terms: list[int] | None = None
    dated: datetime | None = None


async def add(db: Connection, order: Stored, terms: Terms, *, waits: bool) -> None:
    """Keep a new one."""
    given = (_json(order.sent), _json(order.items), _external(order), waits, order.ordered_at)
    await db.execute(_ADD, order.reseller, order.id, *given, *terms)


async def one(db: Connection, reseller: str, id_: UUID, *, locked: bool = False) -> Stored | None:
    """One of that reseller, or None."""
    row = await db.fetchrow(_LOCKED if locked else _ONE, reseller, id_)
    return None if row is None else read(row)


async def change(db: Connection, order: Stored, terms: Terms, *, waits: bool, open_: bool) -> None:
    """What it says from now on."""
    given = (_json(order.sent), _json(order.items), _external(order), waits, order.started_at, order.ended_at, open_)
    await db.execute(_CHANGE, order.reseller, order.id, *given, *terms)


async def delete(db: Connection, reseller: str, id_: UUID) -> bool:
    """Forget it; whether it was there."""
    return affected(await db.execute(_DELETE, reseller, id_)) == 1


async def waiting(db: Connection, resellers: Sequence[str], before: UUID = LAST, limit: int = 50) -> list[Stored]:
    """Those of these resellers that somebody has to carry out by hand, the newest first."""
    return [read(row) for row in await db.fetch(_WAITING, list(resellers), before, limit)]


async def ended(db: Connection, most: int) -> list[Stored]:
    """Those whose end was not told yet, and which have ended."""
    return [read(row) for row in await db.fetch(_ENDED, most)]


async def behind(db: Connection, most: int) -> list[Stored]:
    """Those that ended before they had terms."""
    return [read(row) for row in await db.fetch(_BEHIND, most)]


async def anew(db: Connection, terms: Sequence[int]) -> None:
    """What has one of these is looked at anew: it is shown otherwise now."""
    await db.execute(_ANEW, terms)


async def close(db: Connection, orders: Sequence[tuple[Stored, Terms]]) -> None:
    """Their end is told."""
    await db.executemany(_CLOSE, [(order.reseller, order.id, *terms) for order, terms in orders])


async def carried_out(db: Connection, orders: Sequence[Stored]) -> dict[UUID, Any]:
    """The orders by which these are carried out, by id."""
    by_reseller: dict[str, list[UUID]] = {}
    for order in orders:
        by_reseller.setdefault(order.reseller, []).extend(order.orders())
    return {
        row.id: row for reseller, ids in by_reseller.items() if ids for row in await db.fetch(_ORDERS, reseller, ids)
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _external(order: Stored) -> str | None:
    given = order.sent.get("externalId")
    return None if given is None else str(given)


def read(row: Any) -> Stored:
    """An order as its row has it."""
    sent, items = orjson.loads(row.sent), orjson.loads(row.became)
    return Stored(row.reseller, row.id, sent, items, row.version, row.ordered_at, row.started_at, row.ended_at)
