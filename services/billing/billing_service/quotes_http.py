"""What lines cost, as the gateway asks: previews, quotes that lock prices, comparisons."""

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from billing_service import queries, quote_queries, quoting
from billing_service.handlers import price_lists
from billing_service.model import Lists
from billing_service.settings import settings
from patchbay_chassis import bodies
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.quotes import (
    CompareQuery,
    GetQuoteQuery,
    Preview,
    PreviewQueries,
    PreviewQuery,
    Previews,
    QuoteQuery,
    QuotesQuery,
)
from patchbay_contracts.validity import MOST_CHECKED_BYTES


def routes(running: Running) -> APIRouter:
    """Everything under /quotes."""
    api = APIRouter(prefix="/quotes")
    api.include_router(_comparing(running))
    api.include_router(_listing(running))

    async def previewed(asked: PreviewQuery) -> Preview:
        lists = await _known(running, (line.price_list for line in asked.lines))
        return quoting.preview(asked.lines, lists, asked.reseller, datetime.now(UTC).date())

    @api.post("/preview")
    async def preview(request: Request) -> Response:
        return bodies.said(await previewed(await bodies.read(request, PreviewQuery)))

    @api.post("/preview/many")
    async def preview_many(request: Request) -> Response:
        asked = (await bodies.read(request, PreviewQueries, MOST_CHECKED_BYTES)).queries
        lists, today = (
            await _known(running, {line.price_list for one in asked for line in one.lines}),
            datetime.now(UTC).date(),
        )
        shown = (quoting.preview(one.lines, lists, one.reseller, one.day or today) for one in asked)
        return bodies.said(Previews(previews=tuple(shown)))

    @api.post("")
    async def quote(request: Request) -> Response:
        """A quote of all the lines, or none: an order is not charged what its quote does not show."""
        asked = await bodies.read(request, QuoteQuery)
        shown = await previewed(asked)
        if shown.unpriced:
            faults = [one.model_dump(include={"pointer", "message", "remedy"}) for one in shown.unpriced]
            raise Problem(422, "Some lines have no price", "Nothing was locked.", errors=faults, code="no_price")
        id_, holds = mint(), settings().quote_holds
        async with running.database.transaction() as db:
            await quote_queries.store(db, id_, asked.reseller, asked.owner, lines=shown.lines, holds=holds)
            made = await quote_queries.get(db, id_, asked.reseller)
        assert made is not None
        return bodies.said(made)

    @api.post("/get")
    async def get(request: Request) -> Response:
        asked = await bodies.read(request, GetQuoteQuery)
        async with running.database.connection() as db:
            found = await quote_queries.get(db, asked.id, asked.reseller)
        if found is None:
            fault = {"pointer": "/id", "message": "there is no such quote", "remedy": "quote again, or see its id"}
            raise Problem(404, "There is no such quote", errors=[fault], code="no_such_quote")
        return bodies.said(found)

    return api


async def _known(running: Running, ids: Iterable[str]) -> Lists:
    async with running.database.connection() as db:
        return await price_lists.get(db, ids)


def _comparing(running: Running) -> APIRouter:
    """Price lists beside each other."""
    api = APIRouter()

    async def replaced_by(shown: Preview, asked: CompareQuery) -> Lists:
        """Of the lists that stay, the versions that those in force replaced, by the names that `quoting.instead` has
        for them."""
        stay = {line.price_list: line.version for line in shown.lines if asked.instead[line.line] is None}
        async with running.database.connection() as db:
            found = await queries.versions_before(db, stay, {line.service_type for line in shown.lines})
        return {quoting.before_of(id_): versions for id_, versions in found.items()}

    async def locked(asked: CompareQuery) -> Preview | None:
        if asked.quote is None:
            return None
        async with running.database.connection() as db:
            found = await quote_queries.get(db, asked.quote, asked.reseller)
        return Preview(lines=found.lines, totals=found.totals) if found and found.state == "open" else None

    @api.post("/compare")
    async def compare(request: Request) -> Response:
        asked = await bodies.read(request, CompareQuery)
        lists = await _known(running, {*(line.price_list for line in asked.lines), *filter(None, asked.instead)})
        today = datetime.now(UTC).date()
        before = await locked(asked) or quoting.preview(asked.lines, lists, asked.reseller, today)
        replaced = await replaced_by(before, asked) if asked.versions_before else {}
        other = quoting.instead(asked, replaced.keys())
        after = quoting.preview(other, {**lists, **replaced}, asked.reseller, today)
        after = quoting.with_those_that_stay(before, after, asked, replaced.keys())
        return bodies.said(quoting.compared(before, after))

    return api


def _listing(running: Running) -> APIRouter:
    """Quotes in pages."""
    api = APIRouter()

    @api.post("/search")
    async def search(request: Request) -> Response:
        asked = await bodies.read(request, QuotesQuery)
        async with running.database.connection() as db:
            return bodies.said(await quote_queries.page(db, asked))

    return api
