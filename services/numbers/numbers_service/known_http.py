"""Single numbers and what was taken in, as the gateway asks: it says which reseller that is."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from numbers_service import known
from patchbay_chassis import bodies
from patchbay_chassis.service import Running
from patchbay_contracts.taken_in import ForgetNumber, NumbersGet, TakeInNumber, TakenInQuery


def routes(running: Running) -> APIRouter:
    """Everything under /numbers."""
    api = APIRouter(prefix="/numbers")

    @api.post("/get")
    async def get(request: Request) -> Response:
        asked = await bodies.read(request, NumbersGet)
        async with running.database.connection() as db:
            return bodies.said(await known.get(db, asked))

    @api.post("/taken-in")
    async def take_in(request: Request) -> Response:
        asked = await bodies.read(request, TakeInNumber)
        async with running.database.transaction() as db:
            return bodies.said(await known.take_in(db, asked))

    @api.post("/taken-in/list")
    async def taken_in(request: Request) -> Response:
        asked = await bodies.read(request, TakenInQuery)
        async with running.database.connection() as db:
            return bodies.said(await known.taken_in(db, asked.reseller))

    @api.post("/taken-in/forget")
    async def forget(request: Request) -> Response:
        asked = await bodies.read(request, ForgetNumber)
        async with running.database.transaction() as db:
            return bodies.said(await known.forget(db, asked))

    return api
