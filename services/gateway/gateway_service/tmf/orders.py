"""Service orders of the TM Forum: placed, looked at, moved on, forgotten. Each is carried out by orders of Patchbay's
own, or by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service import changing, queries
from gateway_service.accepting import Accepted, AcceptedChange, accepted
from gateway_service.keys import Caller
from gateway_service.tmf import events, kept, order_queries, orders_in, orders_out, owners, sent, terms
from gateway_service.tmf.errors import in_use, unknown
from gateway_service.tmf.order_queries import Stored
from gateway_service.tmf.order_states import FINAL
from gateway_service.tmf.orders_in import Parts, id_of
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running


class Asked(NamedTuple):
    """Who asks, where he reaches the gateway, the id of what he asks for, and his traceparent."""

    caller: Caller
    base: str
    id: UUID
    trace: str = ""


async def place(running: Running, upstream: Upstream, asked: Asked, body: bytes) -> dict[str, Any]:
    """Accept a service order: with the orders that carry it out, in one transaction. Done again under the same id, it
    was done before. Raises Problem."""
    caller, base = asked.caller, asked.base
    async with running.database.connection() as db:
        if (before := await order_queries.one(db, caller.reseller, asked.id)) is not None:
            return orders_out.shown(before, await order_queries.carried_out(db, [before]), base)
    found = sent.document(body)
    order = sent.order(found)
    known = await owners.known(upstream, caller.reseller, order)
    name = next(one for one in sent.ITEMS if one in found)
    parts = orders_in.parts(order, known, name)
    now = datetime.now(UTC)
    making = None if parts.order is None else accepted(parts.order, caller.reseller, now, asked.id)
    changes = dict[int, AcceptedChange]()
    for at, (service, change) in parts.changes.items():
        own = None if making or changes else asked.id
        changes[at] = changing.accepted(change, service, caller.reseller, caller.by, own)
    items = _items(len(order.items), parts, making, changes)
    stored = Stored(caller.reseller, asked.id, kept.without_secrets(kept.order(found)), items, 1, now)
    async with running.turn() as turn:
        if making is not None:
            await queries.accept(turn.db, caller.reseller, [making])
            turn.say(making.placed, trace=asked.trace)
        if changes:
            await queries.accept(turn.db, caller.reseller, list(changes.values()), kind="change")
            turn.say(*(change.placed for change in changes.values()), trace=asked.trace)
        orders = await order_queries.carried_out(turn.db, [stored])
        await order_queries.add(turn.db, stored, terms.of(stored, orders), waits=bool(parts.by_hand))
        told = orders_out.shown(stored, orders, events.base())
        await events.tell_of(turn.db, caller.reseller, "ServiceOrder", "Create", told)
        running.crash("accepting_http")
        return orders_out.shown(stored, orders, base)


def _items(
    many: int, parts: Parts, making: Accepted | None, changes: Mapping[int, AcceptedChange]
) -> list[dict[str, Any]]:
    """What each item became."""
    items = list[dict[str, Any]]()
    for at in range(many):
        if making is not None and at in parts.lines:
            items.append({"order": str(making.id), "lines": list(parts.lines[at])})
        elif at in changes:
            items.append({"order": str(changes[at].id), "lines": []})
        else:
            items.append({"state": "acknowledged"} if at in parts.by_hand else {})
    return items


async def _whole(db: Connection, reseller: str, id_: UUID, base: str) -> dict[str, Any]:
    order = await order_queries.one(db, reseller, id_)
    if order is None:
        raise unknown("serviceOrder", id_)
    return orders_out.shown(order, await order_queries.carried_out(db, [order]), base)


async def one(running: Running, reseller: str, id_: str, base: str) -> dict[str, Any]:
    """A service order. Raises Problem 404."""
    if (known := id_of(id_)) is None:
        raise unknown("serviceOrder", id_)
    async with running.database.connection() as db:
        return await _whole(db, reseller, known, base)


async def delete(running: Running, reseller: str, id_: str) -> None:
    """Forget a service order that has ended, or that nobody has begun. Raises Problem 404, and 409 while it is carried
    out."""
    known = id_of(id_)
    async with running.database.transaction() as db:
        order = None if known is None else await order_queries.one(db, reseller, known, locked=True)
        if order is None:
            raise unknown("serviceOrder", id_)
        whole = orders_out.shown(order, await order_queries.carried_out(db, [order]), events.base())
        if whole["state"] not in FINAL | {"acknowledged"}:
            raise in_use(f"The order is {whole['state']}", "wait for its end, or cancel it")
        await order_queries.delete(db, reseller, order.id)
        await events.tell_of(db, reseller, "ServiceOrder", "Delete", whole)
