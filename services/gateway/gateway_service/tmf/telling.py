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
from patchbay_contracts.words import parse_e164

LOOK = timedelta(seconds=1)
LEASE = timedelta(seconds=10)
"""After which owners that could not be asked are asked again."""
MOST_EVENTS = 500
"""Of a reseller at once."""
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
    numbers: Sequence[int]


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

    return Errand("tmf_inventories", jobs, _take, run, record)


async def _take(db: Connection, most: int) -> Sequence[Job]:
    return [await _job(db, taken) for taken in await told_queries.take(db, most, LEASE)]


async def _job(db: Connection, taken: Taken) -> Job:
    after = Cursor(taken.told, datetime.now(UTC))
    page = await events.page(db, Wanted(taken.reseller, TYPES), after, MOST_EVENTS)
    return Job(taken, [one for told in page.told for one in _happened(told)], page.next.place, page.more)


def _happened(told: Told) -> Sequence[Happened]:
    data = orjson.loads(told.body)["data"]
    if told.type == "order.completed":
        return [Happened(UUID(one["id"]), "created", _read(one["numbers"])) for one in data["services"]]
    return [Happened(UUID(data["service_id"]), data["kind"], _read(data["added"] + data["removed"]))]


def _read(numbers: Sequence[str]) -> Sequence[int]:
    return [parse_e164(number) for number in numbers]


async def _answer(running: Running, upstream: Upstream, job: Job) -> Answer | None:
    """None: an owner could not be asked."""
    reseller = job.taken.reseller
    desk = resources.Desk(running, upstream, reseller, tmf_events.base())
    try:
        services = await owners.services(upstream, reseller, list({one.service: None for one in job.happened}))
        numbers = {number: None for one in job.happened for number in _numbers(one, services)}
        known = await desk.known(list(numbers))
    except Problem as problem:
        log.warning("tmf.telling_delayed", reseller=reseller, error=str(problem))
        return None
    having = {number: service for service in services.values() for number in service.numbers}
    return Answer(job, services, {at: resources.number_in(one, having.get(at)) for at, one in known.items()})


def _numbers(happened: Happened, services: Mapping[UUID, Service]) -> Sequence[int]:
    """Those that are otherwise now."""
    service = services.get(happened.service)
    return service.numbers if service is not None and happened.kind in _WITH_NUMBERS else happened.numbers


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
