"""Orders over the public API: placed one by one or in bulk, shown, listed."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway_service import (
    bodies,
    orders_openapi,
    preview_queries,
    previews,
    queries,
    refusals,
    replays,
)
from gateway_service.accepting import Accepted, Key, accepted
from gateway_service.crowd import Crowd
from gateway_service.dry_run import Order
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.together import Posted, Together
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import check_depth, whole
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.message import PLAIN
from patchbay_contracts.order import OrderDocument

_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Placing:
    """Takes single orders. As an ASGI app it is `POST /v1/orders` without what FastAPI does for all routes alike: to
    find the route among 250, and the values of its parameters, costs as much as all that is done for an order."""

    def __init__(self, running: Running, crowd: Crowd, upstream: Upstream, keys: Keys) -> None:
        self._running, self._crowd, self._upstream = running, crowd, upstream
        self._flights, self._together = replays.Flights(), Together(running)
        self.known = keys.having("orders")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        scope["endpoint"] = self  # as routes do
        request = Request(scope, receive)
        answer = await self.place(request, await self.known(request), request.headers.get("idempotency-key"))
        await answer(scope, receive, send)

    async def place(self, request: Request, caller: Caller, idempotency_key: str | None) -> Response:
        """Accept the order in the body. Raises Problem."""
        bodies.check_kind(request, bodies.JSON, "json")
        body = await whole(request, settings().most_body_bytes, "order")
        check_depth(body, "order")
        try:
            document = OrderDocument.model_validate_json(body)
        except ValidationError as error:
            raise refusals.invalid(error) from None
        if await self._crowd.is_full(caller.reseller):
            raise refusals.too_many(self._crowd.again_in(caller.reseller))
        now = datetime.now(UTC)
        key = None if idempotency_key is None else replays.order_key(caller, idempotency_key, body)
        order = await _read(self._running, caller, document, key, now)
        if isinstance(order, Response):
            return order
        with self._flights.alone(caller.reseller, key):
            if document.preview is not None:
                told = await _told(self._running, self._upstream, caller, document, key)
                order = replace(order, told=told)
            id_ = await self._together.place(Posted(caller.reseller, order, key, trace_of(request)))
        self._crowd.came(caller.reseller, id_ == order.id)
        return _accepted(id_, order.told, again=id_ != order.id)


def router(placing: Placing) -> APIRouter:
    """The route of single orders, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/orders")
    Known = Annotated[Caller, Depends(placing.known)]  # noqa: N806 - a type

    @routes.post("", status_code=202, **orders_openapi.PLACE)
    async def place_order(
        request: Request,
        caller: Known,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200, pattern=PLAIN)] = None,
    ) -> Response:
        return await placing.place(request, caller, idempotency_key)

    return routes


def _accepted(id_: UUID, told: str | None, *, again: bool) -> Response:
    headers = {"Location": f"/v1/orders/{id_}"} | ({"Idempotency-Replayed": "true"} if again else {})
    answer: dict[str, Any] = {"id": str(id_), "state": "accepted", "links": {"self": f"/v1/orders/{id_}"}}
    if told is not None:
        answer["preview"] = orjson.Fragment(told)
    return Response(orjson.dumps(answer), 202, headers, "application/json")


async def _read(
    running: Running, caller: Caller, document: OrderDocument, key: Key | None, now: datetime
) -> Accepted | Response:
    """The order; or what was answered when it came first, if its start is over by now. Raises Problem."""
    try:
        return accepted(document, caller.reseller, now)
    except Problem:
        if key is None:
            raise
        async with running.database.connection() as db:
            made = await queries.made(db, caller.reseller, key)
            if made is None:
                raise
            told = await preview_queries.told(db, caller.reseller, [made]) if document.preview is not None else {}
        return _accepted(made, told.get(made), again=True)


async def _told(
    running: Running, upstream: Upstream, caller: Caller, document: OrderDocument, key: Key | None
) -> str | None:
    """What has changed since the preview; under a key that was used before, what was told then. Raises Problem."""
    if key is not None:
        async with running.database.connection() as db:
            made = await queries.made(db, caller.reseller, key)
            if made is not None:
                return (await preview_queries.told(db, caller.reseller, [made])).get(made)
    (told,) = await previews.since(upstream, running.database, caller.reseller, [Order(1, document)])
    if isinstance(told, Problem):
        raise told
    return orjson.dumps(told).decode()


def trace_of(request: Request) -> str:
    """The caller's W3C traceparent, if it sent one that is one."""
    given = request.headers.get("traceparent", "")
    return given if _TRACE.fullmatch(given) else ""
