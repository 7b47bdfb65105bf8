"""All SQL of the log of public events: written in the transaction of their cause, read in an order without gaps.

A row is shown when every transaction that began to write before its own has ended, so nothing is ever added before
what somebody has read (ADR 37).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.event_bodies import Event
from patchbay_chassis.database import Connection

_APPEND = """
    INSERT INTO event_log (turn, reseller, id, type, at, order_id, batch_id, body)
    SELECT (SELECT event_turn()), t.reseller, t.id, t.type, t.at, t.order_id, orders.batch_id, t.body
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[], $6::bytea[])
        WITH ORDINALITY AS t(reseller, id, type, at, order_id, body, place)
    LEFT JOIN orders ON orders.reseller = t.reseller AND orders.id = t.order_id ORDER BY t.place"""
_OPEN = "SELECT event_open()"
# Of one order there are few: they are found by it, whatever the planner thinks of the log.
_LOOK = """
    SELECT turn, position, type, at, octet_length(body) AS size FROM {}
    WHERE reseller = $1 AND (turn, position) > ($2, $3) AND turn < $4 ORDER BY turn, position LIMIT $5"""
_LOOK_AT_ALL = _LOOK.format("event_log")
_LOOK_AT_ORDER = _LOOK.format("(SELECT * FROM event_log WHERE order_id = $6 OFFSET 0) e")
_LOOK_AT_BATCH = _LOOK.format("event_log").replace("reseller = $1", "batch_id = $6 AND reseller || '' = $1")
# What is settled now was written lately: the partitions of older days are not looked at.
_TAIL = """
    SELECT turn, position, at, reseller, id, type, order_id, batch_id, body FROM event_log
    WHERE (turn, position) > ($1, $2) AND turn < $3 AND reseller = ANY($4::text[]) AND at > $5
    ORDER BY turn, position LIMIT $6"""
_TOLD = """
    SELECT turn, position, at, reseller, id, type, order_id, batch_id, body FROM event_log
    WHERE turn = ANY($1::bigint[]) AND (turn, position) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))
    AND at BETWEEN $3 AND $4 ORDER BY turn, position"""


class Place(NamedTuple):
    """A place in the log: behind the event that has it."""

    turn: int
    position: int


class Told(NamedTuple):
    """An event as it comes out of the log."""

    place: Place
    at: datetime
    reseller: str
    id: UUID
    type: str
    order_id: UUID | None
    batch_id: UUID | None
    body: bytes


class Wanted(NamedTuple):
    """Whose events, and which of them; no type: all."""

    reseller: str
    types: Collection[str] = ()
    order: UUID | None = None
    batch: UUID | None = None


LATELY = timedelta(days=1)
"""Longer than any transaction, and than clocks differ."""
END = 2**63 - 1
"""As a position: behind all of that turn."""


async def append(db: Connection, events: Sequence[Event]) -> None:
    """Tell of what is done in this transaction; what is of an order is of its batch, too. Write it last: what is behind
    in the log waits until it has ended."""
    await db.execute(
        _APPEND,
        [one.reseller for one in events],
        [one.id for one in events],
        [one.type for one in events],
        [one.at for one in events],
        [one.order_id for one in events],
        [one.body for one in events],
    )


async def settled(db: Connection) -> Place:
    """Behind all that can be read now, and before all that can be read only later."""
    return Place(await db.fetchval(_OPEN) - 1, END)


async def look(db: Connection, wanted: Wanted, after: Place, until: Place, most: int) -> Sequence[Any]:
    """The events there, of whatever type, without their bodies."""
    asked = (wanted.reseller, *after, until.turn + 1, most)
    if wanted.order is not None:
        return await db.fetch(_LOOK_AT_ORDER, *asked, wanted.order)
    if wanted.batch is not None:
        return await db.fetch(_LOOK_AT_BATCH, *asked, wanted.batch)
    return await db.fetch(_LOOK_AT_ALL, *asked)


async def told(db: Connection, turns: Sequence[int], positions: Sequence[int], times: Sequence[datetime]) -> list[Told]:
    """The events at these places, told at these times, in the order of the log."""
    if not turns:
        return []
    return [_told(row) for row in await db.fetch(_TOLD, turns, positions, min(times), max(times))]


async def tail(  # noqa: PLR0917 - the query's own
    db: Connection, resellers: Sequence[str], after: Place, until: Place, since: datetime, most: int
) -> list[Told]:
    """What came lately for any of these resellers."""
    return [_told(row) for row in await db.fetch(_TAIL, *after, until.turn + 1, resellers, since - LATELY, most)]


def _told(row: Any) -> Told:
    return Told(Place(row[0], row[1]), *row[2:])
