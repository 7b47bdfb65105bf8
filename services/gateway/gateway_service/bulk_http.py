"""Bulks over the public API: lines come in, and each order is answered while the next ones come."""

from collections import Counter
from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import batch_queries, batches_openapi, bodies, refusals
from gateway_service.batches import Batch
from gateway_service.bulk import Bulk, Source
from gateway_service.crowd import Crowd
from gateway_service.keys import Caller, Keys
from gateway_service.order_csv import CSV, Sheet
from gateway_service.orders_http import trace_of
from gateway_service.routes import Routes
from gateway_service.settings import settings
from gateway_service.upstream import Upstream
from patchbay_chassis.database import is_outage
from patchbay_chassis.problems import invalid_parameter
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import NDJSON, Streamed, lines
from patchbay_contracts.message import PLAIN


def router(running: Running, crowd: Crowd, upstream: Upstream, keys: Keys) -> APIRouter:
    """The route of bulks, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/orders")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type
    sending = Counter[str]()

    @routes.post("/bulk", **batches_openapi.BULK)
    async def place_orders(
        request: Request,
        caller: Known,
        *,
        batch: Annotated[
            UUID | None, Query(description="an id of your choice, so that the bulk can be resumed")
        ] = None,
        batch_id: Annotated[UUID | None, Header(description="the same in a header")] = None,
        idempotency_key: Annotated[
            str | None,
            Header(min_length=1, max_length=200, pattern=PLAIN, description="without a batch: names one of your key's"),
        ] = None,
        first: Annotated[int, Query(alias="from", ge=1, description="the position of the first line that is sent")] = 1,
    ) -> Response:
        kind = kind_of(request)
        if batch is not None and batch_id not in (None, batch):
            raise invalid_parameter("batch", "it is not the one in Batch-Id", "give one of the two")
        await _room(crowd, caller, sending[caller.reseller])
        named = batch or batch_id or (idempotency_key and _batch_of(caller, idempotency_key)) or None
        under = None if named is None else Batch(running, caller.reseller, named, trace_of(request))
        most = settings().most_body_bytes
        source: Source = lines(request, most, first)
        if kind == "csv":
            sheet = Sheet(lines(request, most), most, first)
            await sheet.begin()
            source, first = sheet.orders(), max(first, 2)
        if under is not None:
            await under.begin(kind, first)
        bulk = Bulk(running, crowd, upstream, settings(), caller, trace=trace_of(request), batch=under)
        answer = Streamed(_counted(bulk.results(source, first), sending, caller.reseller))
        if under is not None:
            answer.headers["Batch-Id"] = str(under.id)
        return answer

    return routes


def kind_of(request: Request) -> batch_queries.Kind:
    """What the lines are written in. Raises Problem 415."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == CSV:
        return "csv"
    bodies.check_kind(request, NDJSON, "ndjson", "jsonl", "json-lines")
    return "ndjson"


def _batch_of(caller: Caller, key: str) -> UUID:
    """The batch that an Idempotency-Key of that client names."""
    return uuid5(NAMESPACE_URL, f"{caller.id}\x1f{key}")


async def _room(crowd: Crowd, caller: Caller, sending: int) -> None:
    """Raises Problem 429 where a bulk cannot begin now. When nobody can tell, each line is answered so."""
    if sending >= settings().most_bulks:
        raise refusals.too_many_bulks(settings().most_bulks)
    try:
        full = await crowd.stays_full(caller.reseller)
    except Exception as error:
        if not is_outage(error):
            raise
    else:
        if full:
            raise refusals.too_many(crowd.again_in(caller.reseller))


async def _counted(body: AsyncGenerator[bytes], sending: Counter[str], reseller: str) -> AsyncGenerator[bytes]:
    sending[reseller] += 1
    try:
        async for piece in body:
            yield piece
    finally:
        await body.aclose()
        sending[reseller] -= 1
