"""The catalogue of reason codes over the public API."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway_service import bodies, orders_openapi
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from patchbay_contracts.reasons import REASONS


def router(keys: Keys) -> APIRouter:
    """The route, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/reasons")
    answer = orjson.dumps({"reasons": [{"code": code, **reason._asdict()} for code, reason in REASONS.items()]})

    @routes.get("", **orders_openapi.REASONS)
    async def list_reasons(_: Annotated[Caller, Depends(keys.having("orders"))]) -> Response:
        return Response(answer, media_type=bodies.JSON)

    return routes
