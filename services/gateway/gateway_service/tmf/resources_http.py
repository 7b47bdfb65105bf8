"""TMF639, Resource Inventory v4: numbers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies
from gateway_service.keys import Caller, Keys
from gateway_service.settings import settings
from gateway_service.tmf import resources, resources_openapi, selection, sent
from gateway_service.tmf.answers import answer, answer_list
from gateway_service.tmf.errors import TmfRoute, base_of
from gateway_service.tmf.resources import Desk
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import whole
from patchbay_chassis.service import Running


def router(running: Running, upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of the resource inventory, for keys with the scope `tmf`."""
    routes = APIRouter(prefix="/tmf-api/resourceInventoryManagement/v4", route_class=TmfRoute)
    Known = Annotated[Caller, Depends(keys.having("tmf"))]  # noqa: N806 - a type

    def desk(request: Request, caller: Caller) -> Desk:
        return Desk(running, upstream, caller.reseller, base_of(request))

    @routes.post("/resource", status_code=201, **resources_openapi.CREATE)
    async def create_resource(request: Request, caller: Known) -> Response:
        bodies.check_kind(request, bodies.JSON, "json")
        document = sent.document(await whole(request, settings().most_body_bytes, "resource"))
        made = await resources.record(desk(request, caller), document)
        return answer(made, 201, {"Location": made["href"]})

    @routes.get("/resource", **resources_openapi.LIST)
    async def list_resources(request: Request, caller: Known) -> Response:
        asked = selection.read(request.query_params.multi_items())
        page, total = await resources.listed(desk(request, caller), asked)
        return answer_list([asked.shows(one) for one in page], total)

    @routes.get("/resource/{id}", **resources_openapi.ONE)
    async def retrieve_resource(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        found = await resources.one(desk(request, caller), id)
        return answer(selection.shown(found, selection.fields(request.query_params.get("fields"))))

    @routes.patch("/resource/{id}", **resources_openapi.PATCH)
    async def patch_resource(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        bodies.check_kind(request, bodies.JSON, "json")
        given = sent.document(await whole(request, settings().most_body_bytes, "resource"))
        return answer(await resources.patch(desk(request, caller), id, given))

    @routes.delete("/resource/{id}", status_code=204, **resources_openapi.DELETE)
    async def delete_resource(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        await resources.delete(desk(request, caller), id)
        return Response(status_code=204)

    return routes
