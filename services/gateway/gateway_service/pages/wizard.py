"""The Add Services Wizard: where it begins, and what its tabs share.

Each tab is one form. Whatever is pressed in it (Back, Next, a tab, a button of the tab's own) sends all that was typed,
which is kept before anything else happens; then the browser is sent to where the operator wants to be.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import draft_numbers, draft_settings, drafts, validity
from gateway_service.draft import Author, Document, Draft, DraftService, Note
from gateway_service.drafts import Desk
from gateway_service.pages import site, wizard_cut, wording
from gateway_service.pages.absent import Absent, without
from gateway_service.pages.language import gettext as _
from gateway_service.pages.site import Form
from gateway_service.pages.wizard_begun import begun, timely
from gateway_service.pages.wizard_cut import TooLong
from gateway_service.pages.wizard_names import Names, service_types, titles
from gateway_service.pages.wizard_places import field, keys
from gateway_service.pages.wizard_typed import ALONE, NOTES, errors_of, keep, notes_of, unkept
from gateway_service.pages.wizard_ways import SIGN_OUT, TABS, order_of, where
from gateway_service.validity import Found, Report
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Product
from patchbay_contracts.numbers import Lost
from patchbay_contracts.validity import Tab

REFUSED = (409, 412, 422)
SWAP = "outerHTML settle:0"
"""How htmx puts a tab in the place of another."""
NO_REPORT = Report((), (), agreed=True)
"""Of a draft that was created there is nothing left to check."""


class Look(NamedTuple):
    """A draft as its author sees it. `lost`: its numbers that somebody else has by now, with the next best; `absent`:
    what the page goes without; `called`: the names of service types; `stale`: its author did not see it as it is."""

    author: Author
    draft: Draft
    report: Report
    absent: Absent
    called: Names
    lost: tuple[Lost, ...] = ()
    stale: bool = False

    @property
    def document(self) -> Document:
        """What was typed so far."""
        return self.draft.document


Page = Callable[[Request, Look, Mapping[str, str], Form | None], Awaitable[Response]]
"""Shows a tab. Errors by the id of the field; the form if it was refused, so that nothing typed is lost."""


class There(NamedTuple):
    """Where to go, and what is to be said there."""

    url: str
    notes: Sequence[Note] = ()


Keep = Callable[[Author, Draft, Form], Awaitable[Draft]]
"""Keeps what was typed on a tab, and nothing else: the draft as it is then. It is asked for by pages that are left."""
Act = Callable[[Author, Draft, Form], Awaitable[Sequence[Note] | There | str | None]]
"""Does what a tab's form asks. Answers what is to be said of it, or where to go instead of where the form says."""


def state_of(look: Look, tab: Tab) -> str:
    """`errors`, `done` or `open`. What was created is done."""
    if look.draft.state != "open" and tab != "notifications":
        return "done"
    errors = [one for one in look.report.of(tab) if one.finding.severity == "error"]
    if any(timely(look.document, one) for one in errors):
        return "errors"
    return "done" if begun(look.document, tab) and not errors else "open"


class Wizard:
    """What the tabs stand on."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def author(self, request: Request) -> Author:
        """Who is working: an operator, for the resellers that he may act for. Raises Problem 403."""
        who = await site.operator(request)
        if not who.may("operator"):
            detail = _("Ask an administrator of Patchbay for the role it needs.")
            raise Problem(403, _("You may not see this page"), detail)
        return Author(who.resellers, who.by, site.address(request))

    async def look(self, request: Request, id_: UUID, fresh_for: float) -> Look:
        """The draft, and what was found about it within so many seconds. Whoever looks at it works on it: its numbers
        are held for longer."""
        author = await self.author(request)
        draft = await self.draft(author, id_)
        absent, called = Absent(), await service_types(self.desk.upstream, draft.reseller)
        if draft.state != "open":
            return Look(author, draft, await self._mails(draft, fresh_for), absent, called)
        draft, lost = await self.held(author, draft)
        return Look(author, draft, await validity.report(self.desk, draft, fresh_for), absent, called, lost)

    async def draft(self, author: Author, id_: UUID) -> Draft:
        """The draft. Raises Problem 404, also for one that was discarded."""
        draft = await drafts.get(self.desk, author, id_)
        if draft.state == "abandoned":
            raise Problem(404, _("This draft was discarded"), _("Begin another one in the Add Services Wizard."))
        return draft

    async def _mails(self, draft: Draft, fresh_for: float) -> Report:
        """What is found of a draft that was created."""
        return await validity.of_mails(self.desk, draft, fresh_for) if draft.state == "created" else NO_REPORT

    async def held(self, author: Author, draft: Draft) -> draft_numbers.Extended:
        """Put off the holds that end soon. While the numbers service is away they are as they were: the report says
        that it cannot be asked."""
        try:
            return await draft_numbers.extend(self.desk, author, draft)
        except Problem as problem:
            if problem.status < 500:
                raise
            return draft_numbers.Extended(draft, ())

    async def _stay(self, author: Author, draft: Draft, tab: Tab) -> None:
        """Note where the operator is."""
        if draft.document.tab != tab and draft.state == "open":
            await drafts.at_tab(self.desk, author, draft, tab)

    def tab(self, routes: APIRouter, tab: Tab, page: Page, act: Act, keep_typed: Keep) -> None:
        """Add a tab's two routes: it is shown, and its form is taken."""

        @routes.get(f"/{{id_}}/{tab}", name=tab)
        async def show(request: Request, id_: UUID) -> Response:
            look = await self.look(request, id_, 0 if tab == "creation" else validity.CHECKED_FOR)
            noted = self._stay(look.author, look.draft, tab)
            _, shown = await asyncio.gather(noted, page(request, look, self.errors(look, tab), None))
            return shown

        @routes.post(f"/{{id_}}/{tab}")
        async def take(request: Request, id_: UUID) -> Response:
            try:
                return await taken(request, id_)
            finally:
                await request.close()  # the file that was sent

        async def taken(request: Request, id_: UUID) -> Response:
            author = await self.author(request)
            form = await site.form(request)
            (kept, long), draft = wizard_cut.cut(form), await self.draft(author, id_)
            try:
                if form.ticked(ALONE) or (long and not _tells_there(draft, tab, form)):
                    return _kept(request, await keep_typed(author, draft, kept), long)
                said = await act(author, draft, kept)
            except (Problem, ValidationError) as refusal:
                problem = refusal if isinstance(refusal, Problem) else unkept(refusal)
                if form.ticked(ALONE) or (problem.status not in REFUSED and problem.status < 500):
                    raise problem from None
                look = await self.look(request, id_, validity.CHECKED_FOR)
                look = look._replace(stale=problem.status in {409, 412})
                shown = await page(request, look, errors_of(problem, look.document), form)
                shown.status_code = problem.status
                return shown
            if isinstance(said, str):
                return _see(request, id_, said)
            if tab == "service":  # it alone changes which tabs there are, and which service is worked on
                draft = await drafts.get(self.desk, author, id_)
            if not isinstance(said, There):
                said = There(where(draft, tab, form), said or ())
            response = _see(request, id_, said.url)
            keep(request, response, [*wizard_cut.notes(long), *said.notes])
            return response

    def errors(self, look: Look, tab: Tab) -> dict[str, str]:
        """What is wrong on a tab, as far as it was begun, by the id of the field."""
        return said(look.document, [one for one in look.report.of(tab) if timely(look.document, one)])

    def render(
        self, request: Request, look: Look, tab: Tab, errors: Mapping[str, str], form: Form | None, **context: Any
    ) -> Response:
        """A tab's page, in the wizard's frame."""
        order = order_of(look.document)
        at = order.index(tab) if tab in order else 0
        response = site.render(
            request,
            f"wizard/{tab}.html",
            errors=errors,
            draft=look.draft,
            document=look.document,
            tab=tab,
            title=titles()[tab],
            tabs=[(one, titles()[one], state_of(look, one)) for one in TABS],
            has_back=at > 0,
            has_next=at < len(order) - 1,
            warnings=[f.finding for f in look.report.of(tab) if f.finding.severity == "warning" and not f.waived],
            notes=notes_of(request) if form is None else (),
            keeps=_keeps(look.draft, tab) and not look.stale,
            refused=form is not None,
            sentences_of=wording.sentences_of,
            called=look.called,
            lost=look.lost,
            wrong=_wrong(look, tab),
            keys=keys(look.document),
            absent=_missing(look, tab) if form is None else (),
            **context,
        )
        response.delete_cookie(NOTES, path="/wizard")
        return response


def _kept(request: Request, draft: Draft, long: Sequence[TooLong]) -> Response:
    """That all is kept, by the draft's version. Raises Problem 422 for what is too long."""
    if long:
        raise wizard_cut.refused(long, draft.version)
    return site.answer(request, str(draft.version).encode(), kind="text/plain; charset=utf-8")


def _tells_there(draft: Draft, tab: Tab, form: Form) -> bool:
    """Whether one goes to a page that says what was not kept."""
    return form.ticked("go") and where(draft, tab, form).startswith("/wizard")


def _keeps(draft: Draft, tab: Tab) -> bool:
    """Whether what is typed on the tab can be kept."""
    return draft.state == "open" or (draft.state == "created" and tab == "notifications")


def _see(request: Request, id_: UUID, url: str) -> Response:
    """See there. From tab to tab htmx follows a redirect, but loses what stands behind #; any other page is loaded."""
    if url == SIGN_OUT:
        return site.again(url)
    if not site.is_part(request) or (url.startswith(f"/wizard/{id_}/") and "#" not in url):
        return site.go(url)
    if not url.startswith(f"/wizard/{id_}/"):
        return site.elsewhere(request, url)
    how = {"path": url, "push": url, "target": "#main", "select": "#main", "swap": SWAP}
    return Response(None, 200, {"HX-Location": json.dumps(how), "Cache-Control": "no-store"})


def _missing(look: Look, tab: Tab) -> Sequence[str]:
    """What the page goes without, and what of it could not be checked."""
    for found in look.report.of(tab):
        if found.unchecked:
            look.absent.note(without(found.unchecked))
    return look.absent.said


def said(document: Document, found: Sequence[Found]) -> dict[str, str]:
    """The errors among these findings, by the id of the field. What could not be checked is said otherwise."""
    errors = [one.finding for one in found if one.finding.severity == "error" and not one.unchecked]
    return {field(document, one.pointer): wording.sentences_of(one) for one in errors}


def service_of(look: Look, request: Request, form: Form | None, tab: Tab) -> DraftService | None:
    """The service that a tab shows: the one that is asked for, or the first of which something is wrong there."""
    key = form.text("service") if form is not None else request.query_params.get("service", "")
    services = look.document.services
    wrong = [one for one in services if one.key in _wrong(look, tab)]
    return look.document.service(key) or next(iter((*wrong, *services)), None)


def _wrong(look: Look, tab: Tab) -> set[str | None]:
    """The keys of the services of which one is told that something is wrong on that tab."""
    return {
        one.service for one in look.report.of(tab) if one.finding.severity == "error" and timely(look.document, one)
    }


async def product_of(desk: Desk, draft: Draft, service: DraftService | None) -> Product | None:
    """What is to be known of the service's type; None where it has none, or one that is not sold."""
    if service is None or not service.service_type:
        return None
    try:
        return await draft_settings.product(desk, draft, service.service_type)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return None


def of_service(errors: Mapping[str, str], document: Document, service: DraftService | None) -> dict[str, str]:
    """The errors without those of other services than the one that is shown."""
    others = tuple(f"services-{at}-" for at, one in enumerate(document.services) if service and one.key != service.key)
    return {id_: message for id_, message in errors.items() if not id_.startswith(others)}
