"""TMF638 and TMF639, the inventories v4: services, and numbers as resources, over HTTP."""

from types import ModuleType
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.tmf import (
    resources,
    resources_listed,
    resources_openapi,
    selection,
    sent,
    services,
    services_listed,
    services_openapi,
)
from gateway_service.tmf.answers import answer, answer_list
from gateway_service.tmf.errors import TmfRoute, base_of
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import whole
from patchbay_chassis.service import Running


class Kind(NamedTuple):
    """An inventory: whose API it is, what it calls its things, who keeps and lists them, and how its routes are
    described."""

    api: str
    name: str
    kept: ModuleType
    lists: ModuleType
    described: ModuleType


KINDS = (
    Kind("serviceInventoryManagement", "service", services, services_listed, services_openapi),
    Kind("resourceInventoryManagement", "resource", resources, resources_listed, resources_openapi),
)


def router(running: Running, upstream: Upstream, keys: Keys, kind: Kind) -> APIRouter:
    """The routes of an inventory, for keys with the scope `tmf`."""
    routes = Routes(prefix=f"/tmf-api/{kind.api}/v4/{kind.name}", route_class=TmfRoute)
    Known = Annotated[Caller, Depends(keys.having("tmf"))]  # noqa: N806 - a type
    kept, described = kind.kept, kind.described

    def desk(request: Request, caller: Caller) -> Any:
        return kept.Desk(running, upstream, caller.reseller, base_of(request))

    async def document(request: Request) -> dict[str, Any]:
        bodies.check_kind(request, bodies.JSON, "json")
        return sent.document(await whole(request, settings().most_body_bytes, kind.name))

    @routes.post("", status_code=201, **described.CREATE)
    async def create(request: Request, caller: Known) -> Response:
        made = await kept.record(desk(request, caller), await document(request))
        return answer(made, 201, {"Location": made["href"]})

    @routes.get("", **described.LIST)
    async def list_them(request: Request, caller: Known) -> Response:
        asked = selection.read(request.query_params.multi_items())
        page, total = await kind.lists.listed(desk(request, caller), asked)
        return answer_list([asked.shows(one) for one in page], total)

    @routes.get("/{id}", **described.ONE)
    async def retrieve(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        found = await kept.one(desk(request, caller), id)
        return answer(selection.shown(found, selection.fields(request.query_params.get("fields"))))

    @routes.patch("/{id}", **described.PATCH)
    async def patch(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        return answer(await kept.patch(desk(request, caller), id, await document(request)))

    @routes.delete("/{id}", status_code=204, **described.DELETE)
    async def delete(id: str, request: Request, caller: Known) -> Response:  # noqa: A002
        await kept.delete(desk(request, caller), id)
        return Response(status_code=204)

    return routes
