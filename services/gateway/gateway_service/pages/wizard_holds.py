"""Holds of the draft's numbers, put off while a tab of the wizard is open and seen; and told there when one is over, or
lost. A browser listens only while the page can be seen."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from time import monotonic
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import draft_numbers, drafts
from gateway_service.draft import Author, Draft
from gateway_service.drafts import Desk
from gateway_service.holds_watching import HoldsWatch, Missing
from gateway_service.pages import site, streams
from gateway_service.pages.wizard import Wizard
from gateway_service.pages.wizard_places import keys
from patchbay_chassis.problems import Problem
from patchbay_contracts.validity import Tab
from patchbay_contracts.words import E164

PUT_OFF_EVERY = 60.0
"""Seconds after which it is looked anew whether a hold ends soon."""


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
        """Each message is the part of the page that says what was lost, and until when all else is held; after the
        event `ended` there is none any more: the draft is not open, or who listens may not see it any more."""
        try:
            author = await wizard.author(request)
        except site.Elsewhere:
            return streams.over()
        page = _Page(request, wizard, holds, await drafts.get(desk, author, id_), tab=tab, shown=service)

        async def told() -> AsyncIterator[bytes]:
            async for missing in holds.follow(id_):
                now = await seen(request, id_)
                if now is None:
                    yield streams.ENDED
                    return
                yield await page.told(*now, missing)

        return streams.answer(told())

    return routes


class _Page:
    """A tab that is open: which service it shows, and what it was told so far."""

    def __init__(self, request: Request, wizard: Wizard, holds: HoldsWatch, drawn: Draft, **shows: str) -> None:
        self._request, self._wizard, self._holds, self._shows = request, wizard, holds, shows
        self._missed = draft_numbers.Missed(drawn, (), ())
        self._held, self._due = _held_until(drawn), 0.0

    async def told(self, author: Author, draft: Draft, missing: Missing | None) -> bytes:
        """What the page is told when that is missing; None: nothing was told to be for a while."""
        if missing is not None:
            missing_now = missing and await self._holds.missed_by(draft)
            self._missed = await draft_numbers.missed(self._wizard.desk, author, draft, missing_now)
            draft = self._missed.draft
        elif monotonic() >= self._due:
            draft, self._due = (await self._wizard.held(author, draft)).draft, monotonic() + PUT_OFF_EVERY
        before, self._held = self._held, _held_until(draft)
        if missing is None and self._held == before:
            return streams.NOTHING_NEW
        over, lost = self._missed.over, self._missed.lost
        gone = {*over, *(one.e164 for one in lost)}
        part = site.written(
            self._request,
            "wizard/lost.html",
            draft=draft,
            keys=keys(draft.document),
            tab=self._shows["tab"],
            shown=self._shows["shown"],
            over=over,
            lost=lost,
            held={number: until for number, until in self._held.items() if number not in gone},
            live=True,
            again=missing is not None,
        )
        return streams.message(part)


def _held_until(draft: Draft) -> Mapping[E164, datetime]:
    return {number.e164: number.held_until for service in draft.document.services for number in service.numbers}
