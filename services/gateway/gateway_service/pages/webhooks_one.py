"""One webhook, for administrators: changed, tried out, given a new secret; its deliveries, and delivering again."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import webhook_queries, webhooks
from gateway_service.pages import reach, site
from gateway_service.pages.fields import fits, refused, unknown
from gateway_service.pages.language import gettext as _
from gateway_service.pages.operators import Administrator
from gateway_service.pages.people import Operator
from gateway_service.pages.webhooks import PLACES, TYPES, Typed, typed_in, types
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from gateway_service.views import NEWEST
from gateway_service.webhook_sending import Outcome, Sender
from gateway_service.webhooks_bodies import SecretRotation, WebhookChange
from patchbay_chassis import problems
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running

PAGE = 50
LONGEST = 168
"""Hours for which the secret before may sign beside the new one."""


def router(running: Running, upstream: Upstream, sender: Sender) -> APIRouter:
    """It stands behind the list and a new one."""
    page, routes = Page(running, upstream), site.routes()
    routes.include_router(_looking_after(running, page))
    routes.include_router(_delivering(running, page, sender))
    return routes


def _looking_after(running: Running, page: "Page") -> APIRouter:
    routes = Routes(prefix="/webhooks/{id_}", include_in_schema=False)

    @routes.get("")
    async def show(request: Request, id_: UUID, who: Administrator, done: str = "", after: str = "") -> Response:
        return await page.shown(request, await page.mine(who, id_), done=done, after=after)

    @routes.post("")
    async def change(request: Request, id_: UUID, who: Administrator) -> Response:
        row, form = await page.mine(who, id_), await site.form(request)
        typed = typed_in(form)
        if errors := unknown(form, {"types": TYPES}):
            return await page.shown(request, row, typed=typed, errors=errors)
        try:
            await webhooks.change(running, row.reseller, id_, WebhookChange.model_validate(typed.fields()))
        except ValidationError as error:
            errors = refused(Problem(422, "", errors=problems.faults(error)), PLACES)
        except Problem as problem:
            errors = refused(problem, PLACES)
        else:
            return site.go(f"/webhooks/{id_}?done=changed")
        return await page.shown(request, row, typed=typed, errors=errors)

    @routes.post("/state")
    async def switch(request: Request, id_: UUID, who: Administrator) -> Response:
        row, form = await page.mine(who, id_), await site.form(request)
        to = "enabled" if form.text("to") == "enabled" else "disabled"
        await webhooks.change(running, row.reseller, id_, WebhookChange(state=to))
        return site.go(f"/webhooks/{id_}?done={to}")

    @routes.post("/delete")
    async def delete(request: Request, id_: UUID, who: Administrator) -> Response:
        row = await page.mine(who, id_)
        if not (await site.form(request)).ticked("confirm"):
            errors = {"confirm": _("Tick the box if that is what you want")}
            return await page.shown(request, row, errors=errors)
        await webhooks.delete(running, row.reseller, id_)
        return site.go("/webhooks?done=deleted")

    return routes


def _delivering(running: Running, page: "Page", sender: Sender) -> APIRouter:
    routes = Routes(prefix="/webhooks/{id_}", include_in_schema=False)

    @routes.post("/rotate")
    async def rotate(request: Request, id_: UUID, who: Administrator) -> Response:
        row, hours = await page.mine(who, id_), (await site.form(request)).text("hours")
        if not (hours.isascii() and hours.isdecimal()) or len(hours) > 3 or int(hours) > LONGEST:
            errors = {"hours": _("Enter how many hours, up to %(most)s") % {"most": LONGEST}}
            return await page.shown(request, row, errors=errors, hours=hours)
        try:
            row, secret = await webhooks.rotate(running, row.reseller, id_, SecretRotation(overlap_hours=int(hours)))
        except Problem as problem:
            return await page.shown(request, row, errors=refused(problem, {}), hours=hours)
        return site.render(request, "webhooks-made.html", row=row, secret=secret)

    @routes.post("/test")
    async def test(request: Request, id_: UUID, who: Administrator) -> Response:
        row = await page.mine(who, id_)
        _event, outcome = await webhooks.test(running.database, sender, row.reseller, id_)
        return await page.shown(request, row, tested=outcome)

    @routes.post("/redeliver")
    async def redeliver(request: Request, id_: UUID, who: Administrator) -> Response:
        row, event = await page.mine(who, id_), (await site.form(request)).text("event")
        if not fits(UUID, event):
            raise Problem(404, _("There is no such delivery"))
        try:
            await webhooks.redeliver(running, row.reseller, id_, UUID(event))
        except Problem as problem:
            return await page.shown(request, row, errors=refused(problem, {}))
        return site.go(f"/webhooks/{id_}?done=redelivered")

    return routes


class Page:
    """A webhook's page, with its deliveries."""

    def __init__(self, running: Running, upstream: Upstream) -> None:
        self._database, self._upstream = running.database, upstream

    async def mine(self, who: Operator, id_: UUID) -> Any:
        """The webhook, if it is of a reseller that the operator acts for. Raises Problem 404."""
        seen = await reach.of(self._upstream, who)
        async with self._database.connection() as db:
            row = await webhook_queries.of_any(db, seen.ids, id_)
        if row is None:
            raise Problem(404, _("There is no such webhook"))
        return row

    async def shown(
        self,
        request: Request,
        row: Any,
        *,
        typed: Typed | None = None,
        errors: dict[str, str] | None = None,
        tested: Outcome | None = None,
        hours: str = "24",
        done: str = "",
        after: str = "",
    ) -> Response:
        """The page, with what was typed, what is wrong, or what came of a test."""
        before = UUID(after) if fits(UUID, after) else NEWEST
        async with self._database.connection() as db:
            deliveries = await webhook_queries.deliveries(db, row.id, before, None, PAGE + 1)
        more = deliveries[PAGE - 1].event_id if len(deliveries) > PAGE else None
        there = Typed(row.url, tuple(row.types), row.description)
        return site.render(
            request, "webhooks-one.html", 422 if errors else 200, errors=errors, row=row, typed=typed or there,
            types=types(), deliveries=deliveries[:PAGE], next=more, after=after, tested=tested, done=done,
            states=states(), hours=hours,
        )  # fmt: skip


def states() -> dict[str, str]:
    """What became of a delivery."""
    return {"delivered": _("Delivered"), "waiting": _("Waiting"), "failed": _("Failed")}
