"""The replay of public events: anything of the last 30 days, in order and without a gap."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from struct import Struct, error
from typing import Any, NamedTuple

from gateway_service import event_queries
from gateway_service.event_queries import Place, Told, Wanted
from patchbay_chassis.database import Connection
from patchbay_chassis.problems import Problem, invalid_parameter

MOST_LOOKED_AT = 5_000
"""So many events are looked at for one page, however few of them are wanted."""
MOST_BYTES = 4 << 20
"""Of the bodies of a page; the first event is told whatever its size."""
_CURSOR = Struct(">qqI")


class Cursor(NamedTuple):
    """Where somebody is in the log, and since when: whoever was away for too long has lost his place."""

    place: Place
    at: datetime


BEGINNING = Place(0, 0)


class Page(NamedTuple):
    """Events as they are told, and the place from which to go on; `more` if there is more now."""

    told: list[Told]
    next: Cursor
    more: bool


def written(cursor: Cursor) -> str:
    """The cursor as it is given out, not to be taken apart by anybody."""
    packed = _CURSOR.pack(*cursor.place, int(cursor.at.timestamp()))
    return urlsafe_b64encode(packed).decode().rstrip("=")


def read(given: str, keep: timedelta, parameter: str = "after") -> Cursor:
    """What `written` made. Raises Problem 422, and 410 for one from before the oldest event that is kept."""
    try:
        turn, position, seconds = _CURSOR.unpack(urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        cursor = Cursor(Place(turn, position), datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError, error):
        raise invalid_parameter(parameter, "not a cursor of ours", "take it from `next`") from None
    if cursor.at < datetime.now(UTC) - keep:
        remedy = "leave it out to begin with the oldest event that is kept, and read orders to see what you missed"
        fault = {"parameter": parameter, "message": f"events are kept for {keep.days} days", "remedy": remedy}
        raise Problem(410, "These events are gone", errors=[fault], code="events_gone")
    return cursor


async def page(db: Connection, wanted: Wanted, after: Cursor | None, limit: int) -> Page:
    """What follows in the log, as far as it is settled."""
    now = datetime.now(UTC)
    end = await event_queries.settled(db)
    place = after.place if after else BEGINNING
    most = MOST_LOOKED_AT if wanted.types else limit
    looked = await event_queries.look(db, wanted, place, end, most)
    chosen: list[Any] = []
    behind, size = None, 0
    for row in looked:
        if not wanted.types or row.type in wanted.types:
            if len(chosen) == limit or (chosen and size + row.size > MOST_BYTES):
                break
            chosen.append(row)
            size += row.size
        behind = row
    all_of_them = len(looked) < most and (not looked or behind is looked[-1])
    if all_of_them:
        next_ = Cursor(max(end, place), now)
    else:
        assert behind is not None
        next_ = Cursor(Place(behind.turn, behind.position), behind.at)
    columns = ([row[name] for row in chosen] for name in ("turn", "position", "at"))
    return Page(await event_queries.told(db, *columns), next_, not all_of_them)
