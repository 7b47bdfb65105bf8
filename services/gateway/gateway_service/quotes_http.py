"""Quotes over the public API: what lines cost now, by another price list, or locked until a time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies
from gateway_service.describing import Described, answers, content, ref, route
from gateway_service.keys import Caller, Keys
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_LINES
from patchbay_contracts.quotes import CompareQuery, GetQuoteQuery, Lines, PreviewQuery, QuoteOwner, QuoteQuery
from patchbay_contracts.words import Slug

_OBJECT = {"type": "object"}


class QuotedLines(Frozen):
    """Lines in the order in which the order will have them."""

    model_config = ConfigDict(extra="forbid")

    lines: Lines


class NewQuote(QuotedLines):
    """Lines to price and lock. An order of a customer names the quote; that of a draft is made by the draft."""

    owner: QuoteOwner


class ComparedLists(QuotedLines):
    """The lines, and for each the price list to compare its own with; null where it stays."""

    instead: tuple[Slug | None, ...] = Field(max_length=MOST_LINES)


MODELS = (NewQuote, QuotedLines, ComparedLists)


def _described(summary: str, description: str, asks: type[Frozen] | None = None) -> Described:
    body = content(ref(asks.__name__)) if asks else None
    bad = (401, 403, 404, 413, 415, 422, 502, 503) if asks else (401, 403, 404, 422, 502, 503)
    return route(summary, description, answers(summary, content(_OBJECT), *bad), body)


QUOTE = _described(
    "Quote lines",
    "Prices them and locks the prices until `locked_until`: an order that names the quote is charged by them.",
    NewQuote,
)
PREVIEW = _described("Price lines", "As of now; nothing is locked, nothing is stored.", QuotedLines)
COMPARE = _described("Compare price lists", "The same lines by their own price lists and by others.", ComparedLists)
ONE = _described("Show a quote", "With its state, its lines and, once it was used, the order that used it.")


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of quotes, for keys with the scope `orders`."""
    routes = APIRouter(prefix="/v1/quotes")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.post("", **QUOTE)
    async def quote(request: Request, caller: Known) -> Response:
        asked = await bodies.read(request, NewQuote)
        query = _for(QuoteQuery, caller, asked)
        return Response(await upstream.ask("billing", "/quotes", query), media_type=bodies.JSON)

    @routes.post("/preview", **PREVIEW)
    async def preview(request: Request, caller: Known) -> Response:
        asked = await bodies.read(request, QuotedLines)
        query = _for(PreviewQuery, caller, asked)
        return Response(await upstream.ask("billing", "/quotes/preview", query), media_type=bodies.JSON)

    @routes.post("/compare", **COMPARE)
    async def compare(request: Request, caller: Known) -> Response:
        asked = await bodies.read(request, ComparedLists)
        query = _for(CompareQuery, caller, asked)
        return Response(await upstream.ask("billing", "/quotes/compare", query), media_type=bodies.JSON)

    @routes.get("/{id}", **ONE)
    async def show(id: UUID, caller: Known) -> Response:  # noqa: A002 - its name in the path
        query = GetQuoteQuery(reseller=caller.reseller, id=id)
        return Response(await upstream.ask("billing", "/quotes/get", query), media_type=bodies.JSON)

    return routes


def _for(kind: type[PreviewQuery | CompareQuery], caller: Caller, asked: QuotedLines) -> Frozen:
    """What is asked, for the caller's reseller. Raises Problem 422 for lines that are too many together."""
    try:
        return kind.model_validate({"reseller": caller.reseller, **asked.model_dump()})
    except ValidationError as error:
        raise Problem(422, "The request is not valid", errors=faults(error)) from None
