"""TMF641, Service Ordering v4: service orders over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, refusals, replays
from gateway_service.crowd import Crowd
from gateway_service.keys import Caller, Keys
from gateway_service.orders_http import trace_of
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.tmf import orders, orders_listed, orders_moving, orders_openapi, selection
from gateway_service.tmf.answers import answer, answer_list
from gateway_service.tmf.errors import TmfRoute, base_of
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import whole
from patchbay_chassis.service import Running


def router(running: Running, crowd: Crowd, upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of service orders, for keys with the scope `tmf`."""
    routes = Routes(prefix="/tmf-api/serviceOrdering/v4", route_class=TmfRoute)
    Known = Annotated[Caller, Depends(keys.having("tmf"))]  # noqa: N806 - a type

    @routes.post("/serviceOrder", status_code=201, **orders_openapi.CREATE)
    async def create_service_order(request: Request, caller: Known) -> Response:
        bodies.check_kind(request, bodies.JSON, "json")
        body = await whole(request, settings().most_body_bytes, "order")
        if await crowd.is_full(caller.reseller):
            raise refusals.too_many(crowd.again_in(caller.reseller))
        asked = orders.Asked(caller, base_of(request), replays.made(request), trace_of(request))
        made = await orders.place(running, upstream, asked, body)
        crowd.came(caller.reseller, 1)
        return answer(made, 201, {"Location": made["href"]})

    @routes.get("/serviceOrder", **orders_openapi.LIST)
    async def list_service_orders(request: Request, caller: Known) -> Response:
        asked = selection.read(request.query_params.multi_items())
        page, total = await orders_listed.listed(running, caller.reseller, asked, base_of(request))
        return answer_list([asked.shows(one) for one in page], total)

    @routes.get("/serviceOrder/{id}", **orders_openapi.ONE)
    async def retrieve_service_order(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        found = await orders.one(running, caller.reseller, id, base_of(request))
        return answer(selection.shown(found, selection.fields(request.query_params.get("fields"))))

    @routes.patch("/serviceOrder/{id}", **orders_openapi.PATCH)
    async def patch_service_order(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        bodies.check_kind(request, bodies.JSON, "json")
        body = await whole(request, settings().most_body_bytes, "order")
        return answer(await orders_moving.patch(running, caller, id, body, base_of(request)))

    @routes.delete("/serviceOrder/{id}", status_code=204, **orders_openapi.DELETE)
    async def delete_service_order(id: str, caller: Known) -> Response:  # noqa: A002
        await orders.delete(running, caller.reseller, id)
        return Response(status_code=204)

    return routes
