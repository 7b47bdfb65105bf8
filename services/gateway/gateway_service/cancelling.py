"""Taking an order back while it is under way: asked once, carried out by provisioning, told by the order itself."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from gateway_service import cancels_shown, queries, views
from patchbay_chassis.database import Connection, affected
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turn
from patchbay_contracts.v1.provisioning import CancelOrder
from patchbay_contracts.words import Text

_ASK = """
    INSERT INTO order_cancel (reseller, order_id, by, why, asked_at)
    SELECT $1, $2, $3, $4, $5 FROM orders WHERE reseller = $1 AND id = $2 AND ended_at IS NULL
    ON CONFLICT (reseller, order_id) DO NOTHING"""


class Cancel(BaseModel):
    """Why an order is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Text


async def cancel(
    running: Running, reseller: str, id_: UUID, why: str, *, by: str, trace: str = "", seen: str | None = None
) -> Any:
    """Ask for it, unless that was asked before; the order as it is now. Raises Problem 404, 409 for one that has ended
    otherwise, and 412 for one that was not asked for before and is not as it was `seen`."""
    async with running.turn() as turn:
        if seen is not None:
            _as_seen(await _order(turn.db, reseller, id_), seen)
        row = await ask(turn, reseller, id_, why, by=by, trace=trace)
        if row.ended_at is not None:
            _check(row, id_)
    return row


async def ask(turn: Turn, reseller: str, id_: UUID, why: str, *, by: str, trace: str = "") -> Any:
    """Ask for it in a turn, unless that was asked before or it has ended; the order as it is now. Of one that is stuck
    it is asked each time: what is left to undo waits for nobody then. Raises Problem 404."""
    row = await _order(turn.db, reseller, id_)
    if row.ended_at is not None:
        return row
    now = datetime.now(UTC)
    wish = CancelOrder(order_id=id_, reseller=reseller, by=by, why=why, asked_at=now, reference=row.reference)
    if await _ask(turn.db, wish) or row.state == "stuck":
        turn.say(wish, trace=trace)
        return row
    return await _order(turn.db, reseller, id_)  # asked before, or it ended this moment


async def _order(db: Connection, reseller: str, id_: UUID) -> Any:
    row = await queries.order(db, reseller, id_)
    if row is None:
        detail = f"You have no order {id_}. Its id is in the answer that accepted it."
        raise Problem(404, "No such order", detail, code="no_such_order")
    return row


def _as_seen(row: Any, seen: str) -> None:
    if row.ended_at is None and row.cancel_asked_at is None:
        views.check_seen(views.tag(views.whole(row)), seen)


async def _ask(db: Connection, wish: CancelOrder) -> bool:
    return affected(await db.execute(_ASK, wish.reseller, wish.order_id, wish.by, wish.why, wish.asked_at)) == 1


def _check(row: Any, id_: UUID) -> None:
    """Raises Problem 409 for one that has ended, but for one that was cancelled."""
    event = orjson.loads(row.event) if row.event else {}
    if row.state == "completed":
        detail = cancels_shown.instead(row, event)
        raise Problem(409, "The order is completed", detail, code="order_completed")
    if event.get("reason") != "cancelled":
        detail = f"Order {id_} failed ({event.get('reason')}): nothing of it is left."
        raise Problem(409, "The order has failed", detail, code="order_failed")
