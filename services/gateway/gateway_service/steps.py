"""How long each step of an order takes, by the timelines of the newest orders that ended. Orders pay nothing for it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from patchbay_chassis.database import Connection

MANY = 1_000
"""So many orders are looked at."""
TURN = 50


class Step(NamedTuple):
    """A step: the message that asks for it, and those that answer."""

    name: str
    asked: str
    answers: tuple[str, ...]


def _step(name: str, service: str, asked: str, *answers: str) -> Step:
    return Step(name, f"{service}.{asked}.v1", tuple(f"{service}.{answer}.v1" for answer in answers))


STEPS = (
    _step("customer", "customer", "PrepareCustomer", "CustomerReady", "CustomerRefused"),
    _step("numbers", "numbers", "HoldNumbers", "NumbersHeld", "NumbersUnavailable"),
    _step("billing", "billing", "OpenBilling", "BillingOpened", "BillingRefused"),
    _step("services", "provisioning", "ActivateServices", "ServicesActivated", "ServicesRefused"),
    _step("change.billing", "billing", "AmendBilling", "BillingAmended", "BillingAmendRefused"),
    _step("change.services", "provisioning", "ChangeService", "ServiceChanged", "ChangeNotTaken"),
    _step("undo.customer", "customer", "WithdrawCustomer", "CustomerWithdrawn"),
    _step("undo.numbers", "numbers", "ReleaseNumbers", "NumbersReleased"),
    _step("undo.billing", "billing", "VoidBilling", "BillingVoided"),
    _step("undo.services", "provisioning", "WithdrawServices", "ServicesWithdrawn"),
    _step("undo.change.billing", "billing", "RestoreBilling", "BillingRestored"),
    _step("undo.change.services", "provisioning", "RestoreService", "ServiceRestored"),
)
"""In the order of business; "asked" is what opens it in an order's timeline, an answer what closes it."""
QUEUE, ORDER = "queue", "order"
"""From acceptance to the saga's begin, and to the end; not of orders that waited for a start of their own."""
NAMES = (QUEUE, *(step.name for step in STEPS), ORDER)
_ASKED = {step.asked: step.name for step in STEPS}
_ANSWERED = {answer: step.name for step in STEPS for answer in step.answers}
# A limit that is written out is planned for; as a parameter it would be taken for a tenth of the log.
_NEWEST = f"""
    SELECT orders.id, accepted_at, ended_at, starts_at, event FROM (
        SELECT reseller, order_id FROM event_log WHERE type IN ('order.completed', 'order.failed')
        ORDER BY turn DESC, position DESC LIMIT {MANY}) AS newest
    JOIN orders ON orders.reseller = newest.reseller AND orders.id = newest.order_id
    WHERE ended_at IS NOT NULL AND event IS NOT NULL"""  # noqa: S608 - ours


class Took(NamedTuple):
    """How long one order took for a step, in milliseconds."""

    ms: float
    order_id: UUID


async def newest(db: Connection) -> dict[str, Any]:
    """Each step that the newest orders went through: how often, p50, p99 and the longest in milliseconds, and the order
    that took that."""
    rows = await db.fetch(_NEWEST)
    took = defaultdict[str, list[Took]](list)
    for position, row in enumerate(rows):
        if position % TURN == 0:
            await asyncio.sleep(0)  # others have their turn
        for name, ms in durations(row, orjson.loads(row.event).get("timeline", ())):
            took[name].append(Took(ms, row.id))
    ended = [row.ended_at for row in rows]
    return {
        "as_of": datetime.now(UTC),
        "orders": len(rows),
        "since": min(ended, default=None),
        "steps": [_summed(name, took[name]) for name in NAMES if took[name]],
    }


def durations(row: Any, moments: Iterable[str]) -> Iterable[tuple[str, float]]:
    """Step by step, in milliseconds, how long it was from its first asking to its answer."""
    asked = dict[str, datetime]()
    begun = False
    for moment in moments:
        said_at, message, *_ = moment.split(" ", 2)
        at = datetime.fromisoformat(said_at)
        if not begun and row.starts_at is None:
            yield QUEUE, _ms(row.accepted_at, at)
        begun = True
        if (name := _ASKED.get(message)) is not None:
            asked.setdefault(name, at)
        elif (name := _ANSWERED.get(message)) is not None and name in asked:
            yield name, _ms(asked.pop(name), at)
    if row.starts_at is None:
        yield ORDER, _ms(row.accepted_at, row.ended_at)


def _ms(since: datetime, until: datetime) -> float:
    """Clocks of two machines differ a little: nothing takes less than no time."""
    return max(0.0, (until - since).total_seconds() * 1000)


def _summed(name: str, took: Sequence[Took]) -> dict[str, Any]:
    ordered = sorted(took)

    def percentile(percent: int) -> int:
        return round(ordered[ceil(len(ordered) * percent / 100) - 1].ms)

    return {
        "step": name,
        "count": len(ordered),
        "p50_ms": percentile(50),
        "p99_ms": percentile(99),
        "max_ms": percentile(100),
        "slowest": str(ordered[-1].order_id),
    }
