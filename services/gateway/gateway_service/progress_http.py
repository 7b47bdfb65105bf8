"""Orders followed step by step over the public API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from starlette.responses import Response, StreamingResponse

from gateway_service import orders_openapi
from gateway_service.keys import Caller, Keys
from gateway_service.progress import END, Watching
from gateway_service.routes import Routes

KIND = "text/event-stream"
AT_ONCE = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Whatever stands between must not keep events back."""


def router(watching: Watching, keys: Keys) -> APIRouter:
    """The route of an order's events, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/orders")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("/{id}/events", **orders_openapi.EVENTS)
    async def follow_order(
        id: UUID,  # noqa: A002 - its name in the path
        caller: Known,
        last_event_id: Annotated[str, Header(max_length=40)] = "",
    ) -> Response:
        return await answer(watching, caller.reseller, id, last_event_id)

    return routes


async def answer(watching: Watching, reseller: str, id_: UUID, after: str) -> Response:
    """The events from there on. 204 when all were seen, which ends a browser's trying to come again. Raises Problem."""
    if after == END and await watching.is_over(reseller, id_):
        return Response(status_code=204)
    return StreamingResponse(await watching.events(reseller, id_, after), headers=AT_ONCE, media_type=KIND)
