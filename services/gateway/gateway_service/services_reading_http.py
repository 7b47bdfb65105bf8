"""Services read over the public API: all of a reseller's page by page or exported, and one whole."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import etags, fields, lists, looking, services_openapi
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Before, From, Page
from gateway_service.looking import Customer, Number
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.services import (
    ListedService,
    Service,
    ServicePage,
    ServiceQuery,
    Services,
    ServicesQuery,
    ServiceState,
)
from patchbay_contracts.words import Slug

LISTED = (*(name for name in ListedService.model_fields if name != "reseller"), lists.LINKS)
ALL = tuple(Service.model_fields)


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes that read services, for keys with the scope `orders` or `read`."""
    routes = Routes(prefix="/v1/services")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("", **services_openapi.PAGE)
    async def list_services(
        *,
        caller: Known,
        asked: Annotated[Asked, Depends()],
        customer_id: UUID | None = None,
        customer: Customer = None,
        order_id: UUID | None = None,
        service_type: Slug | None = None,
        state: ServiceState | None = None,
        number: Number = None,
        created_from: From = None,
        created_before: Before = None,
    ) -> Response:
        of = None if customer is None else await looking.customers(upstream, (caller.reseller,), customer)
        query = ServiceQuery(
            resellers=(caller.reseller,),
            customers=of,
            customer_id=customer_id,
            order_id=order_id,
            service_type=service_type,
            state=state,
            number=number,
            created_from=created_from,
            created_before=created_before,
        )

        async def fetch(after: str | None, limit: int) -> Page:
            page = query.model_copy(update={"after": after, "count": limit})
            found = ServicePage.model_validate_json(await upstream.ask("provisioning", "/services/search", page))
            return Page(await _rows(upstream, caller, found, whole=asked.kind != "json"), found.next)

        return await lists.answer(asked, "services", LISTED, fetch)

    @routes.get("/{id}", **services_openapi.ONE)
    async def show_service(
        id: UUID,  # noqa: A002 - its name in the path
        request: Request,
        caller: Known,
        fields_: Annotated[Fields, Query(alias="fields")] = None,
    ) -> Response:
        names = fields.chosen(fields_, ALL)
        return etags.shown(request, orjson.dumps(fields.only(await whole(upstream, caller, id), names)))

    return routes


async def whole(upstream: Upstream, caller: Caller, id_: UUID) -> dict[str, Any]:
    """All about a service. Raises Problem 404."""
    query = ServicesQuery(resellers=(caller.reseller,), ids=(id_,))
    found = Services.model_validate_json(await upstream.ask("provisioning", "/services/get", query))
    if not found.services:
        detail = f"You have no service {id_}. Its id is in the order that made it."
        raise Problem(404, "No such service", detail, code="no_such_service")
    return found.services[0].model_dump(mode="json")


async def _rows(upstream: Upstream, caller: Caller, found: ServicePage, *, whole: bool) -> list[dict[str, Any]]:
    """As a list shows them, with their first numbers; `whole`: with all of them."""
    all_numbers = dict[UUID, Any]()
    if whole and (ids := tuple(one.id for one in found.services if one.many_numbers > len(one.numbers))):
        query = ServicesQuery(resellers=(caller.reseller,), ids=ids)
        known = Services.model_validate_json(await upstream.ask("provisioning", "/services/get", query))
        all_numbers = {one.id: one.model_dump(mode="json")["numbers"] for one in known.services}
    rows = [one.model_dump(mode="json", exclude={"reseller"}) for one in found.services]
    return [
        row | {"numbers": all_numbers.get(one.id, row["numbers"]), "links": {"self": f"/v1/services/{one.id}"}}
        for row, one in zip(rows, found.services, strict=True)
    ]
