"""Who changed what in the inventory, when and why. A change that changes nothing is not noted."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint
from patchbay_contracts.inventory_answers import LogEntry, LogPage

MOST_RANGES = 100
"""So many ranges of numbers stand in an entry at the most; how many numbers they are in all stands beside them."""

_NOTE = """
    INSERT INTO inventory_log (id, who, why, what, detail) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE SET detail = excluded.detail"""
# A number is in the ranges of an entry, or in a block that it loaded.
_PAGE = """
    SELECT * FROM inventory_log WHERE ($1::uuid IS NULL OR id < $1) AND ($3::bigint IS NULL
        OR detail->'blocks' ? (SELECT '+' || block FROM place($3))
        OR EXISTS (SELECT FROM jsonb_array_elements(coalesce(detail->'ranges', '[]')) AS r
                   WHERE $3 BETWEEN (r->>0)::bigint AND (r->>1)::bigint))
    ORDER BY id DESC LIMIT $2"""


class Reason(NamedTuple):
    """Who changes something, and why."""

    who: str
    why: str


async def note(db: Connection, reason: Reason, what: str, detail: Mapping[str, Any], entry: UUID | None = None) -> None:
    """Note a change. A change of many transactions, such as a load, has one `entry`, and each of them says anew how
    far it is."""
    await db.execute(_NOTE, entry or mint(), reason.who, reason.why, what, orjson.dumps(detail).decode())


def numbers(ranges: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """Ranges of numbers as an entry shows them."""
    all_ = list(ranges)
    return {
        "numbers": sum(last - first + 1 for first, last in all_),
        "ranges": [[f"+{first}", f"+{last}"] for first, last in all_[:MOST_RANGES]],
    }


async def page(db: Connection, before: UUID | None, most: int, number: int | None = None) -> LogPage:
    """The newest entries, or those before that one; of a number, those that name it among their ranges or blocks."""
    rows = await db.fetch(_PAGE, before, most, number)
    entries = tuple(LogEntry.model_validate({**row, "detail": orjson.loads(row.detail)}) for row in rows)
    return LogPage(entries=entries, next=str(rows[-1].id) if len(rows) == most else None)
