"""What service types and price lists are called; those that are sold no more go by their ids."""

import asyncio
from typing import NamedTuple

from gateway_service.pages.absent import Absent
from gateway_service.pages.wizard_names import Names
from gateway_service.upstream import Upstream
from patchbay_contracts.catalogue import Catalogue, CatalogueQuery
from patchbay_contracts.price_lists import ListsQuery, Versions


class Called(NamedTuple):
    """Names by ids."""

    types: Names
    lists: Names

    def type(self, id_: str) -> str:
        """What the service type is called."""
        return self.types.get(id_, id_)

    def list(self, id_: str | None) -> str:
        """What the price list is called; nothing for none."""
        return self.lists.get(id_, id_) if id_ else ""


async def of(upstream: Upstream, *resellers: str) -> Called:
    """What these resellers sell, and by which lists; while their owner cannot be asked, nothing has a name."""
    recent, spared = upstream.recent, Absent().spared
    types = recent.ask("provisioning", "/catalogue/list", CatalogueQuery(resellers=resellers), Catalogue, or_last=True)
    query = ListsQuery(resellers=resellers, all=True)
    lists = recent.ask("billing", "/price-lists/list", query, Versions, or_last=True)
    sold, priced = await asyncio.gather(spared(types, Catalogue()), spared(lists, Versions()))
    return Called(
        {one.service_type: one.name for one in sold.service_types},
        {one.price_list: one.name for one in priced.versions},
    )
