"""Service orders of the TM Forum that somebody carries out by hand: the list of those that wait, and one to move on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.drafts import Desk
from gateway_service.pages import reach, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.orders import Clerk
from gateway_service.tmf import order_queries, orders_moving, orders_out
from gateway_service.tmf.order_queries import LAST, Stored
from gateway_service.tmf.order_states import NEXT, STATES, State
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.orders_patch import Mover
from gateway_service.tmf.sent import items_of
from patchbay_chassis.problems import Problem

PAGE = 50
MOST_WHY = 200


def router(desk: Desk) -> APIRouter:
    """The pages."""
    routes = site.routes("/manual-orders")

    @routes.get("")
    async def show_all(request: Request, who: Clerk) -> Response:
        sees = await reach.of(desk.upstream, who)
        before = id_of(request.query_params.get("after")) or LAST
        async with desk.running.database.connection() as db:
            found = await order_queries.waiting(db, sees.ids, before, PAGE + 1)
            orders = await order_queries.carried_out(db, found)
        rows = [(one, orders_out.shown(one, orders, "")["state"], _what(one)) for one in found[:PAGE]]
        next_ = f"/manual-orders?after={found[PAGE - 1].id}" if len(found) > PAGE else None
        first = "/manual-orders" if before != LAST else None
        return site.render(request, "manual-orders.html", rows=rows, words=states(), sees=sees, next=next_, first=first)

    @routes.get("/{id_}")
    async def show(request: Request, id_: UUID, who: Clerk) -> Response:
        return await _one(request, id_, who)

    @routes.post("/{id_}")
    async def move(request: Request, id_: UUID, who: Clerk) -> Response:
        form = await site.form(request)
        sees = await reach.of(desk.upstream, who)
        then, why = form.text("state"), form.text("why")
        errors = {"why": _("A reason has 200 characters at the most")} if len(why) > MOST_WHY else {}
        if not errors:
            mover = Mover(f"operator:{who.email}", datetime.now(UTC), why)
            try:
                await orders_moving.move(desk.running, sees.ids, id_, then, mover)
            except Problem as problem:
                if problem.status != 422:
                    raise
                errors["state"] = _("The order cannot go there from where it is now")
        if errors:
            return await _one(request, id_, who, errors, {"state": then, "why": why})
        return site.go(f"/manual-orders/{id_}")

    async def _one(
        request: Request,
        id_: UUID,
        who: Clerk,
        errors: Mapping[str, str] | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        sees = await reach.of(desk.upstream, who)
        async with desk.running.database.connection() as db:
            found = [order for one in sees.ids if (order := await order_queries.one(db, one, id_)) is not None]
            orders = await order_queries.carried_out(db, found)
        if not found:
            raise Problem(404, _("There is no such order"), _("You have no order with this id."))
        whole = orders_out.shown(found[0], orders, "")
        return site.render(
            request,
            "manual-orders-one.html",
            422 if errors else 200,
            errors=errors,
            order=found[0],
            whole=whole,
            items=_items(found[0], whole),
            reseller=sees.names[found[0].reseller],
            words=states(),
            next=[(state, states()[state]) for state in _next(found[0])],
            typed={"state": "", "why": ""} | dict(typed or {}),
        )

    return routes


def states() -> dict[State, str]:
    """What the states of the TM Forum are called."""
    return {
        "acknowledged": _("waits"),
        "inProgress": _("under way"),
        "held": _("held"),
        "pending": _("waits for information"),
        "assessingCancellation": _("cancellation asked for"),
        "pendingCancellation": _("being cancelled"),
        "cancelled": _("cancelled"),
        "completed": _("completed"),
        "partial": _("done in part"),
        "failed": _("failed"),
        "rejected": _("rejected"),
    }


def _next(order: Stored) -> list[State]:
    """Where all that is done by hand can go."""
    open_: list[tuple[State, ...]] = [NEXT[item["state"]] for item in order.items if NEXT.get(item.get("state", ""))]
    return [state for state in STATES if open_ and all(state in after for after in open_)]


def _items(order: Stored, whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each item in short."""
    return [
        {
            "id": one["id"],
            "action": one["action"],
            "what": _specification(one),
            "state": one["state"],
            "by_hand": "state" in became,
            "last": " ".join(filter(None, (became.get("by"), became.get("why")))),
        }
        for one, became in zip(items_of(dict(whole)), order.items, strict=True)
    ]


def _what(order: Stored) -> str:
    return ", ".join(dict.fromkeys(_specification(one) for one in items_of(order.sent)))


def _specification(item: Mapping[str, Any]) -> str:
    service = item["service"]
    named = service.get("serviceSpecification") or {}
    return str(named.get("name") or named.get("id") or service.get("name") or service.get("id") or "?")[:100]
