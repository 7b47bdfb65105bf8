"""What callers send: whole and read as what it should be, or streamed."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from gateway_service import refusals
from gateway_service.settings import settings
from patchbay_chassis.problems import Problem, faults

JSON = "application/json"
M = TypeVar("M", bound=BaseModel)


def check_kind(request: Request, expected: str, *also: str) -> None:
    """Raises Problem 415 for a body that says it is something else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != expected and not kind.endswith(tuple(f"{sep}{name}" for name in also for sep in ("/", "+", "/x-"))):
        raise Problem(415, "Not this kind of content", f"Send {expected}, and say so in Content-Type.")


async def whole(request: Request, most: int, what: str = "order") -> bytes:
    """The body. Raises Problem 413 for one that has more bytes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise refusals.too_large(most, what)
    return bytes(body)


async def read(request: Request, model: type[M]) -> M:
    """What the body asks. Raises Problem 422 with each fault and its place in the body."""
    check_kind(request, JSON, "json")
    body = await whole(request, settings().most_body_bytes, "request")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise Problem(422, "The request is not valid", errors=faults(error)) from None
