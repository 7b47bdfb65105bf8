"""What became of deliveries over the API, and delivering again."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, lists, webhook_delivering, webhook_queries, webhooks, webhooks_openapi
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.views import NEWEST
from gateway_service.webhooks_bodies import DeliveryState, Redelivery, delivery, none, said
from patchbay_chassis.problems import invalid_at
from patchbay_chassis.service import Running

ACCEPTED = {"state": "accepted"}


def router(running: Running, keys: Keys) -> APIRouter:
    """The routes of deliveries, for keys with the scope `webhooks`."""
    routes = Routes(prefix="/v1/webhooks/{id}")
    Known = Annotated[Caller, Depends(keys.having("webhooks"))]  # noqa: N806 - a type

    @routes.get("/deliveries", **webhooks_openapi.DELIVERIES)
    async def list_deliveries(
        id: UUID,  # noqa: A002 - its name in the path
        caller: Known,
        *,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str, Query(max_length=60, description="`next` of the page before")] = "",
        state: DeliveryState | None = None,
    ) -> Response:
        before = _read(after)
        async with running.database.connection() as db:
            if await webhook_queries.one(db, caller.reseller, id) is None:
                none(id)
            rows = await webhook_queries.deliveries(db, id, before, state, limit + 1)
        more = _cursor(rows[limit - 1].event_id) if len(rows) > limit else None
        return said({"deliveries": [delivery(row) for row in rows[:limit]], "next": more})

    @routes.post("/deliveries/{event}/redeliver", status_code=202, **webhooks_openapi.REDELIVER)
    async def redeliver_event(id: UUID, event: UUID, caller: Known) -> Response:  # noqa: A002
        await webhooks.redeliver(running, caller.reseller, id, event)
        return said(ACCEPTED, 202)

    @routes.post("/redeliver", status_code=202, **webhooks_openapi.REDELIVER_ALL)
    async def redeliver_events(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002
        wanted = await bodies.read(request, Redelivery)
        if wanted.since < datetime.now(UTC) - settings().keep_events:
            message = f"events are kept for {settings().keep_events.days} days"
            raise invalid_at("/since", message, "give a later time")
        async with running.turn() as turn:
            await webhooks.check_enabled(turn.db, caller.reseller, id)
            await webhook_queries.go_back(turn.db, caller.reseller, id, wanted.since)
        webhook_delivering.look()
        return said(ACCEPTED, 202)

    return routes


def _cursor(id_: UUID) -> str:
    return urlsafe_b64encode(id_.bytes).decode().rstrip("=")


def _read(given: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(given + "==")) if given else NEWEST
    except ValueError:
        raise lists.bad_cursor() from None
