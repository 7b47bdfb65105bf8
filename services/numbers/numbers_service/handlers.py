"""Everything that the numbers service reacts to. All messages of a kind that arrived together, one statement each."""

from collections.abc import Sequence
from datetime import timedelta

from numbers_service import drafts, holding, in_service, kept_loads, picture, queries, rules, waiting
from numbers_service.matching import Choose, FromTables
from numbers_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.log import log
from patchbay_chassis.router import Router
from patchbay_contracts.message import Message
from patchbay_contracts.v1.blocks import BlockChecked
from patchbay_contracts.v1.numbers import (
    HoldNumbers,
    NumbersHeld,
    NumbersReleased,
    NumbersUnavailable,
    ReleaseNumbers,
)
from patchbay_contracts.v1.orders import OrderCompleted

router = Router()
choose: Choose = FromTables()


@router.handles(HoldNumbers)
async def hold_numbers(commands: Sequence[HoldNumbers], db: Connection) -> list[NumbersHeld | NumbersUnavailable]:
    await rules.heed(db)
    return await holding.answered(db, choose, commands, settings().hold_for)


@router.handles(ReleaseNumbers)
async def release_numbers(commands: Sequence[ReleaseNumbers], db: Connection) -> list[NumbersReleased]:
    orders = [command.order_id for command in commands]
    await waiting.forbid(db, queries.STEP, orders)
    await queries.give_back(db, orders)
    await in_service.rest(db, orders, settings().quarantine)
    return [NumbersReleased(order_id=command.order_id, reseller=command.reseller) for command in commands]


@router.handles(OrderCompleted)
async def assign_when_order_completed(events: Sequence[OrderCompleted], db: Connection) -> list[None]:
    """What a change of a service added is in service too; what left it rests."""
    wanted = {number: event.order_id for event in events for service in event.services for number in service.numbers}
    changes = [event for event in events if event.change is not None]
    if changes:
        wanted |= in_service.came(changes)
    assigned = await in_service.assign(db, wanted)
    for number in wanted.keys() - assigned:
        log.error("numbers.lost", number=f"+{number}", order_id=str(wanted[number]))
    if without := [event.order_id for event in events if any(line.state == "refused" for line in event.lines)]:
        await queries.give_back(db, without)  # what was held for lines that were refused later
    if left := in_service.left(changes):
        await in_service.rest_numbers(db, left, settings().quarantine)
    return [None for _ in events]


@router.every(timedelta(seconds=2))
async def free_what_nobody_keeps(db: Connection) -> list[Message]:
    await in_service.free_again(db, most=5_000)
    return []


@router.every(timedelta(minutes=1))
async def forget_what_was_given_instead(db: Connection) -> list[Message]:
    await drafts.forget(db)
    return []


@router.every(timedelta(minutes=1))
async def break_off_loads_without_progress(db: Connection) -> list[Message]:
    await kept_loads.break_off(db, settings().load_patience)
    return []


@router.every(timedelta(minutes=1))
async def forget_refused_rows(db: Connection) -> list[Message]:
    await kept_loads.forget(db, settings().keep_refused)
    return []


@router.every(timedelta(seconds=1))
async def say_what_blocks_add_up_to(db: Connection) -> list[BlockChecked]:
    return await picture.check(db, settings().checks)
