"""What service types and price lists are called; those that are sold no more go by their ids."""

import asyncio
from typing import NamedTuple

from gateway_service.pages.absent import Absent
from gateway_service.pages.wizard_names import Names, service_types
from gateway_service.upstream import Upstream
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
    query = ListsQuery(resellers=resellers, all=True)
    lists = upstream.recent.ask("billing", "/price-lists/list", query, Versions, or_last=True)
    types, priced = await asyncio.gather(service_types(upstream, *resellers), Absent().spared(lists, Versions()))
    return Called(types, {one.price_list: one.name for one in priced.versions})
