"""The inventory over the public API: calls go through to the numbers service as they come, with who makes them."""

from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any
from uuid import UUID

import aiohttp
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway_service.flow import Flow
from gateway_service.inventory_openapi import ROUTES
from gateway_service.keys import Caller, Keys
from gateway_service.numbers_reading_http import InPath
from gateway_service.routes import Routes
from gateway_service.upstream import GONE, Upstream
from patchbay_chassis.log import log
from patchbay_chassis.streamed import Streamed

_SENT_ON = ("accept", "content-type", "content-encoding")
"""Not how long the body is: where a length is wrong, the rest would be taken for the next caller's call."""


class Through(Streamed):
    """An answer that goes through piece by piece. One that is cut off is cut off here too: it must not look whole."""

    def __init__(self, answer: aiohttp.ClientResponse, flow: Flow) -> None:
        super().__init__(_pieces(answer, flow), answer.headers.get("Content-Type", "application/json"), answer.status)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except GONE as error:
            log.warning("inventory.cut_off", path=scope["path"], error=repr(error))


async def _pieces(answer: aiohttp.ClientResponse, flow: Flow) -> AsyncGenerator[bytes]:
    async with answer:
        while piece := await flow.moving(answer.content.readany()):
            yield piece


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of the inventory, for keys with the scope `inventory`."""
    routes = Routes(prefix="/v1/inventory")
    Known = Annotated[Caller, Depends(keys.having("inventory"))]  # noqa: N806 - a type

    async def go_through(request: Request, caller: Known) -> Response:
        answer, flow = await upstream.inventory(
            request.method,
            request.url.path.removeprefix("/v1"),
            [*request.query_params.multi_items(), ("who", caller.name)],
            {name: request.headers[name] for name in _SENT_ON if name in request.headers},
            None if request.method == "GET" else request.stream(),
        )
        return Through(answer, flow)

    async def go_through_by_id(request: Request, caller: Known, id: UUID) -> Response:  # noqa: A002, ARG001 - in the path
        return await go_through(request, caller)

    async def go_through_by_number(request: Request, caller: Known, e164: InPath) -> Response:  # noqa: ARG001 - in the path
        return await go_through(request, caller)

    named: dict[str, Callable[..., Any]] = {"{id}": go_through_by_id, "{e164}": go_through_by_number}
    for route in ROUTES:
        call = next((call for name, call in named.items() if name in route.path), go_through)
        routes.add_api_route(route.path, call, methods=[route.method], **route.described())
    return routes
