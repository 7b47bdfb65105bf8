"""Lists of services of the TM Forum, by their attributes."""

from typing import Any
from uuid import UUID

from gateway_service.tmf import described, narrowing, services_out
from gateway_service.tmf.selection import Selection
from gateway_service.tmf.services import Desk
from patchbay_contracts.taken_in import MOST_PART, ServicePart

ALWAYS = {
    "category": "CFS",
    "hasStarted": True,
    "serviceSpecification": {"@referredType": "ServiceSpecification"},
    "@type": "Service",
    "@baseType": "Entity",
}
"""What is shown of each service of which clients do not say otherwise."""
_TYPE = narrowing.names("service_types", services_out.TYPE)
_STATES = narrowing.states(
    {state: {"state": shown, "isServiceEnabled": state == "active"} for state, shown in services_out.STATES.items()}
)
_WAYS = {
    ("id",): narrowing.ids("ids"),
    ("name",): _TYPE,
    ("serviceType",): _TYPE,
    ("serviceSpecification", "id"): _TYPE,
    ("serviceSpecification", "name"): _TYPE,
    ("state",): _STATES,
    ("isServiceEnabled",): _STATES,
    ("serviceDate",): narrowing.since,
    ("startDate",): narrowing.since,
    ("relatedParty", "id"): narrowing.ids("customer_ids"),
    ("serviceOrderItem", "serviceOrderId"): narrowing.ids("order_ids"),
    ("supportingResource", "id"): narrowing.numbers,
    ("supportingResource", "name"): narrowing.numbers,
}
_ROOTS = {"href", "serviceCharacteristic", *(path[0] for path in _WAYS)}


async def listed(desk: Desk, asked: Selection) -> tuple[list[dict[str, Any]], int]:
    """A part of the services that match, the newest first, and how many match. Raises Problem 422 where too many would
    have to be looked through."""
    wanted, rest = narrowing.narrowed(asked, _WAYS, ALWAYS, _ROOTS)
    but_not, also = await _described(desk, asked)
    query = ServicePart(reseller=desk.reseller, **wanted, but_not=but_not, also=also)
    if not rest:
        found = await desk.part(query.model_copy(update={"offset": asked.offset, "count": asked.limit}))
        return await desk.shown(found.services), found.total
    matching, offset, total = list[dict[str, Any]](), 0, 1
    while offset < total:
        found = await desk.part(query.model_copy(update={"offset": offset, "count": MOST_PART}))
        described.check(total := found.total, "services", rest[0])
        matching += [whole for whole in await desk.shown(found.services) if asked.matches(whole)]
        offset += MOST_PART
    return matching[asked.offset : asked.offset + asked.limit], len(matching)


async def _described(desk: Desk, asked: Selection) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    """The services that their owner does not know as they are shown, and those of them that match."""
    if not asked.filters:
        return (), ()
    async with desk.running.database.connection() as db:
        said = await described.speaking(db, desk.reseller, "service", asked)
    ids, matching = [UUID(id_) for id_ in said], list[UUID]()
    for at in range(0, len(ids), MOST_PART):
        query = ServicePart(reseller=desk.reseller, ids=tuple(ids[at : at + MOST_PART]), count=MOST_PART)
        for one in (await desk.part(query)).services:
            if asked.matches(services_out.shown(one, said[str(one.id)], desk.base)):
                matching.append(one.id)
    return tuple(ids), tuple(matching)
