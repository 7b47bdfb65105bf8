"""That a hold of the draft's numbers is over, or lost, told while a tab of the wizard is open."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway_service import draft_numbers, drafts
from gateway_service.drafts import Desk
from gateway_service.holds_watching import HoldsWatch
from gateway_service.pages import site
from gateway_service.pages.wizard import Wizard
from gateway_service.pages.wizard_places import keys
from patchbay_contracts.validity import Tab

ENDED = b"event: ended\ndata:\n\n"


def router(desk: Desk, holds: HoldsWatch) -> APIRouter:
    """The stream that each tab listens to."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    @routes.get("/{id_}/holds")
    async def follow(request: Request, id_: UUID, tab: Tab = "numbers", service: str = "") -> Response:
        """Each message is the part of the page that says what was lost; after the event `ended` there is none any
        more: the draft was created, or nobody is signed in."""
        try:
            author = await wizard.author(request)
        except site.Elsewhere:
            return Response(ENDED, headers=site.HEADERS, media_type="text/event-stream")
        await drafts.get(desk, author, id_)

        async def told() -> AsyncIterator[bytes]:
            async for missing in holds.follow(id_):
                if missing is None:
                    yield b": nothing new\n\n"
                    continue
                draft = await drafts.get(desk, author, id_)
                if draft.state != "open" or not await site.of(request).sessions.lives(request):
                    yield ENDED
                    return
                found = await draft_numbers.missed(desk, author, draft, missing)
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
                yield b"".join(b"data: %s\n" % line.encode() for line in part.splitlines()) + b"\n"

        return StreamingResponse(told(), headers=site.HEADERS, media_type="text/event-stream")

    return routes
