"""`POST /search`: what other services ask a replica. It is not for the public: it believes who the reseller is."""

import time
from datetime import timedelta

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from numbers_service.index import BadFilter
from numbers_service.search import answering, metrics
from numbers_service.search.replica import Replica
from patchbay_chassis import bodies, problems
from patchbay_chassis.problems import Problem
from patchbay_contracts.numbers import Asked, SearchQuery

FIELDS = {"cursor": "after"}
"""What the index calls otherwise than the contract."""


def app(replica: Replica, lag_bound: timedelta) -> FastAPI:
    """The API of a replica, which answers while it was level with the authority within the bound."""
    api = FastAPI(openapi_url=None)
    problems.install(api)

    async def search(request: Request) -> Response:
        began = time.perf_counter()
        asked = await bodies.read(request, Asked[SearchQuery])
        fresh = replica.freshness()
        if fresh.age > lag_bound.total_seconds():
            detail = "This replica is behind the authority. Ask another one."
            raise Problem(503, "Not ready", detail, headers={"Retry-After": "1"}, code="not_ready")
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

    api.add_route("/search", search, methods=["POST"])  # without FastAPI's parameters, of which it has none
    return api
