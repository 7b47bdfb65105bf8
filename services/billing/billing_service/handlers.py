"""Everything that billing reacts to."""

from collections.abc import Sequence
from datetime import UTC, datetime

from billing_service import model, queries
from patchbay_chassis import undone
from patchbay_chassis.database import Connection
from patchbay_chassis.fresh import Fresh
from patchbay_chassis.router import Router
from patchbay_contracts.v1.billing import BillingOpened, BillingRefused, BillingVoided, OpenBilling, VoidBilling
from patchbay_contracts.v1.orders import OrderCompleted

router = Router()
price_lists = Fresh(queries.price_lists)
STEP = "open"


@router.handles(OpenBilling)
async def open_billing(commands: Sequence[OpenBilling], db: Connection) -> list[BillingOpened | BillingRefused]:
    lists = await price_lists.get(db, (line.price_list for command in commands for line in command.lines))
    blocked, withdrawn = await queries.barred(db, commands, STEP)
    today = datetime.now(UTC).date()
    priced: list[list[model.Charge] | BillingRefused] = [
        model.refusal(command, "withdrawn", "the order was taken back before")
        if command.order_id in withdrawn
        else model.refusal(command, "account_blocked", "the customer's account is blocked: settle it first")
        if command.customer_id in blocked
        else model.priced(command, lists, today)
        for command in commands
    ]
    opened = [command for command, charges in zip(commands, priced, strict=True) if isinstance(charges, list)]
    await queries.charge(db, [c for charges in priced if isinstance(charges, list) for c in charges], opened)
    return [
        charges if isinstance(charges, BillingRefused) else _opened(command, charges)
        for command, charges in zip(commands, priced, strict=True)
    ]


@router.handles(VoidBilling)
async def void_billing(commands: Sequence[VoidBilling], db: Connection) -> list[BillingVoided]:
    orders = [command.order_id for command in commands]
    await undone.forbid(db, STEP, orders)
    await queries.void(db, orders)
    return [BillingVoided(order_id=command.order_id, reseller=command.reseller) for command in commands]


@router.handles(OrderCompleted)
async def start_charging_when_order_completed(events: Sequence[OrderCompleted], db: Connection) -> list[None]:
    await queries.start(db, (event.order_id for event in events))
    return [None for _ in events]


def _opened(command: OpenBilling, charges: Sequence[model.Charge]) -> BillingOpened:
    setup, monthly = model.sums(charges)
    return BillingOpened(order_id=command.order_id, reseller=command.reseller, setup=setup, monthly=monthly)
