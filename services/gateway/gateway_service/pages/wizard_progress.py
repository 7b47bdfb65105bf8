"""What becomes of a draft's order, shown step by step while it happens."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
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
from gateway_service.pages.wizard_names import service_types
from gateway_service.progress import Watching
from patchbay_chassis.problems import Problem

ENDED = ("completed", "failed")


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
        called = await service_types(desk, draft.reseller)
        moves = await watching.events(draft.reseller, draft.order_id)

        async def told() -> AsyncIterator[bytes]:
            ended = False
            async for event in moves:
                if event.startswith(b":"):
                    yield event
                    continue
                shown = await state(desk, draft)
                ended = shown["order"]["state"] in ENDED
                part = site.written(request, "wizard/created.html", draft=draft, called=called, **shown)
                yield streams.message(part)
            if ended:
                yield streams.ENDED

        return streams.answer(told())

    return routes


async def state(desk: Desk, draft: Draft) -> Mapping[str, Any]:
    """The order as the API shows it, and how far each of its steps is; nothing before there is one."""
    if draft.order_id is None:
        return {"order": None, "steps": {}}
    async with desk.running.database.connection() as db:
        moves = await progress_queries.moves(db, draft.reseller, draft.order_id, 0)
    order = views.whole(await creating.order_row(desk, draft))  # after its moves: it has not ended before them
    return {"order": order, "steps": {move.step: move for move in moves}}
