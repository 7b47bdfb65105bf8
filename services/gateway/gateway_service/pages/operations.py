"""Operations, for administrators of all resellers: orders that are stuck, and what to do about them; dead letters; and
how the machine is."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, get_args
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import dead_letter_queries, dead_letters
from gateway_service.dead_letter_queries import Wanted
from gateway_service.machine import Machine
from gateway_service.operations_http import mend
from gateway_service.pages import site
from gateway_service.pages.absent import Absent
from gateway_service.pages.language import gettext as _
from gateway_service.pages.operators import Administrator
from gateway_service.pages.people import Operator
from gateway_service.upstream import Upstream
from gateway_service.views import NEWEST
from patchbay_chassis.database import Database
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.operations import MendOrder, StuckOrders, StuckQuery, Way, Why

LETTERS = 5
"""So many dead letters are shown here, the newest."""


async def of_all(who: Administrator) -> Operator:
    """An administrator who acts for all resellers: what is shown here belongs to any of them."""
    if who.resellers is not None:
        detail = _("Ask somebody who looks after all resellers.")
        raise Problem(403, _("You may not see this page"), detail)
    return who


Runner = Annotated[Operator, Depends(of_all)]


class Sources(NamedTuple):
    """Whom the page asks."""

    database: Database
    upstream: Upstream
    machine: Machine


def router(of: Sources) -> APIRouter:
    """The page, and a decision about an order."""
    routes = site.routes("/operations")

    @routes.get("")
    async def show(
        request: Request, _who: Runner, order: str = "", after: UUID | None = None, done: str = ""
    ) -> Response:
        return await _page(request, of, after, order=order, done=done)

    @routes.post("")
    async def decide(request: Request, who: Runner) -> Response:
        form = await site.form(request)
        order, way, reason = form.text("order"), form.text("way"), form.text("reason")
        errors = {}
        if not is_a(UUID, order):
            errors["order"] = _("Choose an order")
        if not is_a(Way, way):
            errors["way"] = _("Choose what to do")
        if not is_a(Why, reason):
            errors["reason"] = _("Enter why, in 3 to 500 characters on one line")
        if not errors:
            id_ = UUID(form.text("id")) if is_a(UUID, form.text("id")) else mint()
            decision = MendOrder(id=id_, by=who.by, reason=reason)
            try:
                await mend(of.upstream, UUID(order), TypeAdapter[Way](Way).validate_python(way), decision)
            except Problem as problem:
                if problem.status not in {404, 409}:
                    raise
                errors["order"] = _("This order is not stuck any more")
            else:
                return site.go(f"/operations?done={way}")
        return await _page(request, of, None, order=order, way=way, reason=reason, errors=errors)

    return routes


async def _page(
    request: Request,
    of: Sources,
    after: UUID | None,
    *,
    order: str = "",
    way: str = "",
    reason: str = "",
    done: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    rest = Absent()  # while something is away, the rest is wanted all the more
    found, lag, steps, replicas, letters = await asyncio.gather(
        rest.spared(of.upstream.ask("provisioning", "/sagas/stuck", StuckQuery(after=after)), None),
        rest.spared(of.machine.lag(), None),
        rest.spared(of.machine.steps(), None),
        rest.spared(of.machine.replicas(), None),
        _newest_letters(of.database),
    )
    stuck = None if found is None else StuckOrders.model_validate_json(found)
    return site.render(
        request, "operations.html", 422 if errors else 200, errors=errors, found=stuck, after=after, order=order,
        way=way, reason=reason, done=done if done in get_args(Way) else "", id_=mint(), ways=ways(), lag=lag,
        steps=steps, replicas=replicas, letters=letters, step_names=step_names(),
    )  # fmt: skip


async def _newest_letters(database: Database) -> Sequence[Any]:
    async with database.connection() as db:
        rows = await dead_letter_queries.page(db, Wanted(), NEWEST, LETTERS)
    return [dead_letters.in_short(row) for row in rows]


def ways() -> list[tuple[str, str, str]]:
    """What can be done, as choices."""
    return [
        ("retry", _("Retry"), _("asks again what is not answered")),
        ("skip", _("Skip"), _("takes as undone what is not answered; look after it by hand, there")),
        ("compensate", _("Compensate"), _("asks at once for all that is left to undo, waiting for nothing")),
    ]


def step_names() -> dict[str, str]:
    """What the steps are called."""
    return {
        "queue": _("waits for the saga to begin"),
        "customer": _("customer"),
        "numbers": _("numbers"),
        "billing": _("billing"),
        "services": _("services"),
        "change.billing": _("change: billing"),
        "change.services": _("change: services"),
        "undo.customer": _("undo: customer"),
        "undo.numbers": _("undo: numbers"),
        "undo.billing": _("undo: billing"),
        "undo.services": _("undo: services"),
        "undo.change.billing": _("undo of a change: billing"),
        "undo.change.services": _("undo of a change: services"),
        "order": _("the whole order"),
    }


def is_a(kind: Any, value: str) -> bool:
    """Whether the text is one of that kind."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True
