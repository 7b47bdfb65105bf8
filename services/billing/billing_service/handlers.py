"""Everything that billing reacts to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Never

from billing_service import amending, amending_queries, model, opening, queries, quote_queries
from billing_service.settings import settings
from patchbay_chassis import undone
from patchbay_chassis.database import Connection
from patchbay_chassis.fresh import Fresh
from patchbay_chassis.router import Router
from patchbay_contracts.v1.billing import BillingOpened, BillingRefused, BillingVoided, OpenBilling, VoidBilling
from patchbay_contracts.v1.changes import (
    AmendBilling,
    BillingAmended,
    BillingAmendRefused,
    BillingRestored,
    RestoreBilling,
)
from patchbay_contracts.v1.orders import OrderCompleted

router = Router()
price_lists = Fresh(queries.price_lists)
STEP = "open"
AMEND = "amend"


@router.handles(OpenBilling)
async def open_billing(commands: Sequence[OpenBilling], db: Connection) -> list[BillingOpened | BillingRefused]:
    lists = await price_lists.get(db, (line.price_list for command in commands for line in command.lines))
    standing = await queries.standing(db, (c.customer_id for c in commands), [c.order_id for c in commands], STEP)
    wanted = {command.quote for command in commands if command.quote is not None}
    quotes = await quote_queries.lock(db, wanted) if wanted else {}
    priced = list(opening.answered(commands, lists, standing, quotes, datetime.now(UTC).date()))
    opened = [command for command, one in zip(commands, priced, strict=True) if isinstance(one, model.Priced)]
    await queries.charge(db, [c for one in priced if isinstance(one, model.Priced) for c in one.charges], opened)
    if used := {command.quote: command.order_id for command in opened if command.quote is not None}:
        await quote_queries.use(db, used)
    return [
        one if isinstance(one, BillingRefused) else _opened(command, one)
        for command, one in zip(commands, priced, strict=True)
    ]


@router.handles(VoidBilling)
async def void_billing(commands: Sequence[VoidBilling], db: Connection) -> list[BillingVoided]:
    orders = [command.order_id for command in commands]
    await undone.forbid(db, STEP, orders)
    await queries.void(db, orders)
    return [BillingVoided(order_id=command.order_id, reseller=command.reseller) for command in commands]


@router.handles(AmendBilling)
async def amend_billing(commands: Sequence[AmendBilling], db: Connection) -> list[BillingAmended | BillingAmendRefused]:
    standing = await queries.standing(db, (c.customer_id for c in commands), [c.order_id for c in commands], AMEND)
    lists = await price_lists.get(db, {one for command in commands for one in amending.lists_of(command)})
    ledgers, today = await amending_queries.ledgers(db, commands), datetime.now(UTC).date()
    pairs = list(zip(commands, amending.judged(commands, standing, ledgers, lists, today), strict=True))
    await amending_queries.amend(db, [(c, amending.rows(new)) for c, new in pairs if isinstance(new, list)])
    return [amending.answer(c, f) if isinstance(f, list) else amending.refusal(c, f) for c, f in pairs]


@router.handles(RestoreBilling)
async def restore_billing(commands: Sequence[RestoreBilling], db: Connection) -> list[BillingRestored]:
    orders = [command.order_id for command in commands]
    await undone.forbid(db, AMEND, orders)
    await queries.void(db, orders)
    return [BillingRestored(order_id=command.order_id, reseller=command.reseller) for command in commands]


@router.handles(OrderCompleted)
async def start_charging_when_order_completed(events: Sequence[OrderCompleted], db: Connection) -> list[None]:
    await queries.start(db, (event.order_id for event in events))
    return [None for _ in events]


@router.every(timedelta(hours=1))
async def forget_quotes(db: Connection) -> list[Never]:
    """Quotes that ended long ago and were never used."""
    await quote_queries.forget(db, settings().keep_quotes)
    return []


def _opened(command: OpenBilling, priced: model.Priced) -> BillingOpened:
    setup, monthly = model.sums(priced.charges)
    refused = tuple(sorted(priced.refused, key=lambda one: one.line))
    return BillingOpened(
        order_id=command.order_id, reseller=command.reseller, setup=setup, monthly=monthly, refused=refused
    )
