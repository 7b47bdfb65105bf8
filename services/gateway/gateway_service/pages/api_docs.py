"""The API's document to read and try: Swagger UI, from here and not from another site."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site


def router() -> APIRouter:
    """One page, for people and signed in or not."""
    routes = site.routes("/docs")

    @routes.get("")
    async def show(request: Request) -> Response:
        return site.render(request, "api-docs.html")

    return routes
