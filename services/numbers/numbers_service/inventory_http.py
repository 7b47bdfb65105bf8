"""What an inventory manager asks, as the gateway passes it on: it checked that the caller may, and says who it is."""

from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from numbers_service import inventory_log, lending, loading, loads
from numbers_service.inventory_log import Reason
from numbers_service.loading import Refusal
from patchbay_chassis import problems
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import Streamed
from patchbay_contracts.inventory import Kind, Lend, NewBlocks, TakeBack
from patchbay_contracts.inventory_answers import Load, LoadedBlocks, RefusedBlock
from patchbay_contracts.message import PLAIN, Frozen

Q = TypeVar("Q", bound=Frozen)
Who = Annotated[str, Query(min_length=1, max_length=200, pattern=PLAIN)]
Limit = Annotated[int, Query(ge=1, le=1_000)]


def routes(running: Running) -> APIRouter:
    """Everything under /inventory."""
    api = APIRouter(prefix="/inventory")

    @api.post("/blocks")
    async def load_blocks(request: Request, who: Who) -> Response:
        asked = await _asked(request, NewBlocks)
        async with running.turn() as turn:
            outcomes = await loading.load(turn.db, asked.blocks)
            loaded = sorted(b.first for b, outcome in zip(asked.blocks, outcomes, strict=True) if outcome == "loaded")
            if loaded:
                detail = {"loaded": len(loaded), "blocks": [f"+{first}" for first in loaded]}
                await inventory_log.note(turn.db, Reason(who, asked.why), "blocks loaded", detail)
        return _json(
            LoadedBlocks(
                loaded=len(loaded),
                there_already=outcomes.count("there_already"),
                refused=tuple(
                    RefusedBlock(pointer=f"/blocks/{at}", message=one.message, remedy=one.remedy)
                    for at, one in enumerate(outcomes)
                    if isinstance(one, Refusal)
                ),
            )
        )

    @api.post("/loads")
    async def load_list(request: Request, kind: Kind, who: Who, why: Who) -> Response:
        return Streamed((await loads.begin(running, request, kind, Reason(who, why))).progress())

    @api.get("/loads/{id}")
    async def show_load(id: UUID) -> Response:  # noqa: A002 - its name in the path
        return _json(await _load(running, id))

    @api.get("/loads/{id}/refused")
    async def show_refused_rows(id: UUID) -> Response:  # noqa: A002 - its name in the path
        return Streamed(loads.refused_rows(running, await _load(running, id)), "text/csv")

    @api.post("/lending")
    async def lend(request: Request, who: Who) -> Response:
        asked = await _asked(request, Lend)
        async with running.turn() as turn:
            return _json(await lending.lend(turn.db, Reason(who, asked.why), asked))

    @api.post("/lending/return")
    async def take_back(request: Request, who: Who) -> Response:
        asked = await _asked(request, TakeBack)
        async with running.turn() as turn:
            return _json(await lending.take_back(turn.db, Reason(who, asked.why), asked))

    @api.get("/log")
    async def log(after: UUID | None = None, limit: Limit = 50) -> Response:
        async with running.database.connection() as db:
            return _json(await inventory_log.page(db, after, limit))

    return api


async def _load(running: Running, id_: UUID) -> Load:
    async with running.database.connection() as db:
        load = await loads.load(db, id_)
    if load is None:
        raise Problem(404, "No such load", f"There is no load {id_}. Its id is in each line of its answer.")
    return load


async def _asked(request: Request, kind: type[Q]) -> Q:
    """What stands in the body."""
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        raise Problem(422, "The request is not valid", "Nothing was changed.", problems.faults(error)) from None


def _json(answer: Frozen) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")
