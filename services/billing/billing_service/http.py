"""What other services ask billing. It is not for the public: it believes who the reseller is, and who asks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from billing_service import (
    accounts_http,
    amending,
    amending_queries,
    change_checks,
    checks,
    lists_http,
    model,
    queries,
    quote_queries,
    quotes_http,
)
from billing_service.handlers import price_lists
from billing_service.standing import Standing
from patchbay_chassis import bodies, problems
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.prices import PriceQuery
from patchbay_contracts.v1.changes import AmendBilling
from patchbay_contracts.validity import (
    MOST_CHECKED_BYTES,
    Findings,
    ManyFindings,
    ValidityQueries,
    ValidityQuery,
)


def app(running: Running) -> FastAPI:
    """The API of a running billing service."""
    api = FastAPI(openapi_url=None)
    problems.install(api)
    for topic in (quotes_http, lists_http, accounts_http):
        api.include_router(topic.routes(running))

    @api.post("/prices")
    async def prices(request: Request) -> Response:
        asked = await bodies.read(request, PriceQuery)
        async with running.database.connection() as db:
            lists = await price_lists.get(db, [asked.price_list])
        found = model.prices(asked, lists, datetime.now(UTC).date())
        if isinstance(found, model.NoPrice):
            fault = {"pointer": f"/{found.field}", "message": found.message, "remedy": found.remedy}
            raise Problem(422, "There is no such price", errors=[fault], code="unknown_price")
        return bodies.said(found)

    @api.post("/validity")
    async def validity(request: Request) -> Response:
        (found,) = await findings([await bodies.read(request, ValidityQuery)])
        return bodies.said(found)

    @api.post("/validity/many")
    async def validity_of_many(request: Request) -> Response:
        asked = await bodies.read(request, ValidityQueries, MOST_CHECKED_BYTES)
        return bodies.said(ManyFindings(answers=await findings(asked.queries)))

    async def findings(asked: Sequence[ValidityQuery]) -> tuple[Findings, ...]:
        customers = [(one.customer.id, one.reseller) for one in asked if one.customer and one.customer.id]
        wanted = {one.quote for one in asked if one.quote}
        async with running.database.connection() as db:
            lists = await price_lists.get(db, set[str]().union(*map(checks.price_lists_of, asked)))
            quotes = await quote_queries.find(db, wanted) if wanted else {}
            standing = await queries.accounts_standing(db, customers) if customers else {}
        now = datetime.now(UTC)

        def known(one: ValidityQuery) -> checks.Known:
            of_customer = standing.get((one.customer.id, one.reseller)) if one.customer and one.customer.id else None
            quote = quotes.get(one.quote) if one.quote else None
            if quote is not None and one.starts is not None:  # what is left of it by then
                quote = replace(quote, left=quote.left - (one.starts - now))
            return checks.Known(lists, of_customer or Standing(), quote, one.begins or now.date())

        return tuple(Findings(findings=checks.findings(one, known(one))) for one in asked)

    @api.post("/changes/validity")
    async def of_change(request: Request) -> Response:
        command = await bodies.read(request, AmendBilling)
        customer = (command.customer_id, command.reseller)
        async with running.database.connection() as db:
            lists = await price_lists.get(db, amending.lists_of(command))
            standing = (await queries.accounts_standing(db, [customer])).get(customer, Standing())
            ledgers = await amending_queries.ledgers(db, [command])
        found = change_checks.findings(command, standing, ledgers, lists, datetime.now(UTC).date())
        return bodies.said(Findings(findings=tuple(found)))

    return api
