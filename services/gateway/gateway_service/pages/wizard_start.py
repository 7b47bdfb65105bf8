"""Where the Add Services Wizard begins: what is about to happen, and drafts to resume."""

import asyncio
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records, drafts
from gateway_service.draft import Author, Note
from gateway_service.drafts import Desk
from gateway_service.pages import resellers, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.wizard import Wizard
from gateway_service.pages.wizard_typed import NOTES, keep, notes_of, uuid
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem

LAST = UUID(int=2**128 - 1)
PAGE = 50


def router(desk: Desk) -> APIRouter:
    """The start page, and what is done with a whole draft."""
    routes = site.routes("/wizard")
    wizard = Wizard(desk)

    @routes.get("")
    async def start(request: Request) -> Response:
        author, after = await wizard.author(request), uuid(request.query_params.get("after", ""))
        rows = await drafts.page(desk, author, after or LAST, limit=PAGE + 1)
        found = rows[:PAGE]
        names, customers = await asyncio.gather(
            resellers.names(desk.upstream, {draft.reseller for draft in found}),
            customer_records.names(desk.upstream, found),
        )
        said = notes_of(request)
        response = site.render(
            request,
            "wizard/start.html",
            drafts=found,
            after=after,
            next=found[-1].id if len(rows) > PAGE else None,
            names=names,
            customers=customers,
            new=mint(),
            notes=said,
        )
        response.delete_cookie(NOTES, path="/wizard")
        return response

    @routes.post("")
    async def begin(request: Request) -> Response:
        """The id comes from the page, so that pressing twice begins one draft."""
        author, form = await wizard.author(request), await site.form(request)
        draft = await drafts.begin(desk, author, await _first(desk, author), uuid(form.text("id")))
        return site.go(f"/wizard/{draft.id}/customer")

    @routes.get("/{id_}/discard")
    async def ask(request: Request, id_: UUID) -> Response:
        """Its numbers are somebody else's to take a moment later, so nobody discards it by a slip."""
        draft = await wizard.draft(await wizard.author(request), id_)
        if draft.state != "open":
            return site.go(f"/wizard/{id_}")
        names, customers = await asyncio.gather(
            resellers.names(desk.upstream, [draft.reseller]), customer_records.names(desk.upstream, [draft])
        )
        return site.render(
            request, "wizard/discard.html", draft=draft, customer=customers[draft.id], reseller=names[draft.reseller]
        )

    @routes.post("/{id_}/discard")
    async def discard(request: Request, id_: UUID) -> Response:
        await drafts.abandon(desk, await wizard.author(request), id_)
        response = site.go("/wizard")
        keep(request, response, [Note("discarded")])
        return response

    @routes.get("/{id_}")
    async def resume(request: Request, id_: UUID) -> Response:
        draft = await wizard.draft(await wizard.author(request), id_)
        tab = draft.document.tab
        return site.go(f"/wizard/{id_}/{'customer' if tab == 'start' else tab}")

    return routes


async def _first(desk: Desk, author: Author) -> str:
    """The reseller that a draft begins with. While the customer service is away, whoever acts for some begins with one
    of them, and whoever acts for all has to wait."""
    try:
        found = (await resellers.found(desk.upstream, author.resellers, limit=1)).resellers
    except Problem as problem:
        if problem.status < 500 or not author.resellers:
            raise
        return author.resellers[0]
    if not found:
        raise Problem(403, _("You act for no reseller"), _("Ask an administrator of Patchbay for one."))
    return found[0].id
