"""One mail template, for administrators: its versions, writing it with a preview, withdrawing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site
from gateway_service.pages.fields import Fields, is_house, refused, seen
from gateway_service.pages.language import gettext as _
from gateway_service.pages.mail_sample import previewed
from gateway_service.pages.mail_templates import Administrator, Key, address, all_of, choices_of, named, query_of
from gateway_service.pages.mails import kinds
from gateway_service.pages.people import Operator
from gateway_service.pages.site import Form
from gateway_service.pages.wizard_names import service_types
from gateway_service.pages.wizard_notifications import HTML_POLICY
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.mail_templates import (
    Preview,
    PutTemplate,
    Template,
    TemplateKey,
    TemplateText,
    TemplateVersions,
)
from patchbay_contracts.mails import Body
from patchbay_contracts.message import PLAIN
from patchbay_contracts.words import Text

Subject = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=PLAIN)]
PLACES = {"/template/subject": "subject", "/template/text": "text", "/why": "why"}


@dataclass(frozen=True)
class Typed:
    """A template as it is typed. `version`: the one that it is to replace."""

    subject: str = ""
    text: str = ""
    html: bool = True
    why: str = ""
    version: int = 0


def router(upstream: Upstream) -> APIRouter:
    """Its page, and what can be done there."""
    routes = site.routes("/templates")

    @routes.get("/one")
    async def show(request: Request, key: Key, who: Administrator, done: str = "") -> Response:
        return await Page(request, upstream, key, who).shown(done=done)

    @routes.post("/one")
    async def write(request: Request, key: Key, who: Administrator) -> Response:
        return await Page(request, upstream, key, who).write(Fields(await site.form(request)))

    @routes.post("/html")
    async def html(request: Request, key: Key, who: Administrator) -> Response:
        """The mail's HTML as it will look, of what is typed: a page of its own that may be styled, and nothing else."""
        form, page = Fields(await site.form(request)), Page(request, upstream, key, who)
        template = template_in(form)
        if template is None:
            return await page.shown(typed_in(form), form.errors)
        try:
            shown = await page.preview(template.model_copy(update={"html": True}))
        except Problem as problem:
            return await page.shown(typed_in(form), refused(problem, PLACES))
        answer = site.answer(request, shown.html.encode())
        answer.headers["Content-Security-Policy"] = HTML_POLICY
        answer.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"  # what is in a sandbox may have no other
        return answer

    @routes.post("/withdraw")
    async def withdraw(request: Request, key: Key, who: Administrator) -> Response:
        return await Page(request, upstream, key, who).withdraw(Fields(await site.form(request)))

    return routes


class Page:
    """One template's page, for one request."""

    def __init__(self, request: Request, upstream: Upstream, key: TemplateKey, who: Operator) -> None:
        self.request, self.key, self.who = request, key, who
        self._upstream = upstream

    async def write(self, form: Fields) -> Response:
        """Save what was typed, or show what it would look like. What notifier refuses is said at its field."""
        self._check()
        typed, template, preview = typed_in(form), template_in(form), None
        why = form.why() if form.form.text("do") == "save" else ""
        if template is not None and not form.errors:
            try:
                preview = await self.preview(template)
                if why:
                    await self._put(template, typed.version, why)
                    return site.go(f"{address(self.key)}&done=saved")
            except Problem as problem:
                form.errors |= refused(problem, PLACES)
                if problem.status == 409:
                    return await self.shown(typed, _stale(), stale=True)
        return await self.shown(typed, form.errors, preview)

    async def withdraw(self, form: Fields) -> Response:
        """What it fell back on holds again."""
        self._check()
        why = form.of(Text, "withdraw_why", _("Enter a reason of up to 200 characters, on one line"))
        form.confirmed(_("Tick the box if that is what you want"))
        if not form.errors:
            try:
                await self._put(None, seen(form.form, "version"), why)
                return site.go(f"{address(self.key)}&done=withdrawn")
            except Problem as problem:
                form.errors |= refused(problem, PLACES)
        return await self.shown(errors=form.errors, withdraw=form.form)

    async def preview(self, template: TemplateText) -> Preview:
        """What a mail would be. Raises Problem for a template that cannot be filled in."""
        of = self.key.reseller or (self.who.resellers or ("example",))[0]
        asked = previewed(self.key, template, of, await service_types(self._upstream, of))
        return Preview.model_validate_json(await self._upstream.ask("notifier", "/templates/preview", asked))

    async def shown(
        self,
        typed: Typed | None = None,
        errors: Mapping[str, str] | None = None,
        preview: Preview | None = None,
        *,
        done: str = "",
        stale: bool = False,
        withdraw: Form | None = None,
    ) -> Response:
        """The page. What was typed stays as it was; when it is stale, saving again replaces the newest version."""
        found = TemplateVersions.model_validate_json(await self._upstream.ask("notifier", "/templates/get", self.key))
        all_ = await all_of(self._upstream, self.key.reseller, self.key.purpose)
        there = _there(found.versions, all_.templates, self.key)
        newest = found.versions[0].version if found.versions else 0
        if typed is None:
            text = there.template if there is not None else None
            typed = Typed(text.subject, text.text, text.html, version=newest) if text else Typed(version=newest)
        elif stale:
            typed = replace(typed, version=newest)
        return site.render(
            self.request, "mail-templates-one.html", 422 if errors else 200, errors=errors, key=self.key, typed=typed,
            there=there, versions=found.versions, newest=newest, preview=preview, placeholders=all_.placeholders,
            done=done, changes=self._may_change, query=query_of(self.key), kinds=kinds(),
            **await named(self._upstream, await choices_of(self._upstream, self.who)),
            withdraw_why=withdraw.text("withdraw_why") if withdraw else "",
            withdraw_confirm=withdraw is not None and withdraw.ticked("confirm"),
        )  # fmt: skip

    async def _put(self, template: TemplateText | None, version: int, why: str) -> None:
        asked = PutTemplate(key=self.key, version=version, template=template, by=self.who.by, why=why)
        await self._upstream.ask("notifier", "/templates/put", asked)

    @property
    def _may_change(self) -> bool:
        return is_house(self.who) or (self.key.reseller is not None and self.who.sees(self.key.reseller))

    def _check(self) -> None:
        if not self._may_change:
            raise Problem(
                403, _("This template is the house's"),
                _("Only an operator who acts for all resellers may change it. Write one for a reseller of yours."),
            )  # fmt: skip


def typed_in(form: Fields) -> Typed:
    """What was typed."""
    text = form.form.text
    return Typed(text("subject"), text("text"), form.form.ticked("html"), text("why"), seen(form.form, "version"))


def template_in(form: Fields) -> TemplateText | None:
    """What was typed, if it can be a template; if it cannot, the form says why."""
    subject = form.of(Subject, "subject", _("Enter a subject of up to 500 characters, on one line"))
    message = _("Enter a text of up to 20,000 characters, without control characters")
    text = form.of(Body, "text", message)
    if not text:
        form.errors["text"] = message
    if {"subject", "text"} & form.errors.keys():
        return None
    return TemplateText(subject=subject, text=text, html=form.form.ticked("html"))


def _stale() -> dict[str, str]:
    return {
        "": _(
            "Somebody else wrote this template meanwhile. What you typed is still here, and not saved."
            " Look at the newest version below; if you save again, yours replaces it."
        )
    }


def _there(versions: Sequence[Template], all_: Sequence[Template], key: TemplateKey) -> Template | None:
    """The template that holds: as it was written, or as the release has it."""
    if versions and versions[0].template is not None:
        return versions[0]
    return next((one for one in all_ if one.key == key), None)
