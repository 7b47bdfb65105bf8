"""Keys that look after service types and price lists: whose, and what comes when two do so at the same time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Query
from starlette.responses import Response

from gateway_service import etags
from gateway_service.bodies import JSON
from gateway_service.keys import Caller
from patchbay_chassis.problems import Problem
from patchbay_contracts.message import Frozen

T = TypeVar("T")
DryRun = Annotated[bool, Query(description="only say what the draft would be, or why it could not be")]


@dataclass(frozen=True)
class Keeper:
    """What a key may look after: what is its reseller's own, or with the scope `house` what is anybody's (None)."""

    resellers: tuple[str, ...] | None
    by: str

    @classmethod
    def of(cls, caller: Caller) -> "Keeper":
        """As the key's scopes have it."""
        return cls(None if "house" in caller.scopes else (caller.reseller,), caller.by)

    def sees(self, reseller: str) -> bool:
        """Whether it may read and change what belongs to that reseller."""
        return self.resellers is None or reseller in self.resellers


async def unless_changed(change: Awaitable[T], seen: int, now: Callable[[], Awaitable[int]]) -> T:
    """Make the change. Raises Problem 412 with the ETag where somebody else was faster since `seen`; `now` says at
    which revision it is."""
    try:
        return await change
    except Problem as problem:
        if problem.status != 409 or (revision := await now()) == seen:
            raise
        detail = f"It was changed meanwhile: you saw revision {seen}, it is {revision} now. Read it, then try."
        tag = {"ETag": etags.of_version(revision)}
        raise Problem(412, "It is another one now", detail, headers=tag) from None


def tagged(shown: Frozen, revision: int) -> Response:
    """A version with its revision as ETag, for `If-Match`. Whether it is in force changes with the days, so nobody is
    told that it is as it was."""
    headers = {"ETag": etags.of_version(revision), "Cache-Control": "private, no-cache"}
    return Response(shown.model_dump_json(), headers=headers, media_type=JSON)
