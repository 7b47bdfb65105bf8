"""Orders taken back over the public API."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, cancelling, cancels_shown, orders_openapi
from gateway_service.cancelling import Cancel
from gateway_service.etags import SeenIfGiven
from gateway_service.keys import Caller, Keys
from gateway_service.orders_http import trace_of
from gateway_service.routes import Routes
from patchbay_chassis.service import Running


def router(running: Running, keys: Keys) -> APIRouter:
    """The route, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/orders")

    @routes.post("/{id}/cancel", status_code=202, **orders_openapi.CANCEL)
    async def cancel_order(
        id: UUID,  # noqa: A002 - its name in the path
        request: Request,
        caller: Annotated[Caller, Depends(keys.having("orders"))],
        seen: SeenIfGiven,
    ) -> Response:
        asked = await bodies.read(request, Cancel)
        who, trace = caller.by, trace_of(request)
        row = await cancelling.cancel(running, caller.reseller, id, asked.reason, by=who, trace=trace, seen=seen)
        state, code = ("cancelling", 202) if row.ended_at is None else ("cancelled", 200)
        answer: dict[str, object] = {"id": str(id), "state": state, "links": {"self": f"/v1/orders/{id}"}}
        if told := cancels_shown.stuck(row):
            answer["detail"] = told
        return Response(orjson.dumps(answer), code, {"Location": f"/v1/orders/{id}"}, bodies.JSON)

    return routes
