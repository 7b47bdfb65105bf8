"""What is known of single numbers, and numbers that exist elsewhere, of which record is kept."""

from typing import Any

from numbers_service import described
from numbers_service.described import Described
from numbers_service.index.describing import national_format
from patchbay_chassis.database import Connection, affected
from patchbay_chassis.problems import Problem
from patchbay_contracts.inventory_answers import InventoryNumber
from patchbay_contracts.numbers import FoundNumber
from patchbay_contracts.taken_in import (
    MOST_TAKEN_IN,
    AllTakenIn,
    Done,
    ForgetNumber,
    NumberKnown,
    NumbersGet,
    NumbersKnown,
    TakeInNumber,
    TakenIn,
)

_ROWS = """
    SELECT w.e164, coalesce(n.state, s.state) AS state, coalesce(n.reseller, s.reseller) AS reseller,
           coalesce(n.held_until, s.held_until) AS until, coalesce(n.taken_in, false) AS taken_in,
           coalesce(n.since, s.since) AS since
    FROM unnest($1::bigint[]) AS w(e164) LEFT JOIN number n ON n.e164 = w.e164
    LEFT JOIN LATERAL (SELECT * FROM span WHERE first <= w.e164 ORDER BY first DESC LIMIT 1) s ON w.e164 <= s.last"""
_TAKE_IN = """
    INSERT INTO number (e164, state, owner, line, reseller, taken_in)
    SELECT $1, 'assigned', $2, 0, $3, true WHERE NOT EXISTS (SELECT FROM place($1))
    ON CONFLICT (e164) DO NOTHING"""
_MINE = "SELECT e164, since FROM number WHERE e164 = $1 AND reseller = $2 AND taken_in"
_ALL = """
    SELECT e164, since FROM number WHERE reseller = $1 AND taken_in ORDER BY since DESC, e164 DESC LIMIT $2"""
_COUNT = "SELECT count(*) FROM number WHERE reseller = $1 AND taken_in"
_FORGET = "DELETE FROM number WHERE e164 = $1 AND reseller = $2 AND taken_in"


async def get(db: Connection, asked: NumbersGet) -> NumbersKnown:
    """What the reseller may know of these numbers."""
    wanted = dict.fromkeys(asked.numbers)
    rows = {row.e164: row for row in await db.fetch(_ROWS, list(wanted))}
    places = await described.of(db, wanted)
    known = (_known(rows[number], places.get(number), asked.reseller) for number in wanted)
    return NumbersKnown(numbers=tuple(one for one in known if one is not None))


async def one(db: Connection, number: int) -> InventoryNumber | None:
    """All about a number of the inventory, whosever it is; nothing for one that is in no block and was not taken in."""
    (row,) = await db.fetch(_ROWS, [number])
    place = (await described.of(db, [number])).get(number)
    if row.state is None and place is None:
        return None
    found = {name: getattr(row, name) for name in ("e164", "since", "until", "taken_in")}
    of_block: dict[str, Any] = {}
    if place is not None:
        grade, rule = place.graded
        of_block = {"block": place.first, "area": place.area, "grade": grade, "rule": rule}
        of_block |= {"pool": place.place.kind, "owner": place.place.owner}
    return InventoryNumber.model_validate(
        found | of_block | {"state": row.state or "free", "reseller": row.reseller or ""}
    )


def _known(row: Any, place: Described | None, reseller: str) -> NumberKnown | None:
    if row.state is None and (place is None or not _may_draw(place, reseller)):
        return None
    if row.state is not None and row.reseller != reseller:
        return None
    found = {"e164": row.e164, "state": row.state or "free", "taken_in": row.taken_in, "until": row.until}
    return NumberKnown.model_validate(found | ({} if place is None else _described(place)))


def _may_draw(place: Described, reseller: str) -> bool:
    """Whether that reseller, or a customer of its, may draw the number."""
    owner = place.place.owner
    return place.place.kind == "public" or owner == reseller or owner.startswith(f"{reseller}/")


def _described(place: Described) -> dict[str, Any]:
    found: FoundNumber = place.found()
    return found.model_dump(include={"area", "grade", "rule", "pool"}) | {
        "national": national_format(place.e164, place.country, place.trunk)
    }


async def take_in(db: Connection, asked: TakeInNumber) -> TakenIn:
    """Keep record of a number. Raises Problem 409."""
    await db.execute(_TAKE_IN, asked.e164, asked.id, asked.reseller)
    row = await db.fetchrow(_MINE, asked.e164, asked.reseller)
    if row is None:
        detail = f"+{asked.e164} is one of the house, or was taken in by somebody. Those of the house are ordered."
        raise Problem(409, "The number cannot be taken in", detail)
    return TakenIn(e164=row.e164, since=row.since)


async def taken_in(db: Connection, reseller: str) -> AllTakenIn:
    """All that a reseller has taken in, the newest first."""
    rows = await db.fetch(_ALL, reseller, MOST_TAKEN_IN)
    total = len(rows) if len(rows) < MOST_TAKEN_IN else int(await db.fetchval(_COUNT, reseller))
    return AllTakenIn(numbers=tuple(TakenIn(e164=row.e164, since=row.since) for row in rows), total=total)


async def forget(db: Connection, asked: ForgetNumber) -> Done:
    """It is gone. Raises Problem 422."""
    if affected(await db.execute(_FORGET, asked.e164, asked.reseller)) == 0:
        fault = {"pointer": "/e164", "message": "you took in no such number", "remedy": "give one that you took in"}
        raise Problem(422, "The record cannot be changed", errors=[fault])
    return Done()
