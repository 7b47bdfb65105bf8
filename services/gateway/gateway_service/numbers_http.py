"""Numbers over the public API: searched, held, held longer, given back, listed."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, numbers_openapi
from gateway_service.keys import Caller, Keys
from gateway_service.pricing import Pricing, priced_offers, priced_rows
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_contracts.numbers import Asked, ExtendQuery, HoldQuery, OwnerQuery, ReleaseQuery, SearchQuery


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of numbers, for keys with the scope `numbers`."""
    routes = Routes(prefix="/v1/numbers")
    pricing = Pricing(upstream)
    Known = Annotated[Caller, Depends(keys.having("numbers"))]  # noqa: N806 - a type

    @routes.post("/search", **numbers_openapi.SEARCH)
    async def search(request: Request, caller: Known) -> Response:
        query = await bodies.read(request, SearchQuery)
        costs = await pricing.costs(caller.reseller, query)
        found = await upstream.search(Asked[SearchQuery](reseller=caller.reseller, query=query))
        return _answer(priced_rows(found, costs))

    @routes.post("/holds", **numbers_openapi.HOLD)
    async def hold(request: Request, caller: Known) -> Response:
        query = await bodies.read(request, HoldQuery)
        costs = await pricing.costs(caller.reseller, query.filter, "/filter")
        holds = await upstream.ask("numbers", "/holds", Asked[HoldQuery](reseller=caller.reseller, query=query))
        return _answer(priced_offers(holds, costs))

    @routes.post("/holds/extend", **numbers_openapi.EXTEND)
    async def extend(request: Request, caller: Known) -> Response:
        query = await bodies.read(request, ExtendQuery)
        return _answer(
            await upstream.ask("numbers", "/holds/extend", Asked[ExtendQuery](reseller=caller.reseller, query=query))
        )

    @routes.post("/holds/release", **numbers_openapi.RELEASE)
    async def release(request: Request, caller: Known) -> Response:
        query = await bodies.read(request, ReleaseQuery)
        return _answer(
            await upstream.ask("numbers", "/holds/release", Asked[ReleaseQuery](reseller=caller.reseller, query=query))
        )

    @routes.post("/holds/list", **numbers_openapi.LIST)
    async def list_holds(request: Request, caller: Known) -> Response:
        query = await bodies.read(request, OwnerQuery)
        return _answer(
            await upstream.ask("numbers", "/holds/list", Asked[OwnerQuery](reseller=caller.reseller, query=query))
        )

    return routes


def _answer(body: bytes) -> Response:
    return Response(body, media_type=bodies.JSON)
