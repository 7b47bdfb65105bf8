"""Services over the public API: shown with their history, and changed, each change an order of its own."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import (
    bodies,
    change_checks,
    changing,
    etags,
    findings,
    refusals,
    replays,
    services_openapi,
    services_reading_http,
)
from gateway_service.crowd import Crowd
from gateway_service.etags import SeenIfGiven
from gateway_service.keys import Caller, Keys
from gateway_service.orders_http import trace_of
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import check_depth, whole
from patchbay_chassis.problems import Problem, faults
from patchbay_chassis.service import Running
from patchbay_contracts.message import PLAIN
from patchbay_contracts.services import HistoryQuery, ServiceChange


def router(running: Running, crowd: Crowd, upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of services, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/services")
    flights = replays.Flights()
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("/{id}/changes", **services_openapi.HISTORY)
    async def list_changes(
        id: UUID,  # noqa: A002
        caller: Known,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
    ) -> Response:
        query = HistoryQuery(resellers=(caller.reseller,), service_id=id, count=limit, after=after)
        return Response(await upstream.ask("provisioning", "/services/history", query), media_type=bodies.JSON)

    @routes.post("/{id}/changes", status_code=202, **services_openapi.CHANGE)
    async def change_service(
        id: UUID,  # noqa: A002
        request: Request,
        caller: Known,
        seen: SeenIfGiven,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200, pattern=PLAIN)] = None,
    ) -> Response:
        body, document = await _read(request)
        if await crowd.is_full(caller.reseller):
            raise refusals.too_many(crowd.again_in(caller.reseller))
        change = changing.accepted(document, id, caller.reseller, caller.by)
        key = None if idempotency_key is None else replays.order_key(caller, idempotency_key, id.bytes, body)
        with flights.alone(caller.reseller, key):
            if seen is not None and not await changing.is_placed(running, caller.reseller, key):
                whole = await services_reading_http.whole(upstream, caller, id)
                etags.check(etags.of_body(orjson.dumps(whole)), seen)
            order_id = await changing.place(running, change, key, trace_of(request))
        crowd.came(caller.reseller, order_id == change.id)
        again = {} if order_id == change.id else {"Idempotency-Replayed": "true"}
        answer = {"id": str(order_id), "state": "accepted", "links": {"self": f"/v1/orders/{order_id}"}}
        return Response(orjson.dumps(answer), 202, {"Location": f"/v1/orders/{order_id}"} | again, bodies.JSON)

    @routes.post("/{id}/changes/validity", **services_openapi.VALIDITY)
    async def check_change(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002
        _body, document = await _read(request)
        report = await change_checks.report(upstream, caller.reseller, id, document)
        found = [findings.shown(one.finding) | {"waived": one.waived} for one in report.findings]
        shown = {"findings": found, "may_place": not report.stopping}
        return Response(orjson.dumps(shown), media_type=bodies.JSON)

    return routes


async def _read(request: Request) -> tuple[bytes, ServiceChange]:
    """The change as it was posted, and what it says. Raises Problem."""
    bodies.check_kind(request, bodies.JSON, "json")
    body = await whole(request, settings().most_body_bytes, "change")
    check_depth(body, "change")
    try:
        return body, ServiceChange.model_validate_json(body)
    except ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: ValidationError) -> Problem:
    """What is wrong with a change. pydantic puts in which kind it took it for; that is no part of the change."""
    kinds = services_openapi.KINDS
    found = []
    for fault in faults(error, kind=ServiceChange):
        parts = fault["pointer"].split("/")
        if parts[1:2] == ["wanted"] and parts[2:3] and parts[2] in kinds:
            del parts[2]
        found.append(fault | {"pointer": "/".join(parts)})
    return Problem(422, "The change is not valid", "Nothing was accepted.", found, code="invalid_change")
