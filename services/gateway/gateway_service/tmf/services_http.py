"""TMF638, Service Inventory v4: services over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies
from gateway_service.keys import Caller, Keys
from gateway_service.settings import settings
from gateway_service.tmf import selection, sent, services, services_openapi
from gateway_service.tmf.answers import answer, answer_list
from gateway_service.tmf.errors import TmfRoute, base_of
from gateway_service.tmf.services import Desk
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import whole
from patchbay_chassis.service import Running


def router(running: Running, upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of the service inventory, for keys with the scope `tmf`."""
    routes = APIRouter(prefix="/tmf-api/serviceInventoryManagement/v4", route_class=TmfRoute)
    Known = Annotated[Caller, Depends(keys.having("tmf"))]  # noqa: N806 - a type

    def desk(request: Request, caller: Caller) -> Desk:
        return Desk(running, upstream, caller.reseller, base_of(request))

    @routes.post("/service", status_code=201, **services_openapi.CREATE)
    async def create_service(request: Request, caller: Known) -> Response:
        bodies.check_kind(request, bodies.JSON, "json")
        document = sent.document(await whole(request, settings().most_body_bytes, "service"))
        made = await services.record(desk(request, caller), document)
        return answer(made, 201, {"Location": made["href"]})

    @routes.get("/service", **services_openapi.LIST)
    async def list_services(request: Request, caller: Known) -> Response:
        asked = selection.read(request.query_params.multi_items())
        page, total = await services.listed(desk(request, caller), asked)
        return answer_list([asked.shows(one) for one in page], total)

    @routes.get("/service/{id}", **services_openapi.ONE)
    async def retrieve_service(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        found = await services.one(desk(request, caller), id)
        return answer(selection.shown(found, selection.fields(request.query_params.get("fields"))))

    @routes.patch("/service/{id}", **services_openapi.PATCH)
    async def patch_service(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        bodies.check_kind(request, bodies.JSON, "json")
        given = sent.document(await whole(request, settings().most_body_bytes, "service"))
        return answer(await services.patch(desk(request, caller), id, given))

    @routes.delete("/service/{id}", status_code=204, **services_openapi.DELETE)
    async def delete_service(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        await services.delete(desk(request, caller), id)
        return Response(status_code=204)

    return routes
