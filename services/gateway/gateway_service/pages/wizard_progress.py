"""What becomes of a draft's order, shown step by step while it happens."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import creating, drafts, progress_queries, views
from gateway_service.draft import Draft
from gateway_service.drafts import Desk
from gateway_service.pages import site, streams
from gateway_service.pages.language import gettext as _
from gateway_service.pages.wizard import Wizard
from gateway_service.pages.wizard_failure import why
from gateway_service.pages.wizard_names import Names, service_types
from gateway_service.progress import Watching
from patchbay_chassis.problems import Problem

ENDED = ("completed", "failed")


class Step(NamedTuple):
    """How far a step is. `refused`: that it was, also once it is undone; the note says why then."""

    what: str
    at: datetime
    note: str
    refused: bool


def router(desk: Desk, watching: Watching) -> APIRouter:
    """The stream that the Creation tab listens to."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    @routes.get("/{id_}/events")
    async def follow(request: Request, id_: UUID) -> Response:
        """Each message is the part of the page as it is then; after the last one, the event `ended`. A stream that
        ends without it was broken off, and is to be followed anew."""
        draft = await drafts.get(desk, await wizard.author(request), id_)
        if draft.order_id is None:
            raise Problem(404, _("Nothing was created yet"), _("Press Create Services first."))
        called = await service_types(desk.upstream, draft.reseller)
        moves = await watching.events(draft.reseller, draft.order_id)

        async def told() -> AsyncIterator[bytes]:
            ended = False
            async for event in moves:
                if event.startswith(b":"):
                    yield event
                    continue
                shown = await state(desk, draft, called)
                ended = shown["order"]["state"] in ENDED
                part = site.written(request, "wizard/created.html", draft=draft, called=called, tab="creation", **shown)
                yield streams.message(part)
            if ended:
                yield streams.ENDED

        return streams.answer(told())

    return routes


async def state(desk: Desk, draft: Draft, called: Names) -> Mapping[str, Any]:
    """The order as the API shows it, why it failed, and how far each of its steps is; nothing before there is one."""
    if draft.order_id is None:
        return {"order": None, "why": None, "steps": {}}
    async with desk.running.database.connection() as db:
        moves = await progress_queries.moves(db, draft.reseller, draft.order_id, 0)
    order = views.whole(await creating.order_row(desk, draft))  # after its moves: it has not ended before them
    return {"order": order, "why": await why(desk, draft, called, order), "steps": _steps(moves)}


def _steps(moves: Iterable[Any]) -> Mapping[str, Step]:
    found = dict[str, Step]()
    for move in moves:
        before = found.get(move.step)
        was = before is not None and before.refused
        note = move.note or (before.note if before is not None and was else "")
        found[move.step] = Step(move.what, move.at, note, was or move.what == "refused")
    return found
