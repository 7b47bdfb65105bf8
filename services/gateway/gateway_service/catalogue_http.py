"""What can be ordered, over the public API: service types with their terms, and price lists, as they are in force."""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import etags, fields, lists, reading_openapi
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Day, Words, says
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import AllTerms, Catalogue, CatalogueQuery, Product, ProductQuery, Sold, TermsQuery
from patchbay_contracts.price_lists import ListsQuery, PriceListVersion, VersionHead, VersionQuery, Versions
from patchbay_contracts.words import Currency, Slug

SOLD = (*(name for name in Sold.model_fields if name != "resellers"), lists.LINKS)
PRODUCT = tuple(Product.model_fields)
INTERNAL = frozenset({"reseller", "state", "stands", "revision", "changed_at", "changed_by", "why", "valid_to"})
"""What is said of a version of a price list to those who look after it, and not to those who buy by it."""
HEAD = (*(name for name in VersionHead.model_fields if name not in INTERNAL), lists.LINKS)
WHOLE = tuple(name for name in PriceListVersion.model_fields if name not in INTERNAL)
Chosen = Annotated[Fields, Query(alias="fields")]


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of the catalogue and of price lists, for keys with the scope `orders` or `read`."""
    routes = Routes()
    for part in (_catalogue, _price_lists):
        routes.include_router(part(upstream, keys))
    return routes


def _catalogue(upstream: Upstream, keys: Keys) -> APIRouter:
    """What is sold."""
    routes = Routes(prefix="/v1/catalogue")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("", **reading_openapi.CATALOGUE)
    async def list_service_types(
        caller: Known, asked: Annotated[Asked, Depends()], text: Words = "", on: Day = None
    ) -> Response:
        query = CatalogueQuery(resellers=(caller.reseller,), on=on)
        found = Catalogue.model_validate_json(await upstream.ask("provisioning", "/catalogue/list", query))
        meant = [one for one in found.service_types if says(text, one.service_type, one.name, one.description)]
        rows = [_sold(one) | _self("catalogue", one.service_type, on) for one in meant]
        return await lists.answer(asked, "service_types", SOLD, lists.among(rows, SOLD[0]))

    @routes.get("/{service_type}", **reading_openapi.PRODUCT)
    async def show_service_type(
        service_type: Slug, request: Request, caller: Known, on: Day = None, fields_: Chosen = None
    ) -> Response:
        names = fields.chosen(fields_, PRODUCT)
        query = ProductQuery(resellers=(caller.reseller,), service_type=service_type, on=on)
        try:
            answer = await upstream.ask("provisioning", "/catalogue/get", query)
        except Problem as problem:
            if problem.status != 404:
                raise
            raise _not_sold(service_type, on) from None
        product = Product.model_validate_json(answer).model_dump(mode="json")
        return etags.shown(request, orjson.dumps(fields.only(product, names)))

    @routes.get("/{service_type}/terms", **reading_openapi.TERMS)
    async def show_terms(service_type: Slug, request: Request, caller: Known, on: Day = None) -> Response:
        query = TermsQuery(resellers=(caller.reseller,), service_types=(service_type,), on=on)
        found = AllTerms.model_validate_json(await upstream.ask("provisioning", "/catalogue/terms", query)).terms
        if not found:
            raise _not_sold(service_type, on)
        return etags.shown(request, found[0].model_dump_json().encode())

    return routes


def _price_lists(upstream: Upstream, keys: Keys) -> APIRouter:
    """What it costs."""
    routes = Routes(prefix="/v1/price-lists")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("", **reading_openapi.PRICE_LISTS)
    async def list_price_lists(
        *,
        caller: Known,
        asked: Annotated[Asked, Depends()],
        service_type: Annotated[Slug | None, Query(description="those that price it")] = None,
        currency: Currency | None = None,
        text: Words = "",
        on: Day = None,
    ) -> Response:
        query = ListsQuery(resellers=(caller.reseller,), service_type=service_type, on=on)
        found = Versions.model_validate_json(await upstream.ask("billing", "/price-lists/list", query)).versions
        meant = [one for one in found if currency in (None, one.currency) and says(text, one.price_list, one.name)]
        rows = [_head(one) | _self("price-lists", one.price_list, on) for one in meant]
        return await lists.answer(asked, "price_lists", HEAD, lists.among(rows, HEAD[0]))

    @routes.get("/{price_list}", **reading_openapi.PRICE_LIST)
    async def show_price_list(
        price_list: Slug, request: Request, caller: Known, on: Day = None, fields_: Chosen = None
    ) -> Response:
        names = fields.chosen(fields_, WHOLE)
        query = VersionQuery(resellers=(caller.reseller,), price_list=price_list, on=on)
        try:
            answer = await upstream.ask("billing", "/price-lists/get", query)
        except Problem as problem:
            if problem.status != 404:
                raise
            detail = f"You cannot buy by {price_list!r} {_then(on)}. See /v1/price-lists."
            raise Problem(404, "There is no such price list", detail, code="no_such_price_list") from None
        whole = PriceListVersion.model_validate_json(answer).model_dump(mode="json", exclude=set(INTERNAL))
        return etags.shown(request, orjson.dumps(fields.only(whole, names)))

    return routes


def _not_sold(service_type: str, on: date | None) -> Problem:
    detail = f"{service_type!r} is not sold to you {_then(on)}: see /v1/catalogue for what is."
    return Problem(404, "No such service type", detail, code="no_such_service_type")


def _then(on: date | None) -> str:
    return f"on {on}" if on else "today"


def _sold(one: Sold) -> dict[str, Any]:
    return one.model_dump(mode="json", exclude={"resellers"})


def _head(one: VersionHead) -> dict[str, Any]:
    return one.model_dump(mode="json", exclude=set(INTERNAL))


def _self(kind: str, id_: str, on: date | None) -> dict[str, Any]:
    """Where it is shown whole, as it is on that day."""
    return {"links": {"self": f"/v1/{kind}/{id_}" + (f"?on={on}" if on else "")}}
