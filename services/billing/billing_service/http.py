"""`POST /prices`: what other services ask billing. It is not for the public: it believes who the reseller is."""

from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from billing_service import model
from billing_service.handlers import price_lists
from patchbay_chassis import bodies, problems
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.prices import PriceQuery


def app(running: Running) -> FastAPI:
    """The API of a running billing service."""
    api = FastAPI(openapi_url=None)
    problems.install(api)

    @api.post("/prices")
    async def prices(request: Request) -> Response:
        asked = await bodies.read(request, PriceQuery)
        async with running.database.connection() as db:
            lists = await price_lists.get(db, [asked.price_list])
        found = model.prices(asked, lists, datetime.now(UTC).date())
        if isinstance(found, model.NoPrice):
            fault = {"pointer": f"/{found.field}", "message": found.message, "remedy": found.remedy}
            raise Problem(422, "There is no such price", errors=[fault])
        return bodies.said(found)

    return api
