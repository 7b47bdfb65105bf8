"""Operations, for administrators of all resellers: orders that are stuck, and what to do about them."""

from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.operations_http import mend
from gateway_service.pages import site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.operators import Administrator
from gateway_service.pages.people import Operator
from gateway_service.upstream import Upstream
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.operations import MendOrder, StuckOrders, StuckQuery, Way, Why


async def of_all(who: Administrator) -> Operator:
    """An administrator who acts for all resellers: what is shown here belongs to any of them."""
    if who.resellers is not None:
        detail = _("Ask somebody who looks after all resellers.")
        raise Problem(403, _("You may not see this page"), detail)
    return who


Runner = Annotated[Operator, Depends(of_all)]


def router(upstream: Upstream) -> APIRouter:
    """The page, and a decision about an order."""
    routes = site.routes("/operations")

    @routes.get("")
    async def show(
        request: Request, _who: Runner, order: str = "", after: UUID | None = None, done: str = ""
    ) -> Response:
        return await _page(request, upstream, after, order=order, done=done)

    @routes.post("")
    async def decide(request: Request, who: Runner) -> Response:
        form = await site.form(request)
        order, way, reason = form.text("order"), form.text("way"), form.text("reason")
        errors = {}
        if not _is(UUID, order):
            errors["order"] = _("Choose an order")
        if not _is(Way, way):
            errors["way"] = _("Choose what to do")
        if not _is(Why, reason):
            errors["reason"] = _("Enter why, in 3 to 500 characters on one line")
        if not errors:
            id_ = UUID(form.text("id")) if _is(UUID, form.text("id")) else mint()
            decision = MendOrder(id=id_, by=who.by, reason=reason)
            try:
                await mend(upstream, UUID(order), TypeAdapter[Way](Way).validate_python(way), decision)
            except Problem as problem:
                if problem.status not in {404, 409}:
                    raise
                errors["order"] = _("This order is not stuck any more")
            else:
                return site.go(f"/operations?done={way}")
        return await _page(request, upstream, None, order=order, way=way, reason=reason, errors=errors)

    return routes


async def _page(
    request: Request,
    upstream: Upstream,
    after: UUID | None,
    *,
    order: str = "",
    way: str = "",
    reason: str = "",
    done: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    found = StuckOrders.model_validate_json(await upstream.ask("provisioning", "/sagas/stuck", StuckQuery(after=after)))
    return site.render(
        request, "operations.html", 422 if errors else 200, errors=errors, found=found, after=after, order=order,
        way=way, reason=reason, done=done if done in get_args(Way) else "", id_=mint(), ways=ways(),
    )  # fmt: skip


def ways() -> list[tuple[str, str, str]]:
    """What can be done, as choices."""
    return [
        ("retry", _("Retry"), _("asks again what is not answered")),
        ("skip", _("Skip"), _("takes as undone what is not answered; look after it by hand, there")),
        ("compensate", _("Compensate"), _("asks at once for all that is left to undo, waiting for nothing")),
    ]


def _is(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True
