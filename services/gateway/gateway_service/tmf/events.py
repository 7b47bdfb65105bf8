"""What hubs of the TM Forum are told: in its shape, and in the log of events as everything that is told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from gateway_service import event_queries, events_tail
from gateway_service.event_bodies import Event
from gateway_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint

Api = Literal["serviceOrdering", "serviceInventoryManagement", "resourceInventoryManagement"]
What = Literal["Create", "StateChange", "AttributeValueChange", "Delete"]
OF: Mapping[Api, tuple[str, ...]] = {
    "serviceOrdering": ("ServiceOrder", "CancelServiceOrder"),
    "serviceInventoryManagement": ("Service",),
    "resourceInventoryManagement": ("Resource",),
}
"""What each API tells of."""
WHATS: tuple[What, ...] = ("Create", "StateChange", "AttributeValueChange", "Delete")
PREFIX = "tmf."


def types(api: Api) -> tuple[str, ...]:
    """The events of an API, as the standard calls them."""
    return tuple(f"{of}{what}Event" for of in OF[api] for what in WHATS)


def base() -> str:
    """Where who is told reaches the gateway: he did not ask, so his own address is not known."""
    return settings().public_url.rstrip("/")


def event(reseller: str, of: str, what: What, shown: Mapping[str, Any], order_id: UUID | None = None) -> Event:
    """That something happened to a resource. Its attributes stand beside those that all events have."""
    id_, at, name = mint(), datetime.now(UTC), f"{of}{what}Event"
    attribute = of[0].lower() + of[1:]
    body = {
        "id": id_,
        "type": PREFIX + name,
        "at": at,
        "reseller": reseller,
        "data": {"id": shown["id"], "state": shown.get("state")},
        "eventId": str(id_),
        "eventTime": at,
        "eventType": name,
        "title": name,
        "event": {attribute: shown},
    }
    return Event(id_, PREFIX + name, at, reseller, orjson.dumps(body, option=orjson.OPT_UTC_Z), order_id)


async def tell(db: Connection, *events: Event) -> None:
    """Tell of what is done in this transaction. Call it last."""
    await event_queries.append(db, events)
    db.after_commit(events_tail.look)


async def tell_of(db: Connection, reseller: str, of: str, what: What, shown: Mapping[str, Any]) -> None:
    """Tell of one thing that happened."""
    await tell(db, event(reseller, of, what, shown))
