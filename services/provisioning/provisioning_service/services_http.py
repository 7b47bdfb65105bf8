"""Services, as the gateway asks about them: it says whose they may be."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import bodies
from patchbay_chassis.service import Running
from patchbay_contracts.numbers_in_service import NumbersQuery
from patchbay_contracts.services import (
    ChangeQuery,
    HistoryQuery,
    NumberQuery,
    ServiceQuery,
    ServicesQuery,
)
from provisioning_service import changes, finding_services, handlers, numbers_in_service


def routes(running: Running) -> APIRouter:
    """Everything under /services, and customers by their numbers."""
    api = APIRouter()

    @api.post("/services/search")
    async def search(request: Request) -> Response:
        asked = await bodies.read(request, ServiceQuery)
        async with running.database.connection() as db:
            return bodies.said(await finding_services.page(db, asked))

    @api.post("/services/get")
    async def get(request: Request) -> Response:
        asked = await bodies.read(request, ServicesQuery)
        async with running.database.connection() as db:
            return bodies.said(await finding_services.shown(db, asked))

    @api.post("/services/history")
    async def history(request: Request) -> Response:
        asked = await bodies.read(request, HistoryQuery)
        async with running.database.connection() as db:
            return bodies.said(await finding_services.history(db, asked))

    @api.post("/services/validity")
    async def validity(request: Request) -> Response:
        asked = await bodies.read(request, ChangeQuery)
        async with running.database.connection() as db:
            return bodies.said(await changes.validity(db, asked, handlers.catalogue))

    @api.post("/numbers/search")
    async def numbers(request: Request) -> Response:
        asked = await bodies.read(request, NumbersQuery)
        async with running.database.connection() as db:
            return bodies.said(await numbers_in_service.page(db, asked))

    @api.post("/customers/by-number")
    async def by_number(request: Request) -> Response:
        asked = await bodies.read(request, NumberQuery)
        async with running.database.connection() as db:
            return bodies.said(await finding_services.customers_by_number(db, asked))

    return api
