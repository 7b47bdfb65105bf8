"""One number of the inventory: how it is, whose it is, the service that has it, and what was changed about it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import reach, site
from gateway_service.pages.absent import Absent
from gateway_service.pages.inventory import Keeper, changes, number_of, pools
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.pages.people import Operator
from gateway_service.stock import Stock
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.inventory_answers import InventoryNumber, LogPage
from patchbay_contracts.numbers_in_service import NumberInService, NumbersInService, NumbersQuery


def router(upstream: Upstream) -> APIRouter:
    """The form that asks for a number, with what is known of it."""
    routes, stock = site.routes("/inventory"), Stock(upstream)

    @routes.get("/number")
    async def show(request: Request, who: Keeper) -> Response:
        filters = Filters(request, "number")
        number, found, service, absent, log = number_of(filters), None, None, Absent(), LogPage(entries=())
        if number and not filters.errors:
            found = await _found(stock, number, filters)
        if found is not None:
            log = await changes(stock, number)
        if found is not None and found.state == "assigned" and not found.taken_in:
            service = await absent.spared(_service(upstream, who, number), None)
        return site.render(
            request, "inventory-number.html", 422 if filters.errors else 200, errors=filters.errors, filters=filters,
            absent=absent.said, found=found, service=service, pools=pools(), states=states(), log=log,
            may_see=who.may("operator"),
        )  # fmt: skip

    return routes


def states() -> dict[str, str]:
    """How a number can be."""
    return {
        "free": _("free"), "held": _("held"), "assigned": _("in service"), "quarantined": _("at rest"),
    }  # fmt: skip


async def _found(stock: Stock, number: int, filters: Filters) -> InventoryNumber | None:
    try:
        return InventoryNumber.model_validate_json(await stock.get(f"/numbers/+{number}"))
    except Problem as problem:
        if problem.status != 404:
            raise
        filters.errors["number"] = _("This number is in no block, and nobody took it in")
        return None


async def _service(upstream: Upstream, who: Operator, number: int) -> NumberInService | None:
    """The service that has it; the shortest number that begins so comes first."""
    sees = await reach.of(upstream, who)
    query = NumbersQuery(resellers=sees.ids, number=f"+{number}", count=1)
    found = NumbersInService.model_validate_json(await upstream.ask("provisioning", "/numbers/search", query))
    return next((one for one in found.numbers if one.e164 == number), None)
