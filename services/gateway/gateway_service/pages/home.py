"""The home page; for programs, where to read on."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import webhook_queries
from gateway_service.pages import site
from patchbay_chassis.database import Database

MOST = 10
"""Notices of webhooks that were disabled; the page of webhooks has them all."""
WELCOME = orjson.dumps({"name": "Patchbay", "documentation": "/docs", "openapi": "/openapi.json"})


def router(database: Database) -> APIRouter:
    """The root."""
    routes = site.routes()

    @routes.get("/")
    async def home(request: Request) -> Response:
        if not site.wants_page(request):
            return Response(WELCOME, media_type="application/json", headers={"Vary": "Accept"})
        who, given_up = await site.operator(request), list[Any]()
        if who.may("administrator"):
            async with database.connection() as db:
                given_up += await webhook_queries.given_up(db, who.resellers, MOST)
        return site.render(request, "home.html", given_up=given_up)

    return routes
