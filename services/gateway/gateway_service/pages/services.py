"""Services: the list of those that an operator's resellers have, and the same as CSV."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, get_args

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records
from gateway_service.drafts import Desk
from gateway_service.pages import called, listing, one_box, reach, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.pages.people import Operator
from gateway_service.pages.reach import Reach
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import Details
from patchbay_contracts.services import (
    ListedService,
    Service,
    ServicePage,
    ServiceQuery,
    Services,
    ServicesQuery,
    ServiceState,
)

Clerk = Annotated[Operator, Depends(site.having("operator"))]

PAGE, MANY = 50, 200
STATES: tuple[ServiceState, ...] = get_args(ServiceState)
HEAD = (
    "service", "reseller", "customer", "customer_name", "customer_reference", "service_type", "price_list", "state",
    "numbers", "created_at", "order",
)  # fmt: skip


def router(desk: Desk) -> APIRouter:
    """The list, in both forms."""
    routes, upstream = site.routes("/services"), desk.upstream

    @routes.get("")
    async def show(request: Request, who: Clerk) -> Response:
        sees = await reach.of(upstream, who)
        names = await called.of(upstream, *sees.ids)
        filters, query = await _asked(request, upstream, sees, PAGE)
        found = ServicePage()
        if query is not None:
            try:
                found = await _page(upstream, query)
            except Problem as problem:
                if problem.status != 422:
                    raise
                filters.errors[""] = _("This page of the list is not there. Begin with the first one.")
        chosen = filters["type"]
        return site.render(
            request,
            "services-list.html",
            422 if filters.errors else 200,
            errors=filters.errors,
            filters=filters,
            sees=sees,
            types=list((dict(names.types) | ({chosen: names.type(chosen)} if chosen else {})).items()),
            called=names,
            states=[(state, states()[state]) for state in STATES if state != "planned"],
            words=states(),
            by_number=query is not None and query.number is not None,
            rows=found.services,
            customers=await customer_records.called(upstream, sees.ids, (row.customer_id for row in found.services)),
            next=filters.page(found.next),
        )

    @routes.get(".csv")
    async def download(request: Request, who: Clerk) -> Response:
        sees = await reach.of(upstream, who)
        _filters, query = await _asked(request, upstream, sees, MANY)
        if query is None:
            return site.elsewhere(request, str(request.url).replace("/services.csv", "/services", 1))
        return await listing.download("services", HEAD, _all(upstream, query))

    return routes


def states() -> Mapping[str, str]:
    """What the states of services are called."""
    return {
        "planned": _("planned"),
        "active": _("active"),
        "suspended": _("suspended"),
        "ended": _("ended"),
        "refused": _("refused"),
        "withdrawn": _("withdrawn"),
    }


async def _asked(request: Request, upstream: Upstream, sees: Reach, count: int) -> tuple[Filters, ServiceQuery | None]:
    """The filters, and what they mean; nothing, if they make no sense."""
    filters = Filters(request, one_box.FIND, "type", "state", "reseller", "from", "to")
    state, reseller = filters.choice("state", STATES), filters.choice("reseller", sees.ids)
    created_from, created_before = filters.day("from"), filters.day("to", over=True)
    ids = (reseller,) if reseller else sees.ids
    found = {} if filters.errors else await one_box.services(upstream, ids, filters)
    if filters.errors:
        return filters, None
    given = {
        **found,
        "resellers": ids,
        "service_type": filters["type"] or None,
        "state": state,
        "created_from": created_from,
        "created_before": created_before,
        "count": count,
        "after": filters.after,
    }
    try:
        return filters, ServiceQuery.model_validate(given)
    except ValidationError as error:
        if any(fault["loc"][:1] == ("service_type",) for fault in error.errors()):
            filters.errors["type"] = _("Choose one of the list")
        else:
            filters.errors[""] = _("This page of the list is not there. Begin with the first one.")
        return filters, None


async def _page(upstream: Upstream, query: ServiceQuery) -> ServicePage:
    return ServicePage.model_validate_json(await upstream.ask("provisioning", "/services/search", query))


async def _all(upstream: Upstream, query: ServiceQuery) -> AsyncGenerator[list[Sequence[object]]]:
    """All rows, page by page. A list has the first numbers of a service alone, a CSV all of them."""
    after: str | None = None
    while True:
        page = await _page(upstream, query.model_copy(update={"after": after}))
        if page.services:
            wanted = ServicesQuery(resellers=query.resellers, ids=tuple(row.id for row in page.services))
            whole = Services.model_validate_json(await upstream.ask("provisioning", "/services/get", wanted))
            known = {one.id: one for one in whole.services}
            of = await customer_records.details(upstream, query.resellers, (row.customer_id for row in page.services))
            yield [_cells(row, known.get(row.id), of.get(row.customer_id)) for row in page.services]
        if page.next is None:
            return
        after = page.next


def _cells(row: ListedService, whole: Service | None, customer: Details | None) -> Sequence[object]:
    numbers = " ".join(f"+{number}" for number in (whole.numbers if whole else row.numbers))
    who = (row.customer_id, *((customer.name, customer.reference) if customer else (None, None)))
    kept = (row.id, row.reseller, *who, row.service_type, row.price_list, row.state)
    return (*kept, numbers, row.created_at.isoformat(), row.order_id)
