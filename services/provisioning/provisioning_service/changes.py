"""What provisioning does itself for changes of services: one at a time is let through, and the network is told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint
from patchbay_chassis.errand import Jobs
from patchbay_chassis.fresh import Fresh
from patchbay_contracts.change_checks import ChangeFindings
from patchbay_contracts.message import Message
from patchbay_contracts.services import AddNumbers, ChangeQuery, Service
from provisioning_service import change_faults, change_model, change_queries, finding_services
from provisioning_service.catalogue import ServiceType, ServiceTypes
from provisioning_service.changing import (
    ChangeNotTaken,
    ChangeRefused,
    ChangeService,
    ClaimService,
    LeaveService,
    RestoreService,
    ServiceChanged,
    ServiceClaimed,
    ServiceLeft,
    ServiceRestored,
)
from provisioning_service.network import Job, Network, Result
from provisioning_service.number_faults import rules_of
from provisioning_service.queries import NO_PAUSE, pause
from provisioning_service.settings import settings

Types = Fresh[str, ServiceTypes]


class ChangeJob(NamedTuple):
    """What the network is to do for a change; `back`: to take back what it may have done."""

    job: Job
    back: bool


class ChangeResult(NamedTuple):
    """What became of it."""

    of: ChangeJob
    result: Result


to_change = Jobs[ChangeJob]()


async def claim_services(commands: Sequence[ClaimService], types: Types, db: Connection) -> list[Message]:
    """Each claims its service, or is refused; of several for one service the first."""
    rows = await change_queries.lock(db, (command.change.service_id for command in commands))
    known = await types.get(db, {row.service_type for row in rows.values()})
    today, answers = datetime.now(UTC).date(), list[Message]()
    claims, noted = dict[UUID, UUID](), list[change_queries.Noted]()
    for command in commands:
        change, row = command.change, rows.get(command.change.service_id)
        ids = {"order_id": command.order_id, "reseller": command.reseller}
        if row is None or row.reseller != command.reseller:
            failure = change_faults.UNKNOWN.failure()
            answers.append(ChangeRefused(**ids, reason=failure.reason, detail=failure.detail))
            continue
        service = finding_services.service(row, today)
        if service.id in claims:
            service = service.model_copy(update={"changing": claims[service.id]})
        type_ = _type(known, service, today)
        wrong = change_faults.faults(service, change, type_, today, being_made=row.being_made)
        before = change_model.aspects(service, change)
        after = change_model.aspects(change_model.plan(service, change, (), today), change)
        if (fault := next(wrong, None)) is not None:
            failure = fault.failure()
            noted.append((change, before, before, failure.detail))
            answers.append(ChangeRefused(**ids, reason=failure.reason, detail=failure.detail))
            continue
        claims[service.id] = command.order_id
        noted.append((change, before, after, None))
        name = type_.entry.name if type_ is not None else service.service_type
        answers.append(
            ServiceClaimed(**ids, service=service, made_with=_made_with(row), rules=rules_of(type_), name=name)
        )
    await change_queries.claim(db, claims)
    await change_queries.note(db, noted)
    return answers


async def leave_services(commands: Sequence[LeaveService], db: Connection) -> list[Message]:
    await change_queries.leave(db, {command.order_id: command.detail for command in commands})
    return [ServiceLeft(order_id=command.order_id, reseller=command.reseller) for command in commands]


async def change_services(commands: Sequence[ChangeService], db: Connection) -> list[Message]:
    """What is nothing to the network is done at once."""
    await change_queries.ask(db, {command.order_id: (command.plan, command.after) for command in commands})
    at_once = [command for command in commands if command.plan.verb is None]
    if at_once:
        await change_queries.apply(db, [command.order_id for command in at_once])
    if len(at_once) < len(commands):
        db.after_commit(to_change.look)
    return [ServiceChanged(order_id=command.order_id, reseller=command.reseller) for command in at_once]


async def restore_services(commands: Sequence[RestoreService], db: Connection) -> None:
    await change_queries.restore(db, [command.order_id for command in commands])
    db.after_commit(to_change.look)


async def take(db: Connection, most: int) -> list[ChangeJob]:
    """Jobs that are due."""
    rows = await change_queries.take(db, most, settings().activation_lease, settings().replica)
    return [
        ChangeJob(Job(r.service_id, r.order_id, r.reseller, r.verb, 1, tuple(r.numbers), r.settings, r.tries), r.back)
        for r in rows
    ]


async def run(network: Network, jobs: Sequence[ChangeJob]) -> list[ChangeResult]:
    """Tell the network."""
    try:
        results = await network.carry_out([one.job for one in jobs])
    except OSError as error:
        results = [Result(one.job, "unreachable", str(error)) for one in jobs]
    return [ChangeResult(job, result) for job, result in zip(jobs, results, strict=True)]


async def record(results: Sequence[ChangeResult], db: Connection) -> list[Message]:
    """Write what the network did; what that answers the sagas. What is taken back is tried until it is done."""
    again = [r.result.outcome == "unreachable" or (r.of.back and r.result.outcome == "refused") for r in results]
    counted = await change_queries.record(
        db,
        [
            (r.of.job.order_id, r.of.back, retry, pause(r.of.job.tries) if retry else NO_PAUSE, r.result.detail)
            for r, retry in zip(results, again, strict=True)
        ],
    )
    through = [r for r, retry in zip(results, again, strict=True) if r.of.job.order_id in counted and not retry]
    done = [r.of.job.order_id for r in through if r.result.outcome == "done" and not r.of.back]
    if done:
        await change_queries.apply(db, done)
    return [_answer(r) for r in through]


def _answer(of: ChangeResult) -> Message:
    ids = {"order_id": of.of.job.order_id, "reseller": of.of.job.reseller}
    if of.of.back:
        return ServiceRestored(**ids)
    if of.result.outcome == "done":
        return ServiceChanged(**ids)
    return ChangeNotTaken(**ids, reason="network_refused", detail=of.result.detail)


def _type(types: Mapping[str, ServiceTypes], service: Service, today: date) -> ServiceType | None:
    """The version of its type by which a service is changed: of one that is sold no more, the last."""
    found = types.get(service.service_type)
    return None if found is None else found.on(today) or found.versions[-1]


def _made_with(row: Any) -> tuple[int, ...]:
    return tuple(row.numbers if row.made_with is None else row.made_with)


async def validity(db: Connection, query: ChangeQuery, types: Types) -> ChangeFindings:
    """What would be wrong with that change now, by the rules that guard it; and what the saga would ask of the others,
    in the very words, so that they can be asked beforehand."""
    wanted = query.change.wanted.kind
    row = await finding_services.one(db, query.service_id, query.reseller)
    if row is None:
        return ChangeFindings(findings=(change_faults.UNKNOWN.finding(wanted),))
    today = datetime.now(UTC).date()
    service = finding_services.service(row, today)
    known = await types.get(db, [service.service_type])
    type_, change, id_ = _type(known, service, today), query.change, mint()
    found = [
        *change_faults.faults(service, change, type_, today, being_made=row.being_made),
        *change_faults.thoughts(service, change),
    ]
    adds = isinstance(change.wanted, AddNumbers)
    return ChangeFindings(
        findings=tuple(fault.finding(wanted) for fault in found),
        holds=change_model.hold(service, id_, change, rules_of(type_)) if adds else None,
        amends=(
            change_model.amendment(service, _made_with(row), id_, change, ())
            if change_model.touches_charges(change)
            else None
        ),
    )
