"""Orders: the list of all that an operator's resellers placed, and the same as CSV."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import customer_records, order_queries, views
from gateway_service.drafts import Desk
from gateway_service.labels import label_in
from gateway_service.order_queries import FIRST, LAST, Wanted
from gateway_service.pages import listing, one_box, reach, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import Filters
from gateway_service.pages.people import Operator
from gateway_service.pages.reach import Reach
from gateway_service.queries import State
from patchbay_contracts.customers import Details
from patchbay_contracts.words import Text

Clerk = Annotated[Operator, Depends(site.having("operator"))]

PAGE, MANY = 50, 200
STATES: tuple[State, ...] = get_args(State)
HEAD = (
    "order", "kind", "reseller", "state", "reference", "customer", "customer_name", "customer_reference", "accepted_at",
    "ended_at",
)  # fmt: skip


def router(desk: Desk) -> APIRouter:
    """The list, in both forms."""
    routes = site.routes("/orders")

    @routes.get("")
    async def show(request: Request, who: Clerk) -> Response:
        sees = await reach.of(desk.upstream, who)
        filters, ids, wanted = await _asked(request, desk, sees)
        rows: Sequence[Any] = ()
        if not filters.errors:
            async with desk.running.database.connection() as db:
                before = views.from_cursor(filters.after)
                rows = await order_queries.page(db, ids, wanted, before, PAGE + 1)
        next_ = filters.page(views.cursor(rows[PAGE - 1].id)) if len(rows) > PAGE else None
        return site.render(
            request,
            "orders-list.html",
            422 if filters.errors else 200,
            errors=filters.errors,
            filters=filters,
            sees=sees,
            states=[(state, states()[state]) for state in STATES],
            words=states(),
            rows=rows[:PAGE],
            customers=await customer_records.called(desk.upstream, sees.ids, (row.customer_id for row in rows[:PAGE])),
            next=next_,
        )

    @routes.get(".csv")
    async def download(request: Request, who: Clerk) -> Response:
        sees = await reach.of(desk.upstream, who)
        filters, ids, wanted = await _asked(request, desk, sees)
        if filters.errors:
            return site.elsewhere(request, str(request.url).replace("/orders.csv", "/orders", 1))
        return await listing.download("orders", HEAD, _all(desk, ids, wanted))

    return routes


def states() -> dict[str, str]:
    """What the states of orders are called."""
    return {
        "accepted": _("under way"),
        "waiting": _("waiting for its start"),
        "back_ordered": _("waiting for numbers"),
        "delayed": _("delayed"),
        "stuck": _("stuck"),
        "completed": _("completed"),
        "failed": _("failed"),
    }


async def _asked(request: Request, desk: Desk, sees: Reach) -> tuple[Filters, Sequence[str], Wanted]:
    """The filters, and what they mean."""
    filters = Filters(request, one_box.FIND, "state", "reseller", "reference", "label", "from", "to")
    state, reseller = filters.choice("state", STATES), filters.choice("reseller", sees.ids)
    try:
        views.from_cursor(filters.after)
    except ValueError:
        filters.errors[""] = _("This page of the list is not there. Begin with the first one.")
    if filters["reference"]:
        try:
            TypeAdapter(Text).validate_python(filters["reference"])
        except ValidationError:
            filters.errors["reference"] = _("A reference has 200 characters at the most, and no control characters")
    label = label_in(filters["label"])
    if filters["label"] and label is None:
        filters.errors["label"] = _("Enter a label as name:value, such as campaign:autumn")
    ids = (reseller,) if reseller else sees.ids
    like = None if filters.errors else await one_box.orders(desk, ids, filters)
    wanted = Wanted(
        next((known for known in STATES if known == state), None),
        filters["reference"],
        accepted_from=filters.day("from") or FIRST,
        accepted_before=filters.day("to", over=True) or LAST,
        labels=(label,) if label else (),
        likes=(like,) if like else (),
    )
    return filters, ids, wanted


async def _all(desk: Desk, ids: Sequence[str], wanted: Wanted) -> AsyncGenerator[list[Sequence[object]]]:
    before = views.NEWEST
    while True:
        async with desk.running.database.connection() as db:
            rows = await order_queries.page(db, ids, wanted, before, MANY)
        of = await customer_records.details(desk.upstream, ids, (row.customer_id for row in rows))
        yield [_cells(row, of.get(row.customer_id)) for row in rows]
        if len(rows) < MANY:
            return
        before = rows[-1].id


def _cells(row: Any, customer: Details | None) -> Sequence[object]:
    ended = row.ended_at.isoformat() if row.ended_at else None
    return (
        row.id,
        row.kind,
        row.reseller,
        row.state,
        row.reference,
        row.customer_id,
        customer.name if customer else None,
        customer.reference if customer else None,
        row.accepted_at.isoformat(),
        ended,
    )
