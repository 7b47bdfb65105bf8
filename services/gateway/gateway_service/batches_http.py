"""Batches over the public API: how far each bulk is, and what became of its lines."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import batch_queries, batches_openapi, bodies, lists
from gateway_service.as_of import AsOf
from gateway_service.batch_results import results
from gateway_service.keys import Caller, Keys
from gateway_service.order_csv import CSV
from gateway_service.routes import Routes
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import NDJSON, Streamed

STATES = ("refused", "accepted", "waiting", "back_ordered", "delayed", "stuck", "completed", "failed")
NEWEST = datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1)


def router(running: Running, keys: Keys, as_of: AsOf) -> APIRouter:
    """The routes of batches, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/batches")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("", **batches_openapi.PAGE)
    async def list_batches(
        caller: Known,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = None,
    ) -> Response:
        before = _place(after)
        async with running.database.connection() as db:
            rows = await batch_queries.page(db, caller.reseller, before, limit + 1)
            counts = await batch_queries.counts(db, caller.reseller, [row.id for row in rows[:limit]])
        more = f"{rows[limit - 1].created_at.isoformat()}_{rows[limit - 1].id}" if len(rows) > limit else None
        answer = {"batches": [_shown(row, counts[row.id]) for row in rows[:limit]], "next": more}
        return as_of.on(Response(orjson.dumps(answer), media_type=bodies.JSON))

    @routes.get("/{id}", **batches_openapi.ONE)
    async def show_batch(id: UUID, caller: Known) -> Response:  # noqa: A002 - its name in the path
        async with running.database.connection() as db:
            row = await batch_queries.one(db, caller.reseller, id)
            counts = await batch_queries.counts(db, caller.reseller, [id])
        if row is None:
            raise _no_batch(id)
        return as_of.on(Response(orjson.dumps(_shown(row, counts[id])), media_type=bodies.JSON))

    @routes.get("/{id}/results", **batches_openapi.RESULTS)
    async def show_results(
        id: UUID,  # noqa: A002
        request: Request,
        caller: Known,
        after: Annotated[int, Query(ge=0, le=2**31 - 1, description="only lines behind this position")] = 0,
        format: Annotated[Literal["ndjson", "csv"] | None, Query(description="instead of Accept")] = None,  # noqa: A002
    ) -> Response:
        async with running.database.connection() as db:
            if await batch_queries.one(db, caller.reseller, id) is None:
                raise _no_batch(id)
        as_csv = format == "csv" or (format is None and CSV in request.headers.get("accept", ""))
        body = results(running.database, caller.reseller, id, after, as_csv=as_csv)
        answer = Streamed(body, f"{CSV}; charset=utf-8" if as_csv else NDJSON)
        if as_csv:
            answer.headers["Content-Disposition"] = f'attachment; filename="batch-{id}.csv"'
        return as_of.on(answer)

    return routes


def _shown(row: Any, counts: dict[str, int]) -> dict[str, Any]:
    here = f"/v1/batches/{row.id}"
    states = {state: counts.get(state, 0) for state in (*STATES, *sorted(counts.keys() - set(STATES)))}
    return {
        "id": str(row.id),
        "kind": row.kind,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "accepted_through": row.through,
        "lines": sum(states.values()),
        "states": states,
        "links": {"self": here, "results": f"{here}/results", "resume": f"/v1/orders/bulk?batch={row.id}"},
    }


def _place(after: str | None) -> tuple[datetime, UUID]:
    if after is None:
        return NEWEST
    at, _, id_ = after.partition("_")
    try:
        place = datetime.fromisoformat(at), UUID(id_)
        if place[0].tzinfo is not None:
            return place
    except ValueError:
        pass
    raise lists.bad_cursor()


def _no_batch(id_: UUID) -> Problem:
    return Problem(404, "No such batch", f"You have no batch {id_}. It begins with the bulk that names it.")
