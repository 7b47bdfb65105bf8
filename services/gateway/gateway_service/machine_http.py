"""How the machine is, over the API, for whoever runs Patchbay."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends
from starlette.responses import Response

from gateway_service import bodies
from gateway_service.describing import Described, answers, content, object_of, ref, route
from gateway_service.keys import Caller, Keys
from gateway_service.machine import Machine
from gateway_service.routes import Routes
from gateway_service.steps import NAMES

_AT = "2030-06-01T08:00:00Z"
_GROUP = {"group": "numbers", "topic": "numbers.commands.v1", "records": 12, "behind_ms": 340}
_LAG = {
    "as_of": _AT,
    "groups": [_GROUP],
    "read_models": [
        {"name": "orders", "records": 3, "behind_ms": 120},
        {"name": "dead_letters", "records": 0, "behind_ms": 0},
    ],
}
_STEP = {
    "step": "billing", "count": 970, "p50_ms": 38, "p99_ms": 212, "max_ms": 640,
    "slowest": "0198a1de-5c20-7a52-b1c6-2f6f0b2f9a11",
}  # fmt: skip
_STEPS = {"as_of": _AT, "orders": 1000, "since": "2030-06-01T07:40:00Z", "steps": [_STEP]}
_REPLICAS = {
    "as_of": _AT,
    "services": [{"service": "numbers", "replica": "1", "host": "10.1.0.7", "partitions": 8}],
    "search": [{"url": "http://10.1.0.9:8000", "state": "answers", "age_ms": 180, "changes": 4711}],
}
_TEXT, _COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
_TIME = {"type": "string", "format": "date-time"}
_AGE = {
    "type": ["integer", "null"],
    "description": "since when the oldest of them lies there, in ms; null if that was not found out in time",
}
_ROW = {"records": _COUNT | {"description": "not handled yet, or not yet committed as handled"}, "behind_ms": _AGE}
SCHEMAS = {
    "Lag": object_of(
        as_of=_TIME,
        groups={"type": "array", "items": object_of(group=_TEXT, topic=_TEXT, **_ROW)},
        read_models={"type": "array", "items": object_of(name=_TEXT, **_ROW)},
    ),
    "Steps": object_of(
        as_of=_TIME,
        orders=_COUNT | {"description": "so many were looked at: the newest that ended"},
        since={"type": ["string", "null"], "format": "date-time", "description": "when the oldest of them ended"},
        steps={
            "type": "array",
            "items": object_of(
                step={"enum": list(NAMES)}, count=_COUNT, p50_ms=_COUNT, p99_ms=_COUNT, max_ms=_COUNT,
                slowest=_TEXT | {"description": "the order that took the longest"},
            ),
        },
    ),
    "Replicas": object_of(
        as_of=_TIME,
        services={
            "type": "array",
            "items": object_of(service=_TEXT, replica=_TEXT, host=_TEXT, partitions=_COUNT),
        },
        search={
            "type": "array",
            "items": object_of(
                url=_TEXT,
                state={"enum": ["answers", "behind", "gone"]},
                age_ms={"type": ["integer", "null"], "description": "how old its answers are"},
                changes={"type": ["integer", "null"], "description": "so many changes it has seen"},
            ),
        },
    ),
}  # fmt: skip


def _route(summary: str, description: str, schema: str, example: Any) -> Described:
    more = " Needs a key with the scope `operations`."
    return route(summary, description + more, answers(summary, content(ref(schema), example), 401, 403, 429, 503))


LAG = _route(
    "Show lag",
    "How far each service is behind in each topic that it hears, as Kafka knows it (offsets are committed about once a"
    " second), and with it the read models behind this API. At most two seconds old.",
    "Lag",
    _LAG,
)
STEPS = _route(
    "Show step latencies",
    "How long each step took, by the timelines of the newest thousand orders that ended: `queue` from acceptance to the"
    " begin, the steps from their first asking to their answer, `order` from acceptance to the end.",
    "Steps",
    _STEPS,
)
REPLICAS = _route(
    "Show replicas",
    "The processes that are in the services' consumer groups, a lane of one as `1-1`, and the search replicas with how"
    " old their answers are.",
    "Replicas",
    _REPLICAS,
)


def router(machine: Machine, keys: Keys) -> APIRouter:
    """The routes, for keys with the scope `operations`."""
    routes = Routes(prefix="/v1/operations")
    Known = Annotated[Caller, Depends(keys.having("operations"))]  # noqa: N806 - a type

    @routes.get("/lag", **LAG)
    async def show_lag(_: Known) -> Response:
        return _said(await machine.lag())

    @routes.get("/steps", **STEPS)
    async def show_step_latencies(_: Known) -> Response:
        return _said(await machine.steps())

    @routes.get("/replicas", **REPLICAS)
    async def show_replicas(_: Known) -> Response:
        return _said(await machine.replicas())

    return routes


def _said(found: Any) -> Response:
    return Response(orjson.dumps(found), media_type=bodies.JSON)
