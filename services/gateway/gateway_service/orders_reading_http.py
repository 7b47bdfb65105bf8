"""Orders read over the public API: all of a reseller's page by page or exported, and one with its timeline."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import etags, fields, lists, looking, order_queries, orders_openapi, queries, views
from gateway_service.as_of import AsOf
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.labels import Labels, labels_in
from gateway_service.lists import Asked, Before, From, Page
from gateway_service.looking import Customer, Number, OrdersOfNumber
from gateway_service.order_queries import FIRST, LAST, Like, Wanted
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.words import Slug, Text

LISTED = (
    "id", "kind", "state", "partly", "starts_at", "reference", "customer_id", "labels", "accepted_at", "ended_at",
    lists.LINKS,
)  # fmt: skip
PIECES = 10
"""Of so many thousands of orders with a number the others that are asked for are looked for, for one page; or so many
pieces of all orders are looked through."""
ALL = (*LISTED, "order", "outcome", "back_order", "lines", "cancel", "amend", "timeline")


def router(running: Running, upstream: Upstream, keys: Keys, as_of: AsOf) -> APIRouter:
    """The routes that read orders, for keys with the scope `orders` or `read`."""
    routes = Routes(prefix="/v1/orders")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("/{id}", **orders_openapi.ONE)
    async def show_order(
        id: UUID,  # noqa: A002 - its name in the path
        request: Request,
        caller: Known,
        fields_: Annotated[Fields, Query(alias="fields")] = None,
    ) -> Response:
        names = fields.chosen(fields_, ALL)
        async with running.database.connection() as db:
            row = await queries.order(db, caller.reseller, id)
        if row is None:
            detail = f"You have no order {id}. Its id is in the answer that accepted it."
            raise Problem(404, "No such order", detail, code="no_such_order")
        whole = views.whole(row)
        tag = views.tag(whole) if names is None else None
        return as_of.on(etags.shown(request, orjson.dumps(fields.only(whole, names)), tag=tag))

    @routes.get("", **orders_openapi.PAGE)
    async def list_orders(
        *,
        caller: Known,
        asked: Annotated[Asked, Depends()],
        state: queries.State | None = None,
        reference: Text | None = None,
        customer_id: UUID | None = None,
        customer: Customer = None,
        number: Number = None,
        service_type: Slug | None = None,
        created_from: From = None,
        created_before: Before = None,
        starts_from: From = None,
        starts_before: Before = None,
        label: Labels = [],  # noqa: B006 - FastAPI makes a new one each time
    ) -> Response:
        since, until = created_from or FIRST, created_before or LAST
        wanted = Wanted(state, reference or "", customer_id, accepted_from=since, accepted_before=until)
        likes, of = list[Like](), (caller.reseller,)
        if customer is not None:
            likes.append(Like(customers=await looking.customers(upstream, of, customer)))
        wanted = wanted._replace(labels=labels_in(label), likes=tuple(likes))
        wanted = wanted._replace(service_type=service_type or "", starts_from=starts_from, starts_before=starts_before)
        with_number = None if number is None else OrdersOfNumber(upstream, running.database, caller.reseller, number)

        async def fetch(after: str | None, limit: int) -> Page:
            try:
                before = views.from_cursor(after)
            except ValueError:
                raise lists.bad_cursor() from None
            rows, end = await _newest(running, caller.reseller, wanted, with_number, (before, limit))
            end = rows[limit - 1].id if len(rows) > limit else end
            return Page([views.summary(row) for row in rows[:limit]], views.cursor(end) if end else None)

        return as_of.on(await lists.answer(asked, "orders", LISTED, fetch))

    return routes


async def _newest(
    running: Running, reseller: str, wanted: Wanted, with_number: OrdersOfNumber | None, place: tuple[UUID, int]
) -> tuple[Sequence[Any], UUID | None]:
    """Orders that are older than one, one more than a page has; or fewer, and where the search is gone on from."""
    before, limit = place
    end, narrowed, rows = None, wanted, list[Any]()
    for _ in range(PIECES):
        if with_number is not None:
            ids, end = await with_number.before(before)
            narrowed = wanted._replace(likes=(*wanted.likes, Like(ids=ids)))
        async with running.database.connection() as db:
            if with_number is None and wanted.is_looked_for:
                end = await order_queries.piece(db, reseller, wanted, before)
                narrowed = wanted._replace(since=end or wanted.since)
            rows += await order_queries.page(db, (reseller,), narrowed, before, limit + 1 - len(rows))
        if end is None or len(rows) > limit:
            break
        before = end
    return rows, end
