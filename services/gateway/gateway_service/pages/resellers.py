"""The resellers that an operator may act for, as the customer service knows them."""

from collections.abc import Collection, Mapping

from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.customers import ResellerRecord, ResellersFound, ResellersGet, ResellersQuery


async def found(upstream: Upstream, among: tuple[str, ...] | None, text: str = "", limit: int = 50) -> ResellersFound:
    """Those among these (None: all) of which the name or the id begins so, by name."""
    query = ResellersQuery(resellers=among, text=text, limit=limit)
    return await upstream.recent.ask("customer", "/resellers/list", query, ResellersFound, or_last=True)


async def records(upstream: Upstream, ids: Collection[str]) -> Mapping[str, ResellerRecord]:
    """These resellers, as far as they are there."""
    if not ids:
        return {}
    query = ResellersGet(ids=tuple(sorted(ids)))
    answer = await upstream.recent.ask("customer", "/resellers/get", query, ResellersFound, or_last=True)
    return {one.id: one for one in answer.resellers}


async def is_there(upstream: Upstream, id_: str) -> bool:
    """Whether there is such a reseller; while the customer service is away it is believed."""
    try:
        return id_ in await records(upstream, {id_})
    except Problem as problem:
        if problem.status < 500:
            raise
        return True


async def names(upstream: Upstream, ids: Collection[str]) -> Mapping[str, str]:
    """What they are called; their ids, while the customer service is away."""
    try:
        known = await records(upstream, ids)
    except Problem as problem:
        if problem.status < 500:
            raise
        known = {}
    return {id_: known[id_].name if id_ in known else id_ for id_ in ids}
