"""What happened: read again from any place of the last 30 days, or followed as it comes."""

from collections.abc import Sequence

from patchbay_client.calls import Call, Stream, get, query_of
from patchbay_client.shapes import Event, EventPage


def page(
    after: str = "", types: Sequence[str] = (), order: str = "", limit: int = 100, wait: float = 0
) -> Call[EventPage]:
    """Events behind `after`, the oldest first. `wait`: so many seconds for one to come, if there is none yet."""
    return get("/v1/events", after=after, types=",".join(types), order=order, limit=limit, wait=wait or None)


def follow(last: str = "", types: Sequence[str] = (), order: str = "", batch: str = "") -> Stream[Event]:
    """Events as they happen; those behind `last` (a page's `next`) first. Go on with a new call where it was cut."""
    headers = {"Last-Event-ID": last} if last else {}
    query = query_of({"types": ",".join(types), "order": order, "batch": batch})
    return Stream("GET", "/v1/events/stream", query, headers=headers)
