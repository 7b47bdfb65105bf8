"""Bodies of requests and answers."""

from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from patchbay_chassis import problems
from patchbay_chassis.problems import Problem
from patchbay_contracts.message import Frozen

F = TypeVar("F", bound=Frozen)


async def read(request: Request, kind: type[F]) -> F:
    """What stands in the body. Raises Problem with a pointer to each fault in it."""
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        raise Problem(422, "The request is not valid", "Nothing was changed.", problems.faults(error)) from None


def said(answer: Frozen) -> Response:
    """The answer in JSON."""
    return Response(answer.model_dump_json(), media_type="application/json")
