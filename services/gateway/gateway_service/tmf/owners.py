"""What the owners know of what an order means: service types, services, its customer, a price list."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from gateway_service import customer_records
from gateway_service.tmf import orders_in
from gateway_service.tmf.errors import refused
from gateway_service.tmf.orders_in import Known, id_of
from gateway_service.tmf.reserved import PRICE_LIST
from gateway_service.tmf.sent import Order, Party
from gateway_service.upstream import Upstream
from patchbay_contracts.catalogue import Catalogue, CatalogueQuery
from patchbay_contracts.customers import CustomersFound, CustomersQuery
from patchbay_contracts.price_lists import ListsQuery, Versions
from patchbay_contracts.services import MOST_SHOWN, Service, Services, ServicesQuery

DETAILS = ("name", "email", "phone", "reference", "address")


async def known(upstream: Upstream, reseller: str, order: Order) -> Known:
    """All that has to be known to carry the order out. Raises Problem 422 for a customer who is not there."""
    sold = await service_types(upstream, reseller) if any(item.action == "add" for item in order.items) else {}
    automated = [item for item in order.items if orders_in.service_type(item, sold) is not None]
    unpriced = {
        orders_in.service_type(item, sold)
        for item in automated
        if all(one.name != PRICE_LIST for one in item.service.characteristics)
    }
    services_, customer_, *price_lists = await asyncio.gather(
        services(upstream, reseller, orders_in.service_ids(order)),
        customer(upstream, reseller, order.customers()),
        *(only_price_list(upstream, reseller, one) for one in unpriced if one is not None),
    )
    only = dict(zip((one for one in unpriced if one is not None), price_lists, strict=True))
    return Known(sold, services_, customer_, only)


async def service_types(upstream: Upstream, reseller: str) -> dict[str, str]:
    """The service types that the reseller may sell today, by their ids and by their names."""
    query = CatalogueQuery(resellers=(reseller,))
    found = (await upstream.recent.ask("provisioning", "/catalogue/list", query, Catalogue)).service_types
    return {one.name: one.service_type for one in found} | {one.service_type: one.service_type for one in found}


async def services(upstream: Upstream, reseller: str, ids: Sequence[UUID]) -> dict[UUID, Service]:
    """Those of these services that are the reseller's."""
    found = dict[UUID, Service]()
    for at in range(0, len(ids), MOST_SHOWN):
        query = ServicesQuery(resellers=(reseller,), ids=tuple(ids[at : at + MOST_SHOWN]))
        answer = await upstream.ask("provisioning", "/services/get", query)
        found |= orders_in.ids_of(Services.model_validate_json(answer).services)
    return found


async def only_price_list(upstream: Upstream, reseller: str, type_: str) -> str | None:
    """The price list that is in force and prices the service type, if there is but one."""
    query = ListsQuery(resellers=(reseller,), service_type=type_)
    found = (await upstream.recent.ask("billing", "/price-lists/list", query, Versions)).versions
    return found[0].price_list if len(found) == 1 else None


async def customer(upstream: Upstream, reseller: str, parties: Iterable[Party]) -> dict[str, Any] | None:
    """The one customer of an order, as its document has it: one that is there, by its id or by the reseller's own
    reference; or a new one, with its details. Raises Problem 422."""
    alike = {party.id or party.reference or party.email or party.name: party for party in parties}
    if not alike:
        return None
    if len(alike) > 1:
        raise refused("/relatedParty", "several customers are named", "order for each of them by itself")
    (party,) = alike.values()
    if party.id is not None and (found := await _there(upstream, reseller, party.id)) is not None:
        return {"kind": "existing", "id": str(found)}
    if party.id is not None and party.pin is None:
        remedy = "give the id or your own reference of a customer that is there, or e-mail address and PIN of a new one"
        raise refused("/relatedParty", "there is no such customer", remedy)
    details = {name: value for name in DETAILS if (value := getattr(party, name)) is not None}
    own = {"reference": party.id} if party.id is not None and party.reference is None else {}
    pin = {} if party.pin is None else {"pin": party.pin.get_secret_value()}
    return {"kind": "new"} | details | own | pin


async def existing(upstream: Upstream, reseller: str, parties: Iterable[Party]) -> UUID | None:
    """The one customer of a service that is recorded, who has to be there. Raises Problem 422."""
    found = await customer(upstream, reseller, [party.model_copy(update={"pin": None}) for party in parties])
    if found is not None and found["kind"] == "new":
        raise refused("/relatedParty", "it does not say which customer", "give the id of one that is there")
    return None if found is None else UUID(found["id"])


async def _there(upstream: Upstream, reseller: str, id_: str) -> UUID | None:
    if (named := id_of(id_)) is not None:
        found = await customer_records.get(upstream, [reseller], [named])
        return found[0].id if found else None
    query = CustomersQuery(resellers=(reseller,), text=id_)
    answer = CustomersFound.model_validate_json(await upstream.ask("customer", "/customers/search", query))
    return next((one.id for one in answer.customers if one.reference == id_), None)
