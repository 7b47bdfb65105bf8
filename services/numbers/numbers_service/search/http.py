"""What other services ask a replica: `POST /search` and `POST /availability`.

It is not for the public: it believes who the reseller is.
"""

import time
from datetime import timedelta

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from numbers_service.index import BadFilter
from numbers_service.search import answering, metrics
from numbers_service.search.availability import Availability
from numbers_service.search.replica import Freshness, Replica
from patchbay_chassis import bodies, problems
from patchbay_chassis.problems import Problem
from patchbay_contracts.availability import Availability as Available
from patchbay_contracts.availability import AvailabilityQuery
from patchbay_contracts.numbers import Asked, AsOf, SearchQuery
from patchbay_contracts.validity import MOST_CHECKED_BYTES

FIELDS = {"cursor": "after"}
"""What the index calls otherwise than the contract."""


def app(replica: Replica, lag_bound: timedelta) -> FastAPI:
    """The API of a replica, which answers while it was level with the authority within the bound."""
    api = FastAPI(openapi_url=None)
    problems.install(api)

    def level() -> Freshness:
        fresh = replica.freshness()
        if fresh.age > lag_bound.total_seconds():
            detail = "This replica is behind the authority. Ask another one."
            raise Problem(503, "Not ready", detail, headers={"Retry-After": "1"}, code="not_ready")
        return fresh

    async def search(request: Request) -> Response:
        began = time.perf_counter()
        asked = await bodies.read(request, Asked[SearchQuery])
        fresh = level()
        try:
            found = replica.index.search(answering.wanted(asked))
        except BadFilter as error:
            fault = {
                "pointer": f"/query/{FIELDS.get(error.field, error.field)}",
                "message": error.message,
                "remedy": error.remedy,
            }
            raise Problem(422, "No number can match", errors=[fault], code="no_number_can_match") from None
        answer = Response(answering.answer(replica.index, asked.query, found, fresh), media_type="application/json")
        metrics.search_seconds.observe(time.perf_counter() - began)
        return answer

    async def available(request: Request) -> Response:
        asked = await bodies.read(request, AvailabilityQuery, MOST_CHECKED_BYTES)
        fresh = level()
        lines = await Availability(replica.index, asked).lines()
        return bodies.said(Available(lines=tuple(lines), as_of=AsOf.model_validate(answering.as_of(fresh))))

    api.add_route("/availability", available, methods=["POST"])
    api.add_route("/search", search, methods=["POST"])  # without FastAPI's parameters, of which it has none
    return api
