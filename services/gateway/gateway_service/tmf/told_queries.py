"""All SQL about how far hubs of the inventories were told of what orders made and changed: a place in the log of
events for each reseller who has such a hub."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from gateway_service.event_queries import Place
from gateway_service.tmf.events import Api
from patchbay_chassis.database import Connection

SERVICES: Api = "serviceInventoryManagement"
RESOURCES: Api = "resourceInventoryManagement"
INVENTORIES: Sequence[Api] = (SERVICES, RESOURCES)

_BEGIN = """
    INSERT INTO tmf_told (reseller, turn, position)
    SELECT $1, $2, $3 WHERE EXISTS (SELECT FROM tmf_hub WHERE reseller = $1 AND api = ANY($4::text[]))
    ON CONFLICT DO NOTHING"""
_END = """
    DELETE FROM tmf_told
    WHERE reseller = $1 AND NOT EXISTS (SELECT FROM tmf_hub WHERE reseller = $1 AND api = ANY($2::text[]))"""
_TAKE = """
    UPDATE tmf_told SET due = now() + $2::interval WHERE reseller IN (
        SELECT reseller FROM tmf_told mine WHERE due <= now() AND EXISTS (
            SELECT FROM event_log log
            WHERE log.reseller = mine.reseller AND (log.turn, log.position) > (mine.turn, mine.position))
        ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING reseller, turn, position, ARRAY(
        SELECT DISTINCT api FROM tmf_hub WHERE tmf_hub.reseller = tmf_told.reseller AND api = ANY($3::text[]))"""
_MOVE = """
    UPDATE tmf_told SET turn = new.turn, position = new.position, due = now()
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS new(reseller, was_turn, was_position, turn, position)
    WHERE tmf_told.reseller = new.reseller
        AND (tmf_told.turn, tmf_told.position) = (new.was_turn, new.was_position)
    RETURNING tmf_told.reseller"""


class Taken(NamedTuple):
    """A reseller of whom more may be to be told, how far he was told, and what he listens to."""

    reseller: str
    told: Place
    apis: Sequence[Api]


async def level(db: Connection, reseller: str, end: Place) -> None:
    """Tell a reseller who has such hubs what comes behind this place, and one who has none no more."""
    await db.execute(_BEGIN, reseller, *end, INVENTORIES)
    await db.execute(_END, reseller, INVENTORIES)


async def take(db: Connection, most: int, lease: timedelta) -> Sequence[Taken]:
    """Those of whom there are events that were not looked at, for so long nobody else's."""
    rows = await db.fetch(_TAKE, most, lease, INVENTORIES)
    return [Taken(row[0], Place(row[1], row[2]), row[3]) for row in rows]


async def move(db: Connection, moves: Sequence[tuple[Taken, Place]]) -> set[str]:
    """Note how far they were told. The resellers who had not been told of it by somebody else meanwhile."""
    rows = await db.fetch(
        _MOVE,
        [taken.reseller for taken, _ in moves],
        [taken.told.turn for taken, _ in moves],
        [taken.told.position for taken, _ in moves],
        [place.turn for _, place in moves],
        [place.position for _, place in moves],
    )
    return {row.reseller for row in rows}
