"""The home page; for programs, where to read on."""

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site

WELCOME = orjson.dumps({"name": "Patchbay", "documentation": "/docs", "openapi": "/openapi.json"})


def router() -> APIRouter:
    """The root."""
    routes = site.routes()

    @routes.get("/")
    async def home(request: Request) -> Response:
        if not site.wants_page(request):
            return Response(WELCOME, media_type="application/json", headers={"Vary": "Accept"})
        await site.operator(request)
        return site.render(request, "home.html")

    return routes
