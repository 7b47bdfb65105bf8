"""Service orders that are there, changed: patched by a client, moved on by an operator, ended by themselves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gateway_service.keys import Caller
from gateway_service.tmf import cancels, events, order_queries, orders_out, sent, terms
from gateway_service.tmf.errors import unknown
from gateway_service.tmf.order_queries import Stored
from gateway_service.tmf.order_states import FINAL
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.orders_patch import Mover, moved, patched, waits
from patchbay_chassis.database import Connection
from patchbay_chassis.service import Running

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
        found = terms.of(order, orders)
        await order_queries.change(db, order, found, waits=waits(order), open_=whole["state"] not in FINAL)
        what: events.What = "StateChange" if whole["state"] != was["state"] else "AttributeValueChange"
        told = events.event(order.reseller, "ServiceOrder", what, orders_out.shown(order, orders, events.base()))
        await events.tell(db, told, *await cancels.decided(db, [(order, whole["state"])]))
        return whole


async def _locked(db: Connection, resellers: Sequence[str], id_: UUID) -> Stored | None:
    for reseller in resellers:
        if (order := await order_queries.one(db, reseller, id_, locked=True)) is not None:
            return order
    return None


async def tell_ends(db: Connection, most: int = 200) -> None:
    """Tell of orders that have ended by themselves since this was last done, and what came of their cancellations."""
    ended = await order_queries.ended(db, most)
    if not ended:
        return
    orders = await order_queries.carried_out(db, ended)
    await order_queries.close(db, [(one, terms.of(one, orders)) for one in ended])
    whole = [(one, orders_out.shown(one, orders, events.base())) for one in ended]
    tasks = await cancels.decided(db, [(one, shown["state"]) for one, shown in whole])
    told = [events.event(one.reseller, "ServiceOrder", "StateChange", shown) for one, shown in whole]
    await events.tell(db, *told, *tasks)


async def catch_up(db: Connection, most: int = 1_000) -> None:
    """Orders that ended before they were found by their attributes are from now on."""
    behind = await order_queries.behind(db, most)
    orders = await order_queries.carried_out(db, behind)
    await order_queries.close(db, [(one, terms.of(one, orders)) for one in behind])
