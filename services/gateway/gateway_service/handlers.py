"""Everything that the gateway reacts to: what becomes of the orders that it accepted."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway_service import (
    amend_queries,
    audit_queries,
    batch_queries,
    dead_letter_queries,
    draft_queries,
    event_bodies,
    event_pages,
    event_queries,
    events_tail,
    preview_queries,
    previews,
    progress_queries,
    queries,
    replay_queries,
)
from gateway_service.event_bodies import Event
from gateway_service.pages import people_queries
from gateway_service.settings import settings
from gateway_service.tmf import orders_moving
from patchbay_chassis.database import Connection
from patchbay_chassis.log import log
from patchbay_chassis.router import Router
from patchbay_contracts.message import Message, OrderMessage
from patchbay_contracts.v1.orders import (
    OrderAmended,
    OrderBackOrdered,
    OrderBegun,
    OrderCompleted,
    OrderDelayed,
    OrderFailed,
    OrderProgressed,
    OrderStuck,
)

router = Router()


@router.handles(OrderCompleted)
async def note_when_order_completed(events: Sequence[OrderCompleted], db: Connection) -> list[None]:
    at = datetime.now(UTC)
    told = [event_bodies.completed(event, at) for event in events]
    told += [changed for event in events if (changed := event_bodies.changed(event, at))]
    return await _end("completed", events, told, db)


@router.handles(OrderFailed)
async def note_when_order_failed(events: Sequence[OrderFailed], db: Connection) -> list[None]:
    at = datetime.now(UTC)
    told = [event_bodies.failed(event, at) for event in events]
    return await _end("failed", events, told, db)


@router.handles(OrderBegun)
async def note_when_order_begun(events: Sequence[OrderBegun], db: Connection) -> list[None]:
    await queries.begin(db, events)
    return [None for _ in events]


@router.handles(OrderBackOrdered)
async def note_when_order_waits_for_numbers(events: Sequence[OrderBackOrdered], db: Connection) -> list[None]:
    at = datetime.now(UTC)
    told = [event_bodies.back_ordered(event, at) for event in events if not event.again]
    return await _note("back_ordered", events, told, db)


@router.handles(OrderAmended)
async def note_when_order_amended(events: Sequence[OrderAmended], db: Connection) -> list[None]:
    at = datetime.now(UTC)
    await amend_queries.make(db, events)
    await event_queries.append(db, [event_bodies.amended(event, at) for event in events])
    db.after_commit(events_tail.look)
    return [None for _ in events]


@router.handles(OrderDelayed)
async def note_when_order_delayed(events: Sequence[OrderDelayed], db: Connection) -> list[None]:
    at = datetime.now(UTC)
    told = [event_bodies.delayed(event, at) for event in events]
    return await _note("delayed", events, told, db)


@router.handles(OrderStuck)
async def note_when_order_stuck(events: Sequence[OrderStuck], db: Connection) -> list[None]:
    log.warning("orders.stuck", orders=[str(event.order_id) for event in events])
    at = datetime.now(UTC)
    told = [event_bodies.stuck(event, at) for event in events]
    return await _note("stuck", events, told, db)


@router.handles(OrderProgressed)
async def tell_when_order_progressed(events: Sequence[OrderProgressed], db: Connection) -> list[None]:
    at = datetime.now(UTC)
    await progress_queries.note(db, events)
    await event_queries.append(db, [event_bodies.progressed(event, at) for event in events])
    db.after_commit(events_tail.look)
    return [None for _ in events]


@router.every(timedelta(minutes=1))
async def forget_old_idempotency_keys(db: Connection) -> list[Message]:
    await queries.forget_keys(db, settings().keep_keys, most=50_000)
    await replay_queries.forget(db, settings().keep_keys, most=10_000)
    return []


@router.every(timedelta(seconds=5))
async def gather_the_counts_of_batches(db: Connection) -> list[Message]:
    await batch_queries.gather(db, most=50_000)
    return []


@router.every(timedelta(minutes=1))
async def forget_old_previews(db: Connection) -> list[Message]:
    await preview_queries.forget(db, previews.KEEP, most=50_000)
    return []


@router.every(timedelta(minutes=10))
async def forget_old_audit(db: Connection) -> list[Message]:
    await audit_queries.forget(db, settings().keep_audit, most=50_000)
    return []


@router.every(timedelta(minutes=1))
async def forget_old_dead_letters(db: Connection) -> list[Message]:
    told = settings()
    await dead_letter_queries.forget(db, told.keep_dead_letters, told.dead_letters_kept, most=10_000)
    return []


@router.every(timedelta(seconds=1))
async def tell_tmf_orders_that_ended(db: Connection) -> list[Message]:
    await orders_moving.tell_ends(db)
    return []


@router.every(timedelta(seconds=10))
async def find_tmf_orders_that_ended_long_ago(db: Connection) -> list[Message]:
    await orders_moving.catch_up(db)
    return []


@router.every(timedelta(minutes=10))
async def forget_ended_sessions(db: Connection) -> list[Message]:
    await people_queries.forget_sessions(db)
    return []


@router.every(timedelta(minutes=10))
async def forget_old_drafts(db: Connection) -> list[Message]:
    """Their numbers were free long before: holds end by themselves."""
    await draft_queries.forget(db, settings().keep_drafts, most=10_000)
    await draft_queries.forget_ordered(db, settings().keep_ordered_drafts, most=10_000)
    return []


@router.every(timedelta(minutes=10))
async def forget_pins_of_drafts(db: Connection) -> list[Message]:
    """Their orders carry them, sealed anew."""
    await draft_queries.forget_pins(db, settings().keep_pins, most=1_000)
    return []


@router.every(timedelta(minutes=1))
async def forget_old_moves(db: Connection) -> list[Message]:
    await progress_queries.forget(db, settings().keep_moves, most=50_000)
    return []


async def _end(
    state: queries.State,
    events: Sequence[OrderCompleted] | Sequence[OrderFailed],
    told: Sequence[Event],
    db: Connection,
) -> list[None]:
    done = await _note(state, events, told, db, ended=True)
    if watched := {event.order_id for event in events if event.watched}:
        await progress_queries.wake(db, watched)
    return done


async def _note(
    state: queries.State, events: Sequence[OrderMessage], told: Sequence[Event], db: Connection, *, ended: bool = False
) -> list[None]:
    noted = await queries.note(db, state, events, told, ended=ended)
    if noted < len(told):
        log.info("events.passed_over", state=state, count=len(told) - noted)
    db.after_commit(events_tail.look)
    return [None for _ in events]


@router.every(timedelta(minutes=10), at_start=True)
async def turn_the_pages_of_events(db: Connection) -> list[Message]:
    """Partitions of the coming days are made, old ones dropped."""
    await event_pages.turn(db, settings().keep_events)
    await event_pages.catch_up(db)
    return []
