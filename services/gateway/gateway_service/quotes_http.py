"""Quotes over the public API: what lines cost now, by another price list, or locked until a time."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, etags, fields, lists, reading_openapi
from gateway_service.describing import Described, answers, content, ref, route
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Before, From, Page
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import faults, invalid_fields
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_LINES
from patchbay_contracts.quotes import (
    CompareQuery,
    GetQuoteQuery,
    Lines,
    PreviewQuery,
    Quote,
    QuoteOwner,
    QuotePage,
    QuoteQuery,
    QuotesQuery,
)
from patchbay_contracts.words import Slug

QuoteState = Literal["open", "used", "ended"]
LISTED = (*(name for name in Quote.model_fields if name not in {"reseller", "lines"}), lists.LINKS)
ALL = tuple(Quote.model_fields)


class QuotedLines(Frozen):
    """Lines in the order in which the order will have them."""

    model_config = ConfigDict(extra="forbid")

    lines: Lines


class NewQuote(QuotedLines):
    """Lines to price and lock. A customer's quote is for that customer's orders; that of a draft, or of any id of the
    caller's own, for whichever order names it, also of a new customer."""

    owner: QuoteOwner


class ComparedLists(QuotedLines):
    """The lines, and for each the price list to compare its own with; null where it stays."""

    instead: tuple[Slug | None, ...] = Field(max_length=MOST_LINES)


MODELS = (NewQuote, QuotedLines, ComparedLists)


def _described(summary: str, description: str, asks: type[Frozen], example: Any, answer: Any) -> Described:
    body = content(ref(asks.__name__), example)
    bad = (401, "scope_missing", 413, 415, 422, "no_price", 502, 503)
    return route(summary, description, answers(summary, answer, *bad), body)


_LINE = {"service_type": "voice-line", "price_list": "standard-gbp", "services": 1, "numbers": {"gold": 1}}
_QUOTE = reading_openapi.QUOTE | {"reseller": "acme", "lines": []}
_SIDE = {"lines": [], "totals": reading_openapi.QUOTE["totals"]}
QUOTE = _described(
    "Quote lines",
    "Prices them and locks the prices until `locked_until`: an order that names the quote is charged by them,"
    " once. Its lines name their price lists as well. For a new customer give an `owner` of the kind `draft`, with an"
    " id of your choice.",
    NewQuote,
    {"owner": reading_openapi.QUOTE["owner"], "lines": [_LINE]},
    content(ref("Quote"), _QUOTE),
)
PREVIEW = _described(
    "Price lines",
    "As of now; nothing is locked, nothing is stored.",
    QuotedLines,
    {"lines": [_LINE]},
    content({"type": "object"}, _SIDE),
)
COMPARE = _described(
    "Compare price lists",
    "The same lines by their own price lists and by others.",
    ComparedLists,
    {"lines": [_LINE], "instead": ["summer-gbp"]},
    content({"type": "object"}, {"lines": [], "before": _SIDE, "after": _SIDE, "differences": []}),
)
ONE = reading_openapi.one(
    "Show a quote",
    "With its state, its lines and, once it was used, the order that used it.",
    "Quote",
    _QUOTE,
    "no_such_quote",
)
PAGE = reading_openapi.QUOTES


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of quotes, for keys with the scope `orders`."""
    routes = Routes(prefix="/v1/quotes")
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

    @routes.get("", **PAGE)
    async def list_quotes(
        *,
        caller: Known,
        asked: Annotated[Asked, Depends()],
        state: Annotated[QuoteState | None, Query(description="`ended`: its time is over, and it was not used")] = None,
        owner_id: Annotated[UUID | None, Query(description="the draft or customer that it is for")] = None,
        customer_id: Annotated[UUID | None, Query(description="the customer that it is for")] = None,
        order_id: Annotated[UUID | None, Query(description="the order that used it")] = None,
        price_list: Annotated[Slug | None, Query(description="one of its lines is priced by it")] = None,
        created_from: From = None,
        created_before: Before = None,
    ) -> Response:
        query = QuotesQuery(
            reseller=caller.reseller,
            state=state,
            owner_id=owner_id,
            customer_id=customer_id,
            used_by=order_id,
            price_list=price_list,
            quoted_from=created_from,
            quoted_before=created_before,
        )

        async def fetch(after: str | None, limit: int) -> Page:
            page = query.model_copy(update={"after": _position(after), "count": limit})
            found = QuotePage.model_validate_json(await upstream.ask("billing", "/quotes/search", page))
            return Page([_listed(one) for one in found.quotes], str(found.next) if found.next else None)

        return await lists.answer(asked, "quotes", LISTED, fetch)

    @routes.get("/{id}", **ONE)
    async def show(
        id: UUID,  # noqa: A002 - its name in the path
        request: Request,
        caller: Known,
        fields_: Annotated[Fields, Query(alias="fields")] = None,
    ) -> Response:
        names = fields.chosen(fields_, ALL)
        query = GetQuoteQuery(reseller=caller.reseller, id=id)
        found = Quote.model_validate_json(await upstream.ask("billing", "/quotes/get", query)).model_dump(mode="json")
        return etags.shown(request, orjson.dumps(fields.only(found, names)))

    return routes


def _listed(quote: Quote) -> dict[str, Any]:
    shown = quote.model_dump(mode="json", exclude={"reseller", "lines"})
    return shown | {"links": {"self": f"/v1/quotes/{quote.id}"}}


def _position(after: str | None) -> UUID | None:
    try:
        return None if after is None else UUID(after)
    except ValueError:
        raise lists.bad_cursor() from None


def _for(kind: type[PreviewQuery | CompareQuery], caller: Caller, asked: QuotedLines) -> Frozen:
    """What is asked, for the caller's reseller. Raises Problem 422 for lines that are too many together."""
    try:
        return kind.model_validate({"reseller": caller.reseller, **asked.model_dump()})
    except ValidationError as error:
        raise invalid_fields(faults(error)) from None
