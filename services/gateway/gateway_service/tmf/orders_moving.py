"""Service orders that are there, changed: patched by a client, moved on by an operator, cancelled."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gateway_service.keys import Caller
from gateway_service.tmf import cancel_queries, events, kept, order_queries, orders_out, sent
from gateway_service.tmf.cancel_queries import Cancellation, TaskState
from gateway_service.tmf.errors import bad, refused, unknown
from gateway_service.tmf.order_queries import Stored
from gateway_service.tmf.order_states import FINAL
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.orders_patch import Mover, moved, patched, waits
from gateway_service.tmf.selection import Selection
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running

PATH = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"
MOST_LISTED = 10_000
ASSESSED: tuple[str, ...] = ("assessingCancellation", "pendingCancellation")
Change = Callable[[Stored, Mapping[str, Any]], Stored]


async def patch(running: Running, caller: Caller, id_: str, body: bytes, base: str) -> dict[str, Any]:
    """The order after what a client sends. Raises Problem 400, 404 and 422."""
    given, who = sent.document(body), Mover(caller.by, datetime.now(UTC))
    return await change(
        running, (caller.reseller,), id_of(id_), base, lambda order, whole: patched(order, whole, given, who)
    )


async def move(running: Running, resellers: Sequence[str], id_: UUID, then: str, who: Mover) -> dict[str, Any]:
    """The order with what is done by hand in another state. Raises Problem 404 and 422."""
    return await change(running, resellers, id_, "", lambda order, whole: moved(order, whole["state"], then, who))


async def change(
    running: Running, resellers: Sequence[str], id_: UUID | None, base: str, how: Change
) -> dict[str, Any]:
    """Change an order of one of these resellers, whatever others do at the same time."""
    async with running.database.transaction() as db:
        order = None if id_ is None else await _locked(db, resellers, id_)
        if order is None:
            raise unknown("serviceOrder", id_ or "like that")
        orders = await order_queries.carried_out(db, [order])
        was = orders_out.shown(order, orders, base)
        order = how(order, was)
        whole = orders_out.shown(order, orders, base)
        await order_queries.change(db, order, waits=waits(order), open_=whole["state"] not in FINAL)
        if was["state"] in ASSESSED and whole["state"] not in ASSESSED:
            told = "cancelled" if whole["state"] == "cancelled" else "the order goes on"
            await cancel_queries.end(db, order.reseller, order.id, told)
        what: events.What = "StateChange" if whole["state"] != was["state"] else "AttributeValueChange"
        await events.tell_of(db, order.reseller, "ServiceOrder", what, orders_out.shown(order, orders, events.base()))
        return whole


async def _locked(db: Connection, resellers: Sequence[str], id_: UUID) -> Stored | None:
    for reseller in resellers:
        if (order := await order_queries.one(db, reseller, id_, locked=True)) is not None:
            return order
    return None


async def cancel(running: Running, caller: Caller, body: bytes, asked_as: UUID, base: str) -> dict[str, Any]:
    """Ask for an order to be cancelled. What nobody has begun is cancelled at once; what is in somebody's hands is for
    them to decide. Raises Problem 400, and 422 for an order that is not there or has ended."""
    given, reseller = sent.document(body), caller.reseller
    asked = sent.read(sent.Cancel, given)
    if asked.order.id is None:
        raise bad("/serviceOrder/id", "it does not say which order", "add serviceOrder with its id")
    who = Mover(caller.by, datetime.now(UTC), (asked.reason or "")[:200])
    id_ = id_of(asked.order.id)
    async with running.database.transaction() as db:
        if (before := await cancel_queries.one(db, reseller, asked_as)) is not None:
            return shown(before, base)
        order = None if id_ is None else await order_queries.one(db, reseller, id_, locked=True)
        if order is None:
            raise refused("/serviceOrder/id", "there is no such order", "take its id from the list of orders")
        whole = orders_out.shown(order, await order_queries.carried_out(db, [order]), base)
        if whole["state"] in FINAL:
            raise refused("/serviceOrder/id", f"the order is {whole['state']}, and stays so", "place another order")
        state, detail = _task(order, whole["state"])
        if state != "terminatedWithError" and whole["state"] not in ASSESSED:
            then = "cancelled" if state == "done" else "assessingCancellation"
            order = moved(order, whole["state"], then, who)
            order = order._replace(sent=order.sent | ({"cancellationReason": who.why} if who.why else {}))
            await order_queries.change(db, order, waits=waits(order), open_=waits(order))
        ended = None if state == "inProgress" else who.at
        task = Cancellation(
            reseller,
            asked_as,
            order.id,
            kept.without_secrets(sent.plain(given, sent.Cancel)),
            state,
            detail,
            who.at,
            ended,
        )
        await cancel_queries.add(db, task)
        now = orders_out.shown(order, {}, events.base())
        told = [events.event(reseller, "CancelServiceOrder", "Create", shown(task, events.base()))]
        if state != "terminatedWithError":
            told.append(events.event(reseller, "ServiceOrder", "StateChange", now))
        await events.tell(db, *told)
    return shown(task, base)


def _task(order: Stored, state: str) -> tuple[TaskState, str]:
    if any("order" in item for item in order.items):
        return "terminatedWithError", "Patchbay carries it out already: wait for its end, then delete its services"
    if state == "acknowledged":
        return "done", "cancelled"
    return "inProgress", "whoever carries it out decides"


async def one(running: Running, reseller: str, id_: str, base: str) -> dict[str, Any]:
    """What became of a cancellation. Raises Problem 404."""
    known = id_of(id_)
    async with running.database.connection() as db:
        task = None if known is None else await cancel_queries.one(db, reseller, known)
    if task is None:
        raise unknown("cancelServiceOrder", id_)
    return shown(task, base)


async def listed(running: Running, reseller: str, asked: Selection, base: str) -> tuple[list[dict[str, Any]], int]:
    """A part of the cancellations that match, the newest first, and how many match."""
    async with running.database.connection() as db:
        tasks = await cancel_queries.newest(db, reseller, MOST_LISTED)
    matching = [whole for task in tasks if asked.matches(whole := shown(task, base))]
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
        found["effectiveCancellationDate"] = orders_out.written(task.ended_at)
        found["completionMessage"] = task.detail
    if task.state == "terminatedWithError":
        found["errorMessage"] = {"code": "order_under_way", "reason": "It is carried out", "message": task.detail}
    return found
