"""Resources of the TM Forum, which are numbers: looked at, recorded where they exist elsewhere, described."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway_service.tmf import events, record_queries, resources_out
from gateway_service.tmf.errors import bad, in_use, refused, unknown
from gateway_service.tmf.orders_patch import merged
from gateway_service.tmf.resources_out import STATES, Number
from gateway_service.tmf.sent import Number as Sent
from gateway_service.tmf.sent import plain, read
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint
from patchbay_chassis.service import Running
from patchbay_contracts.message import Frozen
from patchbay_contracts.services import Service
from patchbay_contracts.taken_in import (
    MOST_PART,
    AllTakenIn,
    ForgetNumber,
    NumberInService,
    NumberKnown,
    NumberPart,
    NumbersGet,
    NumbersInPart,
    NumbersKnown,
    ServicePart,
    ServicesInPart,
    TakeInNumber,
    TakenIn,
    TakenInQuery,
)
from patchbay_contracts.words import parse_e164

LIVE = ("active", "suspended")
FIXED = {"id", "href", "value", "@type", "@baseType", "@schemaLocation", "resourceSpecification"}
KEPT = {*STATES, "resourceCharacteristic", "startOperatingDate", "endOperatingDate"}
"""What of a number of the house is as its owner says."""


class Desk(NamedTuple):
    """Where numbers are kept, and for whom somebody looks at them."""

    running: Running
    upstream: Upstream
    reseller: str
    base: str

    async def known(self, numbers: Sequence[int]) -> dict[int, NumberKnown]:
        """What the reseller may know of these."""
        found = dict[int, NumberKnown]()
        for at in range(0, len(numbers), MOST_PART):
            query = NumbersGet(reseller=self.reseller, numbers=tuple(numbers[at : at + MOST_PART]))
            answer = await self.upstream.ask("numbers", "/numbers/get", query)
            found |= {one.e164: one for one in NumbersKnown.model_validate_json(answer).numbers}
        return found

    async def services_of(self, number: int) -> ServicesInPart:
        """The services that have it, working or not."""
        query = ServicePart(reseller=self.reseller, numbers=(number,), states=LIVE, count=1)
        return ServicesInPart.model_validate_json(await self.upstream.ask("provisioning", "/services/part", query))

    async def taken_in(self) -> tuple[TakenIn, ...]:
        """All that the reseller took in, the newest first. Raises Problem 422 for more than are listed."""
        answer = await self.upstream.ask("numbers", "/numbers/taken-in/list", TakenInQuery(reseller=self.reseller))
        found = AllTakenIn.model_validate_json(answer)
        if found.total > len(found.numbers):
            message = f"{found.total} numbers were taken in, and {len(found.numbers)} at the most are listed"
            raise refused("", message, "ask for each by its id")
        return found.numbers

    async def in_service(self, query: NumberPart) -> NumbersInPart:
        """Some of the numbers in the reseller's services."""
        return NumbersInPart.model_validate_json(await self.upstream.ask("provisioning", "/services/numbers", query))

    async def said(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What clients said of these, by id."""
        async with self.running.database.connection() as db:
            return await record_queries.get(db, self.reseller, "resource", ids)

    async def shown(self, numbers: Sequence[Number]) -> list[dict[str, Any]]:
        """As clients see them."""
        ids = [f"+{one.known.e164}" for one in numbers]
        said = await self.said(ids)
        return [resources_out.shown(one, said.get(id_), self.base) for one, id_ in zip(numbers, ids, strict=True)]

    async def keep(self, number: Number, sent: dict[str, Any], what: events.What) -> dict[str, Any]:
        """Keep what is said of one, and tell of it. How it is now."""
        async with self.running.database.transaction() as db:
            await record_queries.put(db, self.reseller, "resource", f"+{number.known.e164}", sent)
            return await self._tell(db, number, sent, what)

    async def create(self, number: Number, sent: dict[str, Any], left_over: dict[str, Any] | None) -> dict[str, Any]:
        """The same of one that is new: of many at once one. Raises Problem 409."""
        async with self.running.database.transaction() as db:
            id_ = f"+{number.known.e164}"
            if not await record_queries.create(db, self.reseller, "resource", id_, sent, left_over=left_over):
                raise in_use("You took in the number already", "change its record, or delete it first")
            return await self._tell(db, number, sent, "Create")

    async def _tell(self, db: Connection, number: Number, sent: dict[str, Any], what: events.What) -> dict[str, Any]:
        await events.tell_of(db, self.reseller, "Resource", what, resources_out.shown(number, sent, events.base()))
        return resources_out.shown(number, sent, self.base)


async def _number(desk: Desk, id_: str) -> Number:
    """One that the reseller may know of. Raises Problem 404."""
    try:
        number = parse_e164(id_.strip())
    except ValueError:
        raise unknown("resource", id_[:60]) from None
    known = (await desk.known([number])).get(number)
    if known is None:
        raise unknown("resource", id_)
    if known.state != "assigned" or known.taken_in:
        return Number(known)
    found = (await desk.services_of(number)).services
    return number_in(known, found[0] if found else None)


def number_in(known: NumberKnown, service: Service | None) -> Number:
    """A number, and the service that has it, if one does."""
    if known.state != "assigned" or service is None or service.state not in LIVE:
        return Number(known)
    since = service.created_at
    place = NumberInService(e164=known.e164, service_id=service.id, service_state=service.state, since=since)
    return Number(known, since, place)


async def one(desk: Desk, id_: str) -> dict[str, Any]:
    """A number. Raises Problem 404."""
    return (await desk.shown([await _number(desk, id_)]))[0]


async def record(desk: Desk, document: dict[str, Any]) -> dict[str, Any]:
    """Take in a number that is in service elsewhere. Raises Problem 400, 409 and 422."""
    sent = read(Sent, document)
    number = _named(sent)
    said = plain(document, Sent)
    _check_states(said)
    id_ = f"+{number}"
    left_over = (await desk.said([id_])).get(id_)
    if (known := (await desk.known([number])).get(number)) is not None and known.taken_in:
        left_over = None  # it is this one's
    query = TakeInNumber(reseller=desk.reseller, id=mint(), e164=number)
    await desk.upstream.ask("numbers", "/numbers/taken-in", query)
    return await desk.create(await _number(desk, id_), said, left_over)


def _named(sent: Sent) -> int:
    if sent.name is None:
        raise bad("/name", "it has no name", "add the name, which is the number, such as +441214960000")
    named = next((one.get("value") for one in sent.characteristics if one.get("name") == "number"), None)
    given = named or sent.value or sent.name
    try:
        return parse_e164(given)
    except ValueError:
        remedy = "name a number in the characteristic number, in value or in name, such as +441214960000"
        raise refused("/name", "this is no number, and Patchbay keeps no other resources", remedy) from None


def _check_states(document: Mapping[str, Any]) -> None:
    for name, states in STATES.items():
        if document.get(name, states[0]) not in states:
            raise refused(f"/{name}", "no resource is in that state", f"use one of {', '.join(states)}")


async def patch(desk: Desk, id_: str, given: dict[str, Any]) -> dict[str, Any]:
    """Change what is said of a number. Raises Problem 400, 404 and 422."""
    number = await _number(desk, id_)
    if number.known.state == "free":
        raise refused("", "the number is nobody's", "order it first")
    read(Sent, given)
    whole = (await desk.shown([number]))[0]
    for name in FIXED & given.keys():
        if given[name] != whole.get(name):
            raise refused(f"/{name}", "this cannot be changed", "leave it out")
    own = {name: value for name, value in given.items() if name not in FIXED}
    if number.known.taken_in:
        _check_states({name: value for name, value in own.items() if value is not None})
    else:
        for name in sorted(KEPT & own.keys()):
            if own[name] != whole.get(name):
                message = "the number is of the house, and this is as it is"
                raise refused(f"/{name}", message, "order a change of the service that has it")
        own = {name: value for name, value in own.items() if name not in KEPT}
    said = await desk.said([f"+{number.known.e164}"])
    changes = any(own.get(name, whole[name]) != whole[name] for name in STATES)
    told = plain(merged(said.get(f"+{number.known.e164}", {}), own), Sent)
    return await desk.keep(number, told, "StateChange" if changes else "AttributeValueChange")


async def delete(desk: Desk, id_: str) -> None:
    """Forget a number that was taken in and that no service has. Raises Problem 404 and 409."""
    found = await _number(desk, id_)
    number = found.known
    if not number.taken_in:
        raise in_use("The number is of the house", "remove it from its service by an order")
    if (await desk.services_of(number.e164)).total:
        raise in_use("A service has the number", "take it out of the service first")
    query: Frozen = ForgetNumber(reseller=desk.reseller, e164=number.e164)
    await desk.upstream.ask("numbers", "/numbers/taken-in/forget", query)
    async with desk.running.database.transaction() as db:
        said = await record_queries.get(db, desk.reseller, "resource", [f"+{number.e164}"])
        await record_queries.delete(db, desk.reseller, "resource", f"+{number.e164}")
        told = resources_out.shown(found, said.get(f"+{number.e164}"), events.base())
        await events.tell_of(db, desk.reseller, "Resource", "Delete", told)
