"""What other services ask about resellers and customers. It is not for the public: it believes whose they may see."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from customer_service import customers_http, searching, validity
from patchbay_chassis import bodies, problems
from patchbay_chassis.service import Running
from patchbay_contracts.customers import ResellersFound, ResellersGet, ResellersQuery
from patchbay_contracts.validity import MOST_CHECKED_BYTES, ManyFindings, ValidityQueries, ValidityQuery


def app(running: Running) -> FastAPI:
    """The API of a running customer service."""
    api = FastAPI(openapi_url=None)
    problems.install(api)
    api.include_router(customers_http.routes(running))

    @api.post("/resellers/list")
    async def list_resellers(request: Request) -> Response:
        asked = await bodies.read(request, ResellersQuery)
        async with running.database.connection() as db:
            return bodies.said(await searching.resellers(db, asked))

    @api.post("/resellers/get")
    async def get_resellers(request: Request) -> Response:
        asked = await bodies.read(request, ResellersGet)
        these = ResellersQuery(resellers=asked.ids, limit=len(asked.ids))
        async with running.database.connection() as db:
            found: ResellersFound = await searching.resellers(db, these)
        return bodies.said(found)

    @api.post("/validity")
    async def check(request: Request) -> Response:
        asked = await bodies.read(request, ValidityQuery)
        async with running.database.connection() as db:
            return bodies.said(await validity.findings(db, asked))

    @api.post("/validity/many")
    async def check_many(request: Request) -> Response:
        asked = await bodies.read(request, ValidityQueries, MOST_CHECKED_BYTES)
        async with running.database.connection() as db:
            return bodies.said(ManyFindings(answers=tuple(await validity.findings_of_many(db, asked.queries))))

    return api
