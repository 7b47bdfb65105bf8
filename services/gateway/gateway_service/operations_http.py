"""Stuck orders over the API, for whoever runs Patchbay: orders of all resellers that cannot be undone by themselves."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, replays
from gateway_service.describing import Described, answers, content, ref, route
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_contracts.message import Frozen
from patchbay_contracts.operations import MOST_STUCK, Mended, MendOrder, StuckOrders, StuckQuery, Way, Why

_ORDER = "0198a1de-5c20-7a52-b1c6-2f6f0b2f9a11"
_WHY: dict[str, Any] = {"reason": "billing is back, ticket 4711"}
_MENDED: dict[str, Any] = {
    "id": "0198a1de-5c1f-7d1e-8a51-6f3f0b2f9a10", "order_id": _ORDER, "reseller": "acme", "way": "retry",
    "steps": ["billing"], "by": "key:Operations", "at": "2030-06-01T08:10:00Z", **_WHY,
}  # fmt: skip
_STUCK: dict[str, Any] = {
    "order_id": _ORDER, "reseller": "acme", "kind": "order", "begun_at": "2030-06-01T08:00:00Z",
    "moved_at": "2030-06-01T08:05:00Z", "waits_for": [{"step": "billing", "tries": 4}], "failed_step": "billing",
    "reason": "timed_out", "detail": "no answer within 30 s, asked 3 times", "mended": [_MENDED],
}  # fmt: skip


class Decision(Frozen):
    """Why it is done: kept in the audit trail, and shown in the order's timeline."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _WHY})

    reason: Why


MODELS = (Decision, StuckOrders, Mended)
STUCK = route(
    "List stuck orders",
    "Orders of all resellers whose undoing is not answered, by id, with what operators did about them. Needs a key with"
    " the scope `operations`.",
    answers("A page", content(ref("StuckOrders"), {"orders": [_STUCK], "next": None}), 401, 403, 422, 429, 502, 503),
)


def _way(summary: str, description: str, way: Way) -> Described:
    twice = " Sent again with the same `Idempotency-Key` it is done once. An order that is not stuck gets 409."
    bad = (401, 403, 404, 409, 413, 415, 422, 429, 502, 503)
    good = answers("What was done", content(ref("Mended"), _MENDED | {"way": way}), *bad)
    return route(summary, description + twice, good, content(ref("Decision"), _WHY))


RETRY = _way("Retry a stuck order", "What is not answered is asked again, as if for the first time.", "retry")
SKIP = _way(
    "Skip a step of a stuck order",
    "The steps that are waited for are taken as undone, and the rest is undone. What they left behind has to be looked"
    " after by hand.",
    "skip",
)
COMPENSATE = _way(
    "Compensate a stuck order",
    "All that is left to undo is asked for at once, also what is waited for: numbers and customers are free again while"
    " one service does not answer.",
    "compensate",
)


async def mend(upstream: Upstream, order: UUID, way: Way, decision: MendOrder) -> Mended:
    """Have it done. Raises Problem 404 and 409."""
    answer = await upstream.ask("provisioning", f"/sagas/{order}/{way}", decision)
    return Mended.model_validate_json(answer)


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of operations, for keys with the scope `operations`."""
    routes = Routes(prefix="/v1/operations")
    Known = Annotated[Caller, Depends(keys.having("operations"))]  # noqa: N806 - a type

    @routes.get("/stuck", **STUCK)
    async def list_stuck_orders(
        _: Known,
        limit: Annotated[int, Query(ge=1, le=MOST_STUCK)] = 100,
        after: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
    ) -> Response:
        query = StuckQuery(after=after, most=limit)
        return Response(await upstream.ask("provisioning", "/sagas/stuck", query), media_type=bodies.JSON)

    @routes.post("/orders/{id}/retry", **RETRY)
    async def retry_order(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002 - its name in the path
        return await decided(id, "retry", request, caller)

    @routes.post("/orders/{id}/skip", **SKIP)
    async def skip_step_of_order(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002
        return await decided(id, "skip", request, caller)

    @routes.post("/orders/{id}/compensate", **COMPENSATE)
    async def compensate_order(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002
        return await decided(id, "compensate", request, caller)

    async def decided(order: UUID, way: Way, request: Request, caller: Caller) -> Response:
        why = await bodies.read(request, Decision)
        wanted = MendOrder(id=replays.made(request), by=caller.by, reason=why.reason)
        return Response((await mend(upstream, order, way, wanted)).model_dump_json(), media_type=bodies.JSON)

    return routes
