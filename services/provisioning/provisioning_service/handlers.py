"""Everything that provisioning reacts to: accepted orders, answers to its saga, the network, the clock."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter

from patchbay_chassis import old_sagas
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import Said
from patchbay_chassis.errand import Errand, Jobs
from patchbay_chassis.fresh import Fresh
from patchbay_chassis.router import Router
from patchbay_chassis.saga import Failure, Moved, Saga, State
from patchbay_chassis.walker import Walker
from patchbay_contracts.message import Message
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.v1.orders import OrderBegun
from patchbay_contracts.v1.provisioning import AmendOrder, CancelOrder, PlaceOrder
from provisioning_service import (
    back_orders,
    cancelling,
    catalogue_queries,
    change_queries,
    changes,
    line_policies,
    model,
    queries,
    terms,
    waiting,
)
from provisioning_service.activation import (
    ActivateServices,
    ServicesActivated,
    ServicesRefused,
    ServicesWithdrawn,
    WithdrawServices,
)
from provisioning_service.back_order_saga import back_order
from provisioning_service.catalogue import Catalogue
from provisioning_service.change_saga import CHANGE
from provisioning_service.changes import ChangeJob, ChangeResult, to_change
from provisioning_service.changing import ChangeService, ClaimService, LeaveService, RestoreService
from provisioning_service.network import Job, Network, Result
from provisioning_service.order_faults import Owned
from provisioning_service.order_saga import ORDER
from provisioning_service.settings import settings

router = Router()
catalogue = Fresh(catalogue_queries.service_types)
to_do = Jobs[Job]()
NO_LEASE = timedelta(0)


async def create_services(commands: Sequence[ActivateServices], db: Connection) -> None:
    many = sum(len(command.services) for command in commands)
    lease = settings().activation_lease if many <= to_do.room() else NO_LEASE
    types = await catalogue.get(db, (service.service_type for command in commands for service in command.services))
    jobs = await queries.create(db, commands, types, lease, settings().replica)
    db.after_commit(lambda: to_do.hand_over(jobs, lease) if jobs else to_do.look())


async def withdraw_services(commands: Sequence[WithdrawServices], db: Connection) -> None:
    await queries.withdraw(db, [command.order_id for command in commands])
    db.after_commit(to_do.look)


async def claim_services(commands: Sequence[ClaimService], db: Connection) -> list[Message]:
    return await changes.claim_services(commands, catalogue, db)


BACK_ORDER = back_order(settings().back_order_pause, settings().back_order_longest_pause)

walker = Walker(
    tuple(replace(saga, patience=settings().patience) for saga in (ORDER, BACK_ORDER, CHANGE)),
    local={
        ActivateServices: create_services,
        WithdrawServices: withdraw_services,
        ClaimService: claim_services,
        LeaveService: changes.leave_services,
        ChangeService: changes.change_services,
        RestoreService: changes.restore_services,
    },
)


@router.handles(PlaceOrder)
async def place_order(orders: Sequence[PlaceOrder], db: Connection) -> list[list[Said]]:
    now = datetime.now(UTC)
    later = {at for at, order in enumerate(orders) if order.start is not None and order.start > now}
    return await _begin(orders, db, later)


@router.every(timedelta(seconds=1))
async def begin_orders_whose_time_has_come(db: Connection) -> list[Said]:
    """They are judged again: the catalogue may have changed since. One that was cancelled meanwhile says nothing."""
    orders = await waiting.due(db, most=500)
    said: list[Said] = []
    for order, caused in zip(orders, await _begin(orders, db) if orders else (), strict=True):
        if caused:
            said += [OrderBegun(order_id=order.order_id, reseller=order.reseller), *caused]
    return said


@router.every(timedelta(seconds=1))
async def try_for_numbers_again(db: Connection) -> list[Said]:
    """Orders that wait for numbers are judged again: the catalogue may have changed since."""

    async def tried(found: Sequence[tuple[Saga, State]]) -> list[Moved]:
        now = datetime.now(UTC)
        states = [state for _, state in found]
        judged = await _judge([back_orders.as_of(back_orders.wished(state.facts), now) for state in states], db)
        told = dict[int, Message]()
        for at, (_, refusal) in enumerate(judged):
            if refusal is not None and back_orders.amendment(states[at].facts) is not None:
                states[at], told[at] = back_orders.not_amended(states[at], refusal)
        if told:
            as_they_were = [back_orders.as_of(back_orders.wished(states[at].facts), now) for at in told]
            for at, again in zip(told, await _judge(as_they_were, db), strict=True):
                judged[at] = again
        moved = [
            back_orders.try_again(saga, state, order, refusal, now, noted=at in told)
            for at, ((saga, _), state, (order, refusal)) in enumerate(zip(found, states, judged, strict=True))
        ]
        return [(state, [told[at], *said] if at in told else said) for at, (state, said) in enumerate(moved)]

    return await walker.wake(db, tried)


@router.handles(AmendOrder)
async def amend_orders(commands: Sequence[AmendOrder], db: Connection) -> list[list[Said]]:
    return await walker.feed(commands, db, back_orders.amend)


async def _begin(orders: Sequence[PlaceOrder], db: Connection, later: Collection[int] = ()) -> list[list[Said]]:
    """Judge these orders and begin them, but for those that are to begin later: they wait, if they are valid."""
    judged = await _judge(orders, db)
    refusals = {at: refusal for at, (_, refusal) in enumerate(judged) if refusal is not None}
    ready = [order for order, _ in judged]
    if not (kept := [at for at in later if at not in refusals]):
        return await walker.begin(ready, db, refusals)
    await waiting.keep(db, [orders[at] for at in kept])
    now = [at for at in range(len(orders)) if at not in kept]
    refused = {place: refusals[at] for place, at in enumerate(now) if at in refusals}
    begun = dict(zip(now, await walker.begin([ready[at] for at in now], db, refused) if now else (), strict=True))
    return [begun.get(at, []) for at in range(len(orders))]


async def _judge(orders: Sequence[PlaceOrder], db: Connection) -> list[tuple[PlaceOrder, Failure | None]]:
    """Each order as it may be tried, or why it may not."""
    types = await catalogue.get(db, (line.service_type for order in orders for line in order.lines))
    heeding = model.heeding(orders, types)
    owned = await catalogue_queries.owned(db, heeding) if heeding else {}
    judged = (_judged(order, types, owned.get(order.order_id, {})) for order in orders)
    return [
        (model.with_number_rules(model.with_least_numbers(order, types), types), refusal) for order, refusal in judged
    ]


def _judged(order: PlaceOrder, types: Catalogue, owned: Owned) -> tuple[PlaceOrder, Failure | None]:
    if (wrong := terms.refusal(order, types)) is not None:
        return order, wrong
    if line_policies.may_go_on(order):
        return line_policies.judged(order, types, owned)
    return order, model.refusal(order, types, owned)


@router.handles(CancelOrder)
async def cancel_orders(commands: Sequence[CancelOrder], db: Connection) -> list[list[Said]]:
    await waiting.forget(db, commands)
    return await walker.cancel(commands, db, cancelling.why)


@router.handles(PlaceChange)
async def place_change(placed: Sequence[PlaceChange], db: Connection) -> list[list[Said]]:
    return await walker.begin(placed, db, {})


@router.handles(*(answer for answer in walker.answers() if answer.topic == "provisioning.replies.v1"), folds=True)
async def walk_on(answers: Sequence[Message], db: Connection) -> list[list[Said]]:
    return await walker.feed(answers, db)


@router.every(timedelta(seconds=1) * min(1.0, settings().patience))
async def ask_again_or_undo(db: Connection) -> list[Said]:
    return await walker.sweep(db)


@router.every(timedelta(minutes=1))
async def forget_old_sagas(db: Connection) -> list[Said]:
    await old_sagas.forget(db, settings().keep_sagas, most=20_000)
    return []


def activations(network: Network) -> Errand[Job, Result]:
    """What the pivot leaves to be done on the network, outside of any transaction."""

    async def take(db: Connection, most: int) -> Sequence[Job]:
        return await queries.take(db, most, settings().activation_lease, settings().replica)

    async def run(jobs: Sequence[Job]) -> Sequence[Result]:
        try:
            return await network.carry_out(jobs)
        except OSError as error:
            return [Result(job, "unreachable", str(error)) for job in jobs]

    async def inherit(db: Connection) -> None:
        await queries.inherit(db, settings().replica)

    many = settings().activation_workers
    return Errand("activations", to_do, take, run, record_activations, inherit, most=2_000, workers=many)


def network_changes(network: Network) -> Errand[ChangeJob, ChangeResult]:
    """What changes of services leave to be done on the network."""

    async def run(jobs: Sequence[ChangeJob]) -> Sequence[ChangeResult]:
        return await changes.run(network, jobs)

    async def inherit(db: Connection) -> None:
        await change_queries.inherit(db, settings().replica)

    return Errand("changes", to_change, changes.take, run, record_changes, inherit, most=500)


async def record_changes(results: Sequence[ChangeResult], db: Connection) -> Sequence[Said]:
    """Write what the network did, and tell the sagas."""
    answers = await changes.record(results, db)
    return [said for caused in await walker.feed(answers, db) for said in caused] if answers else []


async def record_activations(results: Sequence[Result], db: Connection) -> Sequence[Said]:
    """Write what the network did, and tell the sagas whose services are all through."""
    counted = await queries.record(db, results)
    answers, unclear = list[Message](), list[Result]()
    ordered = sorted((r for r in results if r.job.service_id in counted), key=attrgetter("job.order_id"))
    for _, group in groupby(ordered, key=attrgetter("job.order_id")):
        of_order = list(group)
        through = len(of_order) == of_order[0].job.siblings and all(r.outcome == "done" for r in of_order)
        if through and len({r.job.verb for r in of_order}) == 1:
            answers.append(_all_done(of_order[0].job))
        else:
            unclear.append(of_order[0])
    if unclear:
        answers += await _looked_up(unclear, db)
    return [said for caused in await walker.feed(answers, db) for said in caused] if answers else []


def _all_done(job: Job) -> Message:
    answer = ServicesActivated if job.verb == "activate" else ServicesWithdrawn
    return answer(order_id=job.order_id, reseller=job.reseller)


async def _looked_up(unclear: Sequence[Result], db: Connection) -> list[Message]:
    """Orders of which only some services were in these results: the table knows about the others."""
    jobs = {result.job.order_id: result.job for result in unclear}
    answers = list[Message]()
    for order_id, busy, states, detail in await queries.states(db, list(jobs)):
        job = jobs[order_id]
        if busy:
            continue
        if job.verb == "activate" and "refused" in states:
            answers.append(
                ServicesRefused(order_id=order_id, reseller=job.reseller, reason="network_refused", detail=detail)
            )
        else:
            answers.append(_all_done(job))
    return answers
