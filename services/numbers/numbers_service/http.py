"""What other services ask the authority: all about blocks and grade rules, and holds of drafts and baskets. It is not
for the public: it believes who the reseller is."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import FastAPI, Path, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from numbers_service import drafts, handlers, picture, replacing, rules
from numbers_service.picture import Picture
from patchbay_chassis import problems
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.message import Frozen
from patchbay_contracts.numbers import Asked, ExtendQuery, HoldQuery, OwnerQuery, ReleaseQuery

MOST_BLOCKS = 1_000

Q = TypeVar("Q", bound=OwnerQuery | HoldQuery)


def app(running: Running) -> FastAPI:
    """The HTTP of a running numbers service."""
    api = FastAPI(openapi_url=None)
    problems.install(api)

    @api.get("/blocks")
    async def blocks(
        after: Annotated[int, Query(ge=0, lt=10**15)] = 0, most: Annotated[int, Query(ge=1, le=MOST_BLOCKS)] = 100
    ) -> Response:
        """The next blocks as one snapshot shows them, and after which number more may follow."""
        async with running.database.connection() as db:
            pictures = await picture.after(db, after, most)
        rest = b'],"next":%b}' % (str(pictures[-1].first).encode() if len(pictures) == most else b"null")
        return _json(b'{"blocks":[' + b",".join(await _stated(pictures)) + rest)

    @api.get("/blocks/{first}")
    async def block(first: Annotated[int, Path(ge=1, lt=10**15)]) -> Response:
        async with running.database.connection() as db:
            pictures = await picture.of(db, [first])
        if not pictures:
            raise Problem(404, "No such block", f"No block begins with +{first}. GET /blocks says which there are.")
        return _said(pictures[0].stated())

    @api.get("/grades")
    async def grades() -> Response:
        async with running.database.connection() as db:
            return _said(await rules.current(db))

    @api.post("/holds")
    async def hold(request: Request) -> Response:
        """In two turns, so that no number stays locked while others are looked for."""
        asked = await _asked(request, HoldQuery)
        holds = await running.turns.carry_out(lambda turn: drafts.hold(turn.db, asked))
        if holds.lost and asked.query.instead != "nothing":
            replace = replacing.take if asked.query.instead == "take" else replacing.offer
            holds = await running.turns.carry_out(lambda turn: replace(turn.db, handlers.choose, asked, holds))
        return _said(holds)

    @api.post("/holds/extend")
    async def extend(request: Request) -> Response:
        asked = await _asked(request, ExtendQuery)
        return _said(await running.turns.carry_out(lambda turn: drafts.extend(turn.db, asked)))

    @api.post("/holds/release")
    async def release(request: Request) -> Response:
        asked = await _asked(request, ReleaseQuery)
        return _said(await running.turns.carry_out(lambda turn: drafts.release(turn.db, asked)))

    @api.post("/holds/list")
    async def show(request: Request) -> Response:
        asked = await _asked(request, OwnerQuery)
        async with running.database.connection() as db:
            return _said(await drafts.listed(db, asked))

    return api


async def _asked(request: Request, kind: type[Q]) -> Asked[Q]:
    """The body. Raises Problem with a pointer to each fault in it."""
    try:
        return Asked[kind].model_validate_json(await request.body())  # type: ignore[valid-type]
    except ValidationError as error:
        raise Problem(422, "The request is not valid", errors=problems.faults(error)) from None


async def _stated(pictures: Sequence[Picture]) -> list[bytes]:
    """Each in JSON. A block takes milliseconds, and a page may have a thousand: others have their turn between."""
    stated = []
    for one in pictures:
        stated.append(one.stated().model_dump_json().encode())
        await asyncio.sleep(0)
    return stated


def _said(answer: Frozen) -> Response:
    return _json(answer.model_dump_json().encode())


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
