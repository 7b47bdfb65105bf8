"""That a hold of the draft's numbers is over, or lost, told while a tab of the wizard is open."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import draft_numbers, drafts
from gateway_service.draft import Author, Draft
from gateway_service.drafts import Desk
from gateway_service.holds_watching import HoldsWatch
from gateway_service.pages import site, streams
from gateway_service.pages.wizard import Wizard
from gateway_service.pages.wizard_places import keys
from patchbay_chassis.problems import Problem
from patchbay_contracts.validity import Tab


def router(desk: Desk, holds: HoldsWatch) -> APIRouter:
    """The stream that each tab listens to."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def seen(request: Request, id_: UUID) -> tuple[Author, Draft] | None:
        await site.of(request).sessions.find_anew(request)
        try:
            author = await wizard.author(request)
            draft = await drafts.get(desk, author, id_)
        except (site.Elsewhere, Problem):
            return None
        return (author, draft) if draft.state == "open" else None

    @routes.get("/{id_}/holds")
    async def follow(request: Request, id_: UUID, tab: Tab = "numbers", service: str = "") -> Response:
        """Each message is the part of the page that says what was lost; after the event `ended` there is none any
        more: the draft is not open, or who listens may not see it any more."""
        try:
            author = await wizard.author(request)
        except site.Elsewhere:
            return streams.over()
        await drafts.get(desk, author, id_)

        async def told() -> AsyncIterator[bytes]:
            async for missing in holds.follow(id_):
                now = await seen(request, id_)
                if now is None:
                    yield streams.ENDED
                    return
                if missing is None:
                    yield streams.NOTHING_NEW
                    continue
                author, draft = now
                missing_now = missing and await holds.missed_by(draft)
                found = await draft_numbers.missed(desk, author, draft, missing_now)
                part = site.written(
                    request,
                    "wizard/lost.html",
                    draft=draft,
                    keys=keys(draft.document),
                    tab=tab,
                    shown=service,
                    over=found.over,
                    lost=found.lost,
                    live=True,
                )
                yield streams.message(part)

        return streams.answer(told())

    return routes
