"""Holds of drafts and baskets, as the gateway passes on what a reseller asks: it says which reseller that is."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from numbers_service import drafts, handlers, held, replacing
from patchbay_chassis import bodies
from patchbay_chassis.service import Running
from patchbay_contracts.held_numbers import HeldQuery, MissedQuery
from patchbay_contracts.numbers import Asked, ExtendQuery, HoldQuery, OwnerQuery, ReleaseQuery


def routes(running: Running) -> APIRouter:
    """Everything under /holds."""
    api = APIRouter(prefix="/holds")

    @api.post("")
    async def hold(request: Request) -> Response:
        """In two turns, so that no number stays locked while others are looked for."""
        asked = await bodies.read(request, Asked[HoldQuery])
        holds = await running.turns.carry_out(lambda turn: drafts.hold(turn.db, asked))
        if holds.lost and asked.query.instead != "nothing":
            replace = replacing.take if asked.query.instead == "take" else replacing.offer
            holds = await running.turns.carry_out(lambda turn: replace(turn.db, handlers.choose, asked, holds))
        return bodies.said(holds)

    @api.post("/extend")
    async def extend(request: Request) -> Response:
        asked = await bodies.read(request, Asked[ExtendQuery])
        return bodies.said(await running.turns.carry_out(lambda turn: drafts.extend(turn.db, asked)))

    @api.post("/release")
    async def release(request: Request) -> Response:
        asked = await bodies.read(request, Asked[ReleaseQuery])
        return bodies.said(await running.turns.carry_out(lambda turn: drafts.release(turn.db, asked)))

    @api.post("/search")
    async def search(request: Request) -> Response:
        asked = await bodies.read(request, Asked[HeldQuery])
        async with running.database.connection() as db:
            return bodies.said(await held.page(db, asked))

    @api.post("/list")
    async def show(request: Request) -> Response:
        asked = await bodies.read(request, Asked[OwnerQuery])
        async with running.database.connection() as db:
            return bodies.said(await drafts.listed(db, asked))

    @api.post("/missed")
    async def missed(request: Request) -> Response:
        asked = await bodies.read(request, MissedQuery)
        async with running.database.connection() as db:
            return bodies.said(await held.missed(db, asked))

    return api
