"""Who changed what in the inventory, when and why. A change that changes nothing is not noted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from numbers_service.changes import columns
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint
from patchbay_contracts.inventory_answers import LogEntry, LogPage
from patchbay_contracts.v1.blocks import Range

MOST_RANGES = 100
"""So many ranges of numbers are shown in an entry at the most; how many numbers they are in all stands beside them, and
it is found by each of them."""

_NOTE = """
    INSERT INTO inventory_log (id, who, why, what, detail) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE SET detail = excluded.detail"""
_ABOUT = """
    INSERT INTO logged (entry, first, last)
    SELECT $1, * FROM unnest($2::bigint[], $3::bigint[]) AS w(first, last)"""
_PAGE = """
    SELECT * FROM inventory_log WHERE ($1::uuid IS NULL OR id < $1) AND ($3::bigint IS NULL
        OR id IN (SELECT entry FROM logged WHERE int8range(first, last, '[]') @> $3))
    ORDER BY id DESC LIMIT $2"""


class Reason(NamedTuple):
    """Who changes something, and why."""

    who: str
    why: str


async def note(
    db: Connection,
    reason: Reason,
    what: str,
    detail: Mapping[str, Any],
    *,
    about: Iterable[Range] = (),
    entry: UUID | None = None,
) -> None:
    """Note a change, by which it is found `about` each of these numbers. A change of many transactions, such as a load,
    has one `entry`, and each of them says anew how far it is, and about which numbers it is besides."""
    id_ = entry or mint()
    await db.execute(_NOTE, id_, reason.who, reason.why, what, orjson.dumps(detail).decode())
    if ranges := sorted(about):
        await db.execute(_ABOUT, id_, *columns(ranges))


async def note_numbers(db: Connection, reason: Reason, what: str, ranges: Sequence[Range]) -> None:
    """Note what was done to these numbers."""
    many = sum(last - first + 1 for first, last in ranges)
    shown = [[f"+{first}", f"+{last}"] for first, last in ranges[:MOST_RANGES]]
    await note(db, reason, what, {"numbers": many, "ranges": shown}, about=ranges)


async def page(db: Connection, before: UUID | None, most: int, number: int | None = None) -> LogPage:
    """The newest entries, or those before that one; of a number, those that are about it."""
    rows = await db.fetch(_PAGE, before, most, number)
    entries = tuple(LogEntry.model_validate({**row, "detail": orjson.loads(row.detail)}) for row in rows)
    return LogPage(entries=entries, next=str(rows[-1].id) if len(rows) == most else None)
