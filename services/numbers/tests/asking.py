"""What orders ask of the numbers service, and what they are answered, for its tests."""

from typing import Any
from uuid import UUID, uuid4

from patchbay_chassis.database import Connection
from patchbay_contracts.message import Message
from patchbay_contracts.order import Numbers
from patchbay_contracts.v1.numbers import HoldNumbers, NumbersHeld, NumbersUnavailable, ReleaseNumbers, Want
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted


def exact(*numbers: int, line: int = 0) -> Want:
    return Want(line=line, numbers=Numbers(exact=numbers))


def some(count: int, prefix: str = "", pool: Any = "public", line: int = 0, least: int = 0, **filter_: Any) -> Want:
    return Want(line=line, least=least, numbers=Numbers(count=count, prefix=prefix, pool=pool, **filter_))


def hold(
    *wants: Want, reseller: str = "acme", customer_id: UUID | None = None, held_by: UUID | None = None
) -> HoldNumbers:
    return HoldNumbers(order_id=uuid4(), reseller=reseller, wants=wants, customer_id=customer_id, held_by=held_by)


def release(command: HoldNumbers) -> ReleaseNumbers:
    return ReleaseNumbers(order_id=command.order_id, reseller=command.reseller)


def completed(command: HoldNumbers, *numbers: int) -> OrderCompleted:
    service = CreatedService(id=uuid4(), line=0, service_type="voice-line", numbers=numbers)
    return OrderCompleted(
        order_id=command.order_id, reseller=command.reseller, customer_id=uuid4(), services=(service,)
    )


def numbers_of(answer: Message) -> list[list[int]]:
    assert isinstance(answer, NumbersHeld), answer
    return [[n.e164 for n in line.numbers] for line in answer.lines]


def reason_of(answer: Message) -> str:
    assert isinstance(answer, NumbersUnavailable), answer
    return answer.reason


async def states(db: Connection) -> dict[int, str]:
    return {row.e164: row.state for row in await db.fetch("SELECT e164, state FROM number")}


async def let_holds_end(db: Connection) -> None:
    for table in ("number", "span"):
        await db.execute(f"UPDATE {table} SET held_until = now() - interval '1 second' WHERE held_until IS NOT NULL")
