"""What an operator asks of an order that is under way: to be taken back, or to wait otherwise for its numbers."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import amending, cancelling
from gateway_service.drafts import Desk
from gateway_service.pages import order_forms, site
from gateway_service.pages.fields import Fields, refused
from gateway_service.pages.language import gettext as _
from gateway_service.pages.orders import Clerk
from gateway_service.pages.orders_page import Page
from gateway_service.pages.wizard_typed import uuid
from patchbay_chassis.problems import Problem


def router(desk: Desk) -> APIRouter:
    """The forms of an order's page."""
    page, routes = Page(desk), site.routes("/orders/{id_}")

    @routes.post("/cancel")
    async def cancel(request: Request, id_: UUID, who: Clerk) -> Response:
        seen, fields = await page.found(who, id_), Fields(await site.form(request))
        why = fields.why()
        errors = fields.errors
        if not errors:
            try:
                await cancelling.cancel(desk.running, seen.row.reseller, id_, why, by=who.by)
            except Problem as problem:
                errors = refused(problem, {})
        if errors:
            return await page.shown(request, seen, why=why, errors=errors)
        return site.go(f"/orders/{id_}")

    @routes.post("/amend")
    async def amend(request: Request, id_: UUID, who: Clerk) -> Response:
        seen, form = await page.found(who, id_), await site.form(request)
        row, made = seen.row, uuid(form.text("id"))
        shown = order_forms.shown_in(row)
        typed = order_forms.typed_in(form, shown)
        if made is None:
            raise Problem(422, _("This form is not from here"), _("Open the order's page anew."))
        wanted, errors = order_forms.read(Fields(form), typed, shown)
        if wanted is not None:
            try:
                tag = form.text("seen")
                await amending.amend(desk.running, row.reseller, id_, wanted, tag, made=made, by=who.by)
            except Problem as problem:
                errors = _stale() if problem.status == 412 else refused(problem, order_forms.places(typed, wanted))
        if errors:
            return await page.shown(request, seen, typed=typed, errors=errors)
        return site.go(f"/orders/{id_}")

    return routes


def _stale() -> dict[str, str]:
    return {"": _("The order is another one than you saw: look at it, and press again if that is still what you want")}
