"""Taking an order back while it is under way: asked once, carried out by provisioning, told by the order itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from gateway_service import queries
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


async def cancel(running: Running, reseller: str, id_: UUID, why: str, *, by: str, trace: str = "") -> Any:
    """Ask for it, unless that was asked before; the order as it is now. Raises Problem 404, and 409 for one that has
    ended otherwise."""
    async with running.turn() as turn:
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


async def _ask(db: Connection, wish: CancelOrder) -> bool:
    return affected(await db.execute(_ASK, wish.reseller, wish.order_id, wish.by, wish.why, wish.asked_at)) == 1


def _check(row: Any, id_: UUID) -> None:
    """Raises Problem 409 for one that has ended, but for one that was cancelled."""
    event = orjson.loads(row.event) if row.event else {}
    if row.state == "completed":
        detail = _instead(row, event)
        raise Problem(409, "The order is completed", detail, code="order_completed")
    if event.get("reason") != "cancelled":
        detail = f"Order {id_} failed ({event.get('reason')}): nothing of it is left."
        raise Problem(409, "The order has failed", detail, code="order_failed")


def _instead(row: Any, event: Mapping[str, Any]) -> str:
    kind = "Change the service back" if row.kind == "change" else "End its services instead"
    made = ", ".join(service["id"] for service in event.get("services", ())[:10]) or "none"
    return f"Order {row.id} is completed. {kind}: POST /v1/services/{{id}}/changes. Its services: {made}."


def shown(row: Any) -> dict[str, Any] | None:
    """Who wanted the order back, and whether it was in time; None if nobody did. `done` is what is undone, for
    whatever reason. `detail`: what is to be known, or to be done instead."""
    if row.cancel_asked_at is None:
        return None
    found = {"state": "asked", "by": row.cancel_by, "reason": row.cancel_why, "asked_at": row.cancel_asked_at}
    event = orjson.loads(row.event) if row.event else {}
    if row.state == "completed":
        return found | {"state": "too_late", "detail": _instead(row, event)}
    if row.state == "failed":
        reason = event.get("reason")
        others = {} if reason == "cancelled" else {"detail": f"It was being undone already ({reason})."}
        return found | {"state": "done"} | others
    told = stuck(row)
    return found | ({"detail": told} if told else {})


def stuck(row: Any) -> str:
    """What is to be known about taking back an order whose undo does not get through; nothing if it is none."""
    if row.state != "stuck":
        return ""
    event = orjson.loads(row.event) if row.event else {}
    return (
        f"It was being undone already, and its step {event.get('step')} does not answer ({event.get('detail')})."
        " All else that is left of it is undone at once. It fails as soon as that step answers, with nothing left; it"
        f" goes on being asked. Whoever runs Patchbay may go on without: POST /v1/operations/orders/{row.id}/skip."
    )
