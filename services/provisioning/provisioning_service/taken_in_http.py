"""Services that exist elsewhere, and parts of lists, as the gateway asks: it says which reseller that is."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import bodies
from patchbay_chassis.service import Running
from patchbay_contracts.taken_in import ChangeRecord, ForgetService, NumberPart, ServicePart, TakeInService
from provisioning_service import taken_in


def routes(running: Running) -> APIRouter:
    """Everything under /services that is about records and parts."""
    api = APIRouter(prefix="/services")

    @api.post("/part")
    async def part(request: Request) -> Response:
        asked = await bodies.read(request, ServicePart)
        async with running.database.connection() as db:
            return bodies.said(await taken_in.part(db, asked))

    @api.post("/numbers")
    async def numbers(request: Request) -> Response:
        asked = await bodies.read(request, NumberPart)
        async with running.database.connection() as db:
            return bodies.said(await taken_in.numbers(db, asked))

    @api.post("/taken-in")
    async def take_in(request: Request) -> Response:
        asked = await bodies.read(request, TakeInService)
        async with running.database.transaction() as db:
            return bodies.said(await taken_in.take_in(db, asked))

    @api.post("/taken-in/change")
    async def change(request: Request) -> Response:
        asked = await bodies.read(request, ChangeRecord)
        async with running.database.transaction() as db:
            return bodies.said(await taken_in.change(db, asked))

    @api.post("/taken-in/forget")
    async def forget(request: Request) -> Response:
        asked = await bodies.read(request, ForgetService)
        async with running.database.transaction() as db:
            return bodies.said(await taken_in.forget(db, asked))

    return api
