"""Webhooks, for administrators: where a reseller's events are sent to, whether that works, and with which secret."""

from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import webhook_queries, webhooks
from gateway_service.event_bodies import Type
from gateway_service.pages import reach, site
from gateway_service.pages.fields import fits, refused, unknown
from gateway_service.pages.language import gettext as _
from gateway_service.pages.operators import Administrator
from gateway_service.pages.reach import Reach
from gateway_service.upstream import Upstream
from gateway_service.webhooks_bodies import NewWebhook
from patchbay_chassis import problems
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running

TYPES: tuple[str, ...] = get_args(Type)
PLACES = {"/url": "url", "/types": "types", "/description": "description"}


@dataclass(frozen=True)
class Typed:
    """A webhook as it was typed."""

    url: str = "https://"
    types: tuple[str, ...] = ()
    description: str = ""

    def fields(self) -> dict[str, Any]:
        """As the API takes them."""
        return {"url": self.url, "types": self.types, "description": self.description}


def router(running: Running, upstream: Upstream) -> APIRouter:
    """The list, and a new one."""
    routes = site.routes("/webhooks")

    @routes.get("")
    async def list_all(request: Request, who: Administrator, reseller: str = "", done: str = "") -> Response:
        seen = await reach.of(upstream, who)
        these, errors = seen.narrowed(reseller)
        async with running.database.connection() as db:
            rows = await webhook_queries.of_resellers(db, these)
        return site.render(
            request, "webhooks.html", 422 if errors else 200,
            errors=errors, rows=rows, seen=seen, reseller=reseller, done=done,
        )  # fmt: skip

    @routes.get("/new")
    async def show_new(request: Request, who: Administrator) -> Response:
        seen = await reach.of(upstream, who)
        return _new(request, seen, Typed(), next(iter(seen.names)), mint())

    @routes.post("/new")
    async def make(request: Request, who: Administrator) -> Response:
        seen, form = await reach.of(upstream, who), await site.form(request)
        typed, reseller = typed_in(form), form.text("reseller")
        id_ = UUID(form.text("id")) if fits(UUID, form.text("id")) else mint()
        if errors := unknown(form, {"types": TYPES}):
            return _new(request, seen, typed, reseller, id_, errors=errors)
        if reseller not in seen.names:
            errors = {"reseller": _("Choose a reseller that you may act for")}
            return _new(request, seen, typed, reseller, id_, errors=errors)
        async with running.database.connection() as db:
            if await webhook_queries.one(db, reseller, id_):  # the form came again: its secret was shown, once
                return site.go(f"/webhooks/{id_}?done=made")
        try:
            row, secret = await webhooks.create(running, reseller, id_, NewWebhook.model_validate(typed.fields()))
        except ValidationError as error:
            errors = refused(Problem(422, "", errors=problems.faults(error)), PLACES)
        except Problem as problem:
            errors = refused(problem, PLACES)
        else:
            return site.render(request, "webhooks-made.html", row=row, secret=secret)
        return _new(request, seen, typed, reseller, id_, errors=errors)

    return routes


def _new(
    request: Request, seen: Reach, typed: Typed, reseller: str, id_: UUID, *, errors: dict[str, str] | None = None
) -> Response:
    return site.render(
        request, "webhooks-new.html", 422 if errors else 200,
        errors=errors, seen=seen, typed=typed, reseller=reseller, id_=id_, types=types(),
    )  # fmt: skip


def typed_in(form: site.Form) -> Typed:
    """What was typed."""
    ticked = tuple(type_ for type_ in TYPES if type_ in form.all("types"))
    return Typed(form.text("url"), ticked, form.text("description"))


def types() -> list[tuple[str, Any, Any]]:
    """What there is to be told, as choices."""
    told = {
        "order.completed": _("an order is carried out"),
        "order.failed": _("an order is refused, and undone"),
        "order.delayed": _("an order takes longer than usual"),
        "order.stuck": _("an order cannot be undone by itself"),
        "order.back_ordered": _("an order waits for numbers"),
        "order.amended": _("what an order wants was changed while it waited"),
        "order.progressed": _("each step of orders that are watched"),
        "service.changed": _("a service is changed"),
        "webhook.disabled": _("a webhook is disabled"),
    }
    return [(type_, type_, told[type_]) for type_ in TYPES]
