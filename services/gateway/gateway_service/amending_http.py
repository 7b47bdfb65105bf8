"""Orders that wait for numbers, amended over the public API."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import amending, amending_openapi, bodies, etags, replays
from gateway_service.amending import Amend
from gateway_service.keys import Caller, Keys
from gateway_service.orders_http import trace_of
from gateway_service.routes import Routes
from patchbay_chassis.service import Running


def router(running: Running, keys: Keys) -> APIRouter:
    """The route, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/orders")

    @routes.patch("/{id}", status_code=202, **amending_openapi.AMEND)
    async def amend_order(
        id: UUID,  # noqa: A002 - its name in the path
        request: Request,
        caller: Annotated[Caller, Depends(keys.having("orders"))],
        seen: etags.SeenTag,
    ) -> Response:
        asked = await bodies.read(request, Amend)
        made, trace = replays.made(request), trace_of(request)
        await amending.amend(running, caller.reseller, id, asked, seen, made=made, by=caller.by, trace=trace)
        answer = {"id": str(id), "state": "amending", "links": {"self": f"/v1/orders/{id}"}}
        return Response(orjson.dumps(answer), 202, {"Location": f"/v1/orders/{id}"}, bodies.JSON)

    return routes
