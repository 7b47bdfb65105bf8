"""Hubs of the inventories are told of services and numbers that orders made or changed, as they are when it is told.

The owners are asked outside of transactions, and only for resellers who listen: orders of others cost what they did.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import orjson

from gateway_service import events
from gateway_service.event_bodies import Event
from gateway_service.event_queries import Place, Told, Wanted
from gateway_service.events import Cursor
from gateway_service.settings import settings
from gateway_service.tmf import events as tmf_events
from gateway_service.tmf import owners, record_queries, resources, resources_out, services_out, told_queries
from gateway_service.tmf.events import What
from gateway_service.tmf.resources_out import Number
from gateway_service.tmf.told_queries import RESOURCES, SERVICES, Taken
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import Said
from patchbay_chassis.errand import Errand, Jobs
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.services import Service
from patchbay_contracts.taken_in import NumberKnown
from patchbay_contracts.words import parse_e164

LOOK = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
"""After which owners that could not be asked are asked again."""
PATIENCE = timedelta(minutes=1)
"""For which it is waited until the numbers service has done what the order says: it hears of its end as the gateway
does."""
MOST_EVENTS, MOST_NUMBERS, MOST_RESELLERS = 200, 2_000, 10
"""Of a reseller at once, up to the end of an order, and of so many of them: whoever follows events waits meanwhile."""
TYPES = ("order.completed", "service.changed")
_WHATS: Mapping[str, What] = {
    "created": "Create",
    "suspend": "StateChange",
    "resume": "StateChange",
    "end": "StateChange",
}
"""By what an order did to a service; all else changes what it is like."""
_WITH_NUMBERS = ("suspend", "resume")
"""What concerns all numbers of the service, though none comes or goes."""


class Happened(NamedTuple):
    """What an order did to a service, and the numbers that came or went."""

    service: UUID
    kind: str
    came: Sequence[int]
    went: Sequence[int]
    at: datetime


class Job(NamedTuple):
    """What is to be told to a reseller's hubs, and the place up to which that is all."""

    taken: Taken
    happened: Sequence[Happened]
    until: Place
    more: bool


class Answer(NamedTuple):
    """What the owners know of it."""

    job: Job
    services: Mapping[UUID, Service]
    numbers: Mapping[int, Number]


async def inventories(running: Running) -> None:
    """Tell hubs, until the process ends."""
    async with Upstream(settings()) as upstream:
        await errand(running, upstream).work(running.database, running.turns)


def errand(running: Running, upstream: Upstream) -> Errand[Job, Answer]:
    """From what the log says of orders to what hubs are told."""
    jobs = Jobs[Job](LOOK)

    async def run(taken: Sequence[Job]) -> Sequence[Answer]:
        answers = await asyncio.gather(*(_answer(running, upstream, job) for job in taken))
        return [answer for answer in answers if answer is not None]

    async def record(answers: Sequence[Answer], db: Connection) -> Sequence[Said]:
        moved = await told_queries.move(db, [(answer.job.taken, answer.job.until) for answer in answers])
        mine = [answer for answer in answers if answer.job.taken.reseller in moved]
        if any(answer.job.more for answer in mine):
            jobs.look()
        told = [event for answer in mine for event in await _events(db, answer)]
        await tmf_events.tell(db, *told)
        return ()

    return Errand("tmf_inventories", jobs, _take, run, record, most=MOST_RESELLERS)


async def _take(db: Connection, most: int) -> Sequence[Job]:
    return [await _job(db, taken) for taken in await told_queries.take(db, most, LEASE)]


async def _job(db: Connection, taken: Taken) -> Job:
    after = Cursor(taken.told, datetime.now(UTC))
    page = await events.page(db, Wanted(taken.reseller, TYPES), after, MOST_EVENTS)
    happened, numbers = list[Happened](), 0
    for told in page.told:
        one_by_one = _happened(told)
        happened += one_by_one
        numbers += sum(len(one.came) + len(one.went) for one in one_by_one)
        if numbers > MOST_NUMBERS:
            return Job(taken, happened, told.place, more=True)
    return Job(taken, happened, page.next.place, page.more)


def _happened(told: Told) -> Sequence[Happened]:
    data = orjson.loads(told.body)["data"]
    if told.type == "order.completed":
        return [Happened(UUID(one["id"]), "created", _read(one["numbers"]), (), told.at) for one in data["services"]]
    numbers = _read(data["added"]), _read(data["removed"])
    return [Happened(UUID(data["service_id"]), data["kind"], *numbers, told.at)]


def _read(numbers: Sequence[str]) -> Sequence[int]:
    return [parse_e164(number) for number in numbers]


async def _answer(running: Running, upstream: Upstream, job: Job) -> Answer | None:
    """None: an owner could not be asked."""
    reseller, _, apis = job.taken
    desk = resources.Desk(running, upstream, reseller, tmf_events.base())
    try:
        services = await owners.services(upstream, reseller, list({one.service: None for one in job.happened}))
        numbers = {number: None for one in job.happened for number in _numbers(one, services)}
        known = await desk.known(list(numbers)) if RESOURCES in apis else {}
    except Problem as problem:
        log.warning("tmf.telling_delayed", reseller=reseller, error=str(problem))
        return None
    if RESOURCES in apis and _is_ahead(job.happened, known):
        return Answer(job._replace(happened=(), until=job.taken.told, more=False), {}, {})
    having = {number: service for service in services.values() for number in service.numbers}
    return Answer(job, services, {at: resources.number_in(one, having.get(at)) for at, one in known.items()})


def _is_ahead(happened: Sequence[Happened], known: Mapping[int, NumberKnown]) -> bool:
    """Whether the numbers service has not done yet what the gateway heard of: looked at again in a moment."""
    lately = [one for one in happened if datetime.now(UTC) - one.at < PATIENCE]
    assigned = {
        number: is_in for one in lately for some, is_in in ((one.came, True), (one.went, False)) for number in some
    }
    return any((at in known and known[at].state == "assigned") != is_in for at, is_in in assigned.items())


def _numbers(happened: Happened, services: Mapping[UUID, Service]) -> Sequence[int]:
    """Those that are otherwise now."""
    service = services.get(happened.service)
    if service is not None and happened.kind in _WITH_NUMBERS:
        return service.numbers
    return (*happened.came, *happened.went)


async def _events(db: Connection, answer: Answer) -> Sequence[Event]:
    (reseller, _, apis), services, base = answer.job.taken, answer.services, tmf_events.base()
    of_services = await record_queries.get(db, reseller, "service", [str(id_) for id_ in services])
    of_numbers = await record_queries.get(db, reseller, "resource", [f"+{number}" for number in answer.numbers])
    told = list[Event]()
    for one in answer.job.happened:
        if SERVICES in apis and (service := services.get(one.service)):
            shown = services_out.shown(service, of_services.get(str(service.id)), base)
            what = _WHATS.get(one.kind, "AttributeValueChange")
            told.append(tmf_events.event(reseller, "Service", what, shown))
        for at in _numbers(one, services) if RESOURCES in apis else ():
            if number := answer.numbers.get(at):
                shown = resources_out.shown(number, of_numbers.get(f"+{at}"), base)
                told.append(tmf_events.event(reseller, "Resource", "StateChange", shown))
    return told
