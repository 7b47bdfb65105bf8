"""What callers send, if it is of the kind that is expected."""

from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from gateway_service.settings import settings
from patchbay_chassis import bodies
from patchbay_chassis.problems import Problem

JSON = "application/json"
M = TypeVar("M", bound=BaseModel)


def check_kind(request: Request, expected: str, *also: str) -> None:
    """Raises Problem 415 for a body that says it is something else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != expected and not kind.endswith(tuple(f"{sep}{name}" for name in also for sep in ("/", "+", "/x-"))):
        raise Problem(415, "Not this kind of content", f"Send {expected}, and say so in Content-Type.")


async def read(request: Request, model: type[M]) -> M:
    """What the body asks. Raises Problem 413, 415, and 422 with each fault and its place in the body."""
    check_kind(request, JSON, "json")
    return await bodies.read(request, model, settings().most_body_bytes)
