"""Answers of the TM Forum facade."""

import orjson
from starlette.responses import Response

from gateway_service.bodies import JSON


def answer(shown: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A resource, as it is shown."""
    return Response(orjson.dumps(shown), status, headers, JSON)


def answer_list(shown: list[dict[str, object]], total: int) -> Response:
    """A part of a list, with how much of how many it is."""
    return answer(shown, 200, {"X-Total-Count": str(total), "X-Result-Count": str(len(shown))})
