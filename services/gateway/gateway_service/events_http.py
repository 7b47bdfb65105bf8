"""Public events over the API: the replay of what happened, and what happens as it comes."""

from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response, StreamingResponse

from gateway_service import events, events_openapi
from gateway_service.event_bodies import Type
from gateway_service.event_queries import Wanted
from gateway_service.events_streams import Streams
from gateway_service.keys import Caller, Keys
from gateway_service.progress_http import AT_ONCE, KIND
from gateway_service.routes import Routes
from gateway_service.settings import settings
from patchbay_chassis.problems import invalid_parameter

TYPES: tuple[str, ...] = get_args(Type)
MOST = 500
MOST_WAIT = 30


def router(streams: Streams, keys: Keys) -> APIRouter:
    """The routes of events, for keys with the scope `events`."""
    routes = Routes(prefix="/v1/events")
    Known = Annotated[Caller, Depends(keys.having("events"))]  # noqa: N806 - a type

    @routes.get("", **events_openapi.REPLAY)
    async def replay_events(
        caller: Known,
        *,
        after: Annotated[str, Query(max_length=60, description="`next` of the page before; empty: the oldest")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
        types: Annotated[str, Query(max_length=400, description="only these, with commas between")] = "",
        order: Annotated[UUID | None, Query(description="only what happened to this order")] = None,
        batch: Annotated[UUID | None, Query(description="only what happened to orders of this batch")] = None,
        wait: Annotated[float, Query(ge=0, le=MOST_WAIT, description="seconds to wait for an event")] = 0,
    ) -> Response:
        wanted = Wanted(caller.reseller, known_types(types), order, batch)
        cursor = events.read(after, settings().keep_events) if after else None
        page = await streams.page(caller.id, wanted, cursor, limit, wait)
        more = b"true" if page.more else b"false"
        answer = b'{"events":[%s],"next":"%s","more":%s}' % (
            b",".join(told.body for told in page.told),
            _text(page.next),
            more,
        )
        return Response(answer, media_type="application/json")

    @routes.get("/stream", **events_openapi.STREAM)
    async def follow_events(
        caller: Known,
        *,
        types: Annotated[str, Query(max_length=400, description="only these, with commas between")] = "",
        order: Annotated[UUID | None, Query(description="only what happens to this order")] = None,
        batch: Annotated[UUID | None, Query(description="only what happens to orders of this batch")] = None,
        last_event_id: Annotated[str, Header(max_length=60)] = "",
    ) -> Response:
        wanted = Wanted(caller.reseller, known_types(types), order, batch)
        cursor = events.read(last_event_id, settings().keep_events, "Last-Event-ID") if last_event_id else None
        streams.check(caller.id)
        return StreamingResponse(streams.events(caller.id, wanted, cursor), headers=AT_ONCE, media_type=KIND)

    return routes


def known_types(given: str) -> frozenset[str]:
    """The types that are named; none: all. Raises Problem 422."""
    types = frozenset(filter(None, (name.strip() for name in given.split(","))))
    if unknown := sorted(types.difference(TYPES)):
        message, remedy = f"there is no type {unknown[0]}", f"take some of {', '.join(TYPES)}"
        raise invalid_parameter("types", message, remedy)
    return types


def _text(cursor: events.Cursor) -> bytes:
    return events.written(cursor).encode()
