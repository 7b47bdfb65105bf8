"""Services of the TM Forum: looked at, recorded where they exist elsewhere, described by their clients."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from gateway_service.tmf import events, kept, owners, record_queries, services_in, services_out
from gateway_service.tmf.errors import in_use, refused, unknown
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.services_in import Recorded
from gateway_service.upstream import Upstream
from patchbay_chassis.envelope import mint
from patchbay_chassis.service import Running
from patchbay_contracts.services import Service
from patchbay_contracts.taken_in import (
    NOBODY,
    ChangeRecord,
    ForgetService,
    NumbersGet,
    NumbersKnown,
    ServicePart,
    ServicesInPart,
    TakeInService,
)


class Desk(NamedTuple):
    """Where services are kept, and for whom somebody looks at them."""

    running: Running
    upstream: Upstream
    reseller: str
    base: str

    async def part(self, asked: ServicePart) -> ServicesInPart:
        """Some of the reseller's services."""
        return ServicesInPart.model_validate_json(await self.upstream.ask("provisioning", "/services/part", asked))

    async def service(self, id_: str) -> Service:
        """One of them. Raises Problem 404."""
        known = id_of(id_)
        found = {} if known is None else await owners.services(self.upstream, self.reseller, [known])
        if known is None or known not in found:
            raise unknown("service", id_)
        return found[known]

    async def said(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What was said of them."""
        async with self.running.database.connection() as db:
            return await record_queries.get(db, self.reseller, "service", ids)

    async def keep(self, service: Service, sent: dict[str, Any], what: events.What) -> dict[str, Any]:
        """Keep what is said of one, and tell of it. How it is now."""
        async with self.running.database.transaction() as db:
            await record_queries.put(db, self.reseller, "service", str(service.id), sent)
            told = services_out.shown(service, sent, events.base())
            await events.tell_of(db, self.reseller, "Service", what, told)
        return services_out.shown(service, sent, self.base)

    async def shown(self, services: Sequence[Service]) -> list[dict[str, Any]]:
        """As clients see them."""
        said = await self.said([str(one.id) for one in services])
        return [services_out.shown(one, said.get(str(one.id)), self.base) for one in services]


async def one(desk: Desk, id_: str) -> dict[str, Any]:
    """A service. Raises Problem 404."""
    return (await desk.shown([await desk.service(id_)]))[0]


async def record(desk: Desk, document: dict[str, Any]) -> dict[str, Any]:
    """Take in a service that exists elsewhere. Raises Problem 400 and 422."""
    service, found = services_in.recorded(document)
    document = kept.without_secrets(kept.service(document))
    customer = await owners.existing(desk.upstream, desk.reseller, service.customers())
    await _check(desk, found)
    query = TakeInService(
        reseller=desk.reseller,
        id=mint(),
        customer_id=customer or NOBODY,
        service_type=found.service_type,
        state=services_out.RECORDED[found.state],
        numbers=found.numbers,
        settings=found.settings,
    )
    made = Service.model_validate_json(await desk.upstream.ask("provisioning", "/services/taken-in", query))
    return await desk.keep(made, document, "Create")


async def _check(desk: Desk, found: Recorded) -> None:
    """Numbers and services that are named are there. Raises Problem 422."""
    there = await owners.services(desk.upstream, desk.reseller, found.services)
    for at, id_ in enumerate(found.services):
        if id_ not in there:
            raise services_in.no_service(at)
    if found.numbers:
        query = NumbersGet(reseller=desk.reseller, numbers=found.numbers)
        answer = NumbersKnown.model_validate_json(await desk.upstream.ask("numbers", "/numbers/get", query))
        taken_in = {one.e164 for one in answer.numbers if one.taken_in}
        for at, number in enumerate(found.numbers):
            if number not in taken_in:
                message = f"+{number} is not among the numbers that you took in"
                raise refused(f"/supportingResource/{at}/id", message, "take it into the resource inventory first")


async def patch(desk: Desk, id_: str, given: dict[str, Any]) -> dict[str, Any]:
    """Change what is said of a service; of one that exists elsewhere also how it is. Raises Problem 400, 404, 422."""
    service = await desk.service(id_)
    told = (await desk.said([str(service.id)])).get(str(service.id), {})
    whole = services_out.shown(service, told, desk.base)
    sent = kept.without_secrets(kept.service(services_in.patched(service, whole, told, given)))
    if service.taken_in:
        parsed, found = services_in.recorded(whole | sent)
        customer = await owners.existing(desk.upstream, desk.reseller, parsed.customers())
        await _check(desk, found)
        query = ChangeRecord(
            reseller=desk.reseller,
            id=service.id,
            customer_id=customer or NOBODY,
            state=services_out.RECORDED[found.state],
            numbers=found.numbers,
            settings=found.settings,
        )
        answer = await desk.upstream.ask("provisioning", "/services/taken-in/change", query)
        service = Service.model_validate_json(answer)
    now = services_out.shown(service, sent, desk.base)
    return await desk.keep(service, sent, "AttributeValueChange" if now["state"] == whole["state"] else "StateChange")


async def delete(desk: Desk, id_: str) -> None:
    """Forget a service that exists elsewhere and does not work. Raises Problem 404 and 409."""
    service = await desk.service(id_)
    if not service.taken_in:
        if service.state in ("active", "suspended"):
            raise in_use("The service is carried out", "end it by an order, by an item with the action delete")
        raise in_use("The service belongs to its order", "leave it: it has ended, and is kept with the order")
    if service.state == "active":
        raise in_use("The service is active", "bring it into the state inactive or terminated first")
    query = ForgetService(reseller=desk.reseller, id=service.id)
    await desk.upstream.ask("provisioning", "/services/taken-in/forget", query)
    async with desk.running.database.transaction() as db:
        said = await record_queries.get(db, desk.reseller, "service", [str(service.id)])
        await record_queries.delete(db, desk.reseller, "service", str(service.id))
        told = services_out.shown(service, said.get(str(service.id)), events.base())
        await events.tell_of(db, desk.reseller, "Service", "Delete", told)
