"""All routes of the TM Forum facade: a table of contents."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from gateway_service.crowd import Crowd
from gateway_service.keys import Keys
from gateway_service.routes import Routes
from gateway_service.tmf import cancels_http, events, hubs_http, inventories_http, orders_http
from gateway_service.tmf.errors import TmfRoute
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem, allow
from patchbay_chassis.service import Running

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def install(api: FastAPI, running: Running, crowd: Crowd, upstream: Upstream, keys: Keys) -> None:
    """The facade beside the API."""
    known = (
        orders_http.router(running, crowd, upstream, keys),
        cancels_http.router(running, keys),
        *(inventories_http.router(running, upstream, keys, kind) for kind in inventories_http.KINDS),
        *(hubs_http.router(running, keys, api) for api in events.OF),
    )
    for routes in (*known, _nothing_else(known)):
        api.include_router(routes)


def _nothing_else(known: Sequence[APIRouter]) -> APIRouter:
    """Whatever else is asked under /tmf-api is not there, and that is said in the TM Forum's shape too."""
    routes = Routes(prefix="/tmf-api", route_class=TmfRoute, include_in_schema=False)

    @routes.api_route("/{path:path}", methods=METHODS)
    async def nothing(request: Request, path: str) -> Response:  # noqa: ARG001 - in the path
        where = f"{request.method} {request.url.path}"
        there = [
            route
            for one in known
            for route in one.routes
            if isinstance(route, APIRoute) and route.matches(request.scope)[0] is Match.PARTIAL
        ]
        if not there:
            raise Problem(404, "Not Found", f"{where} is not there: see /openapi.json for what is.")
        methods = allow((method for route in there for method in route.methods or ()), heads=True)
        detail = f"{where} is not there, but {methods} is."
        raise Problem(405, "Method Not Allowed", detail, headers={"Allow": methods})

    return routes
