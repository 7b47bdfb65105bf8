"""What other services ask the authority. It is not for the public: it believes who the reseller and the manager are."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import FastAPI, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from numbers_service import (
    change_checks,
    handlers,
    holds_http,
    inventory_http,
    known_http,
    named,
    picture,
    rules,
    validity,
)
from numbers_service.picture import Picture
from patchbay_chassis import bodies, problems
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.availability import NamedQuery
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.validity import MOST_CHECKED_BYTES, ManyFindings, ValidityQueries, ValidityQuery

MOST_BLOCKS = 1_000


def app(running: Running) -> FastAPI:
    """The HTTP of a running numbers service."""
    api = FastAPI(openapi_url=None)
    problems.install(api)
    api.include_router(holds_http.routes(running))
    api.include_router(inventory_http.routes(running))
    api.include_router(known_http.routes(running))

    @api.get("/blocks")
    async def blocks(
        after: Annotated[int, Query(ge=0, lt=10**15)] = 0, most: Annotated[int, Query(ge=1, le=MOST_BLOCKS)] = 100
    ) -> Response:
        """The next blocks as one snapshot shows them, and after which number more may follow."""
        async with running.database.connection() as db:
            pictures = await picture.after(db, after, most)
        rest = b'],"next":%b}' % (str(pictures[-1].first).encode() if len(pictures) == most else b"null")
        body = b'{"blocks":[' + b",".join(await _stated(pictures)) + rest
        return Response(body, media_type="application/json")

    @api.get("/blocks/{first}")
    async def block(first: Annotated[int, Path(ge=1, lt=10**15)]) -> Response:
        async with running.database.connection() as db:
            pictures = await picture.of(db, [first])
        if not pictures:
            raise Problem(
                404,
                "No such block",
                f"No block begins with +{first}. GET /blocks says which there are.",
                code="no_such_block",
            )
        return bodies.said(pictures[0].stated())

    @api.get("/grades")
    async def grades() -> Response:
        async with running.database.connection() as db:
            return bodies.said(await rules.current(db))

    @api.post("/validity")
    async def report(request: Request) -> Response:
        query = await bodies.read(request, ValidityQuery)
        async with running.database.connection() as db:
            return bodies.said(await validity.findings(db, query))

    @api.post("/validity/many")
    async def report_many(request: Request) -> Response:
        asked = await bodies.read(request, ValidityQueries, MOST_CHECKED_BYTES)
        async with running.database.connection() as db:
            return bodies.said(ManyFindings(answers=tuple(await validity.findings_of_many(db, asked.queries))))

    @api.post("/availability/named")
    async def named_numbers(request: Request) -> Response:
        asked = await bodies.read(request, NamedQuery, MOST_CHECKED_BYTES)
        async with running.database.connection() as db:
            return bodies.said(await named.of(db, asked))

    @api.post("/changes/validity")
    async def of_change(request: Request) -> Response:
        command = await bodies.read(request, HoldNumbers)
        return bodies.said(await change_checks.findings(running, handlers.choose, command))

    return api


async def _stated(pictures: Sequence[Picture]) -> list[bytes]:
    """Each in JSON. A block takes milliseconds, and a page may have a thousand: others have their turn between."""
    stated = []
    for one in pictures:
        stated.append(one.stated().model_dump_json().encode())
        await asyncio.sleep(0)
    return stated
