"""TMF641, Service Ordering v4: cancellations of service orders over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, replays
from gateway_service.keys import Caller, Keys
from gateway_service.orders_http import trace_of
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.tmf import cancels, orders_openapi, selection
from gateway_service.tmf.answers import answer, answer_list
from gateway_service.tmf.errors import TmfRoute, base_of
from gateway_service.tmf.orders import Asked
from patchbay_chassis.bodies import whole
from patchbay_chassis.service import Running


def router(running: Running, keys: Keys) -> APIRouter:
    """The routes of cancellations, for keys with the scope `tmf`."""
    routes = Routes(prefix="/tmf-api/serviceOrdering/v4", route_class=TmfRoute)
    Known = Annotated[Caller, Depends(keys.having("tmf"))]  # noqa: N806 - a type

    @routes.post("/cancelServiceOrder", status_code=201, **orders_openapi.CANCEL)
    async def cancel_service_order(request: Request, caller: Known) -> Response:
        bodies.check_kind(request, bodies.JSON, "json")
        body = await whole(request, settings().most_body_bytes, "cancellation")
        asked = Asked(caller, base_of(request), replays.made(request), trace_of(request))
        made = await cancels.ask(running, asked, body)
        return answer(made, 201, {"Location": made["href"]})

    @routes.get("/cancelServiceOrder", **orders_openapi.CANCELS)
    async def list_cancellations(request: Request, caller: Known) -> Response:
        asked = selection.read(request.query_params.multi_items())
        page, total = await cancels.listed(running, caller.reseller, asked, base_of(request))
        return answer_list([asked.shows(one) for one in page], total)

    @routes.get("/cancelServiceOrder/{id}", **orders_openapi.CANCELLATION)
    async def retrieve_cancellation(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        found = await cancels.one(running, caller.reseller, id, base_of(request))
        return answer(selection.shown(found, selection.fields(request.query_params.get("fields"))))

    return routes
