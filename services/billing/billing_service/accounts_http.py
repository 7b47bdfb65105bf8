"""Charges and accounts, as the gateway asks about them."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from billing_service import account_queries, periods, quoting
from patchbay_chassis import bodies
from patchbay_chassis.database import Connection, Row
from patchbay_chassis.problems import Problem, invalid_at
from patchbay_chassis.service import Running
from patchbay_contracts.accounts import (
    Account,
    AccountQuery,
    BlockQuery,
    Charged,
    Charges,
    ChargesQuery,
    LimitQuery,
    ServiceChargesQuery,
)
from patchbay_contracts.price_lists import Scope
from patchbay_contracts.words import Money


def routes(running: Running) -> APIRouter:
    """/charges and everything under /accounts."""
    api = APIRouter()

    @api.post("/charges/search")
    async def search(request: Request) -> Response:
        asked = await bodies.read(request, ChargesQuery)
        after = _after(asked.after)
        async with running.database.connection() as db:
            rows = await account_queries.charges(db, asked, after)
            sums = await account_queries.sums(db, asked)
        page, more = rows[: asked.count], len(rows) > asked.count
        return bodies.said(
            Charges(
                charges=tuple(map(_charged, page)),
                monthly=tuple(Money(amount=s.monthly, currency=s.currency) for s in sums if s.begun),
                to_come=tuple(quoting.of(s.setup, s.monthly, s.currency) for s in sums if not s.begun),
                next=f"{page[-1].order_id}.{page[-1].position}" if more else None,
            )
        )

    @api.post("/charges/of-service")
    async def of_service(request: Request) -> Response:
        asked = await bodies.read(request, ServiceChargesQuery)
        async with running.database.connection() as db:
            rows = await account_queries.of_service(db, asked)
        return bodies.said(periods.of_service(rows, datetime.now(UTC)))

    @api.post("/accounts/get")
    async def get(request: Request) -> Response:
        asked = await bodies.read(request, AccountQuery)
        async with running.database.connection() as db:
            return bodies.said(await the(db, asked.customer_id, asked.resellers))

    @api.post("/accounts/block")
    async def block(request: Request) -> Response:
        return await become(await bodies.read(request, BlockQuery), "blocked")

    @api.post("/accounts/unblock")
    async def unblock(request: Request) -> Response:
        return await become(await bodies.read(request, BlockQuery), "active")

    async def become(asked: BlockQuery, state: str) -> Response:
        async with running.database.transaction() as db:
            await account_queries.open_account(db, asked.customer_id, asked.resellers)
            await account_queries.check_seen(db, asked)
            await account_queries.become(db, asked, state)
            return bodies.said(await the(db, asked.customer_id, asked.resellers))

    @api.post("/accounts/limit")
    async def limit(request: Request) -> Response:
        asked = await bodies.read(request, LimitQuery)
        async with running.database.transaction() as db:
            await account_queries.open_account(db, asked.customer_id, asked.resellers)
            await account_queries.check_seen(db, asked)
            await account_queries.limit(db, asked)
            return bodies.said(await the(db, asked.customer_id, asked.resellers))

    return api


async def the(db: Connection, customer_id: UUID, scope: Scope) -> Account:
    """The account. Raises Problem 404 where there is none of these resellers'."""
    found = await account_queries.account(db, customer_id, scope)
    if found is None:
        raise Problem(
            404,
            "There is no such account",
            "An account is opened by the customer's first order, or when it is blocked or limited.",
            code="no_such_account",
        )
    return found


def _after(cursor: str | None) -> tuple[UUID, int] | None:
    if cursor is None:
        return None
    try:
        order_id, _, position = cursor.partition(".")
        return UUID(order_id), int(position) % 32_768
    except ValueError:
        raise invalid_at("/after", "not a cursor of ours", "give `next` of the answer before") from None


def _charged(row: Row) -> Charged:
    return Charged(
        order_id=row.order_id,
        position=row.position,
        line=row.line,
        customer_id=row.customer_id,
        reseller=row.reseller,
        service_type=row.service_type,
        grade=row.grade or None,
        quantity=row.quantity,
        numbers=tuple(row.numbers),
        each=quoting.of(row.setup, row.monthly, row.currency),
        total=quoting.of(row.setup, row.monthly, row.currency, row.quantity),
        state=row.state,
        since=row.starts_at,
        price_list=row.price_list,
        version=row.version,
    )
