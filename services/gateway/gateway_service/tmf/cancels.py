"""Service orders that shall be cancelled: what Patchbay carries out is taken back as over `/v1`; about what is done by
hand those decide who do it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway_service import cancelling
from gateway_service.event_bodies import Event
from gateway_service.tmf import (
    cancel_queries,
    described,
    events,
    kept,
    narrowing,
    order_queries,
    orders_out,
    sent,
    terms,
)
from gateway_service.tmf.cancel_queries import TASK_STATES, Cancellation, Decided, TaskState, Wanted
from gateway_service.tmf.errors import bad, refused, unknown
from gateway_service.tmf.narrowing import Way
from gateway_service.tmf.order_queries import Stored
from gateway_service.tmf.order_states import ASSESSED, FINAL, State
from gateway_service.tmf.orders import Asked
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.orders_patch import Mover, moved, waits
from gateway_service.tmf.selection import Selection
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running

PATH = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"
MOST_WHY = 200
ANEW = "place another order"
_WAYS: Mapping[tuple[str, ...], Way] = {
    ("id",): narrowing.ids("ids"),
    ("serviceOrder", "id"): narrowing.ids("order_ids"),
    ("state",): narrowing.states({state: {"state": state} for state in TASK_STATES}),
}
END = "end its services: order them with the action delete"


async def ask(running: Running, asked: Asked, body: bytes) -> dict[str, Any]:
    """Ask for an order to be cancelled. Raises Problem 400, and 422 for an order that is not there or has ended."""
    given, reseller = sent.document(body), asked.caller.reseller
    wish = sent.read(sent.Cancel, given)
    if wish.order.id is None:
        raise bad("/serviceOrder/id", "it does not say which order", "add serviceOrder with its id")
    who = Mover(asked.caller.by, datetime.now(UTC), " ".join((wish.reason or "").split())[:MOST_WHY].rstrip())
    id_ = id_of(wish.order.id)
    async with running.turn() as turn:
        db = turn.db
        if (before := await cancel_queries.one(db, reseller, asked.id)) is not None:
            return shown(before, asked.base)
        order = None if id_ is None else await order_queries.one(db, reseller, id_, locked=True)
        if order is None:
            raise refused("/serviceOrder/id", "there is no such order", "take its id from the list of orders")
        orders = await order_queries.carried_out(db, [order])
        was = orders_out.shown(order, orders, "")["state"]
        _check(was)
        order = _by_hand(order, was, who)
        for own in orders:
            why = who.why or "cancelServiceOrder"
            await cancelling.ask(turn, reseller, own, why, by=who.by, trace=asked.trace)
        orders = await order_queries.carried_out(db, [order])
        now = orders_out.shown(order, orders, events.base())
        if orders:
            _check(now["state"])  # it ended this moment
        found = terms.of(order, orders)
        await order_queries.change(db, order, found, waits=waits(order), open_=now["state"] not in FINAL)
        state: TaskState = "done" if now["state"] == "cancelled" else "inProgress"
        ended = None if state == "inProgress" else who.at
        detail = "" if ended is None else "cancelled"
        asking = kept.without_secrets(sent.plain(given, sent.Cancel))
        task = Cancellation(reseller, asked.id, order.id, asking, state, detail, who.at, ended)
        await cancel_queries.add(db, task)
        told = [events.event(reseller, "CancelServiceOrder", "Create", shown(task, events.base()))]
        if now["state"] != was:
            told.append(events.event(reseller, "ServiceOrder", "StateChange", now))
        await events.tell(db, *told)
    return shown(task, asked.base)


def _check(state: str) -> None:
    """Raises Problem 422 for what has ended."""
    if state in FINAL:
        remedy = END if state in ("completed", "partial") else ANEW
        raise refused("/serviceOrder/id", f"the order is {state}, and stays so", remedy)


def _by_hand(order: Stored, state: State, who: Mover) -> Stored:
    """What nobody has begun is cancelled at once; what is in somebody's hands is for them to decide."""
    if not waits(order) or state in ASSESSED:
        return order
    order = moved(order, state, "cancelled" if state == "acknowledged" else "assessingCancellation", who)
    return order._replace(sent=order.sent | ({"cancellationReason": who.why} if who.why else {}))


async def decided(db: Connection, orders: Sequence[tuple[Stored, str]]) -> list[Event]:
    """What is to be told of cancellations of orders that are so by now: of those about which it is decided."""
    ends = [Decided(one.reseller, one.id, *_end(state)) for one, state in orders if state not in ASSESSED]
    tasks = await cancel_queries.end(db, ends)
    base = events.base()
    return [events.event(task.reseller, "CancelServiceOrder", "StateChange", shown(task, base)) for task in tasks]


def _end(state: str) -> tuple[TaskState, str]:
    if state == "cancelled":
        return "done", "cancelled"
    if state in FINAL:
        return "terminatedWithError", f"it was too late, the order is {state}: {END if state != 'failed' else ANEW}"
    return "done", "the order goes on"


async def one(running: Running, reseller: str, id_: str, base: str) -> dict[str, Any]:
    """What became of a cancellation. Raises Problem 404."""
    known = id_of(id_)
    async with running.database.connection() as db:
        task = None if known is None else await cancel_queries.one(db, reseller, known)
    if task is None:
        raise unknown("cancelServiceOrder", id_)
    return shown(task, base)


async def listed(running: Running, reseller: str, asked: Selection, base: str) -> tuple[list[dict[str, Any]], int]:
    """A part of the cancellations that match, the newest first, and how many match. Raises Problem 422 where too many
    would have to be looked through."""
    found, rest = narrowing.narrowed(asked, _WAYS, {})
    wanted = Wanted(**found)
    async with running.database.connection() as db:
        total = await cancel_queries.count(db, reseller, wanted)
        if rest:
            described.check(total, "cancellations", rest[0])
        offset, limit = (0, total) if rest else (asked.offset, asked.limit)
        tasks = await cancel_queries.page(db, reseller, wanted, offset=offset, limit=limit)
    page = [shown(task, base) for task in tasks]
    if not rest:
        return page, total
    matching = [whole for whole in page if asked.matches(whole)]
    return matching[asked.offset : asked.offset + asked.limit], len(matching)


def shown(task: Cancellation, base: str) -> dict[str, Any]:
    """A cancellation: what was sent, and what became of it."""
    order = {"id": str(task.order_id), "href": f"{base}{orders_out.PATH}/{task.order_id}"}
    named = task.sent["serviceOrder"]
    found = {
        "@type": "CancelServiceOrder",
        "@baseType": "Entity",
        **task.sent,
        "id": str(task.id),
        "href": f"{base}{PATH}/{task.id}",
        "state": task.state,
        "serviceOrder": {"@referredType": "ServiceOrder"} | named | order,
    }
    if task.ended_at is not None:
        found["completionMessage"] = task.detail
    if task.ended_at is not None and task.state == "done":
        found["effectiveCancellationDate"] = orders_out.written(task.ended_at)
    if task.state == "terminatedWithError":
        found["errorMessage"] = {"code": "too_late", "reason": "It could not be cancelled", "message": task.detail}
    return found
