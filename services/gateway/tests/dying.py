"""Dead letters as the gateway finds them in their topics."""

from typing import Any

from aiokafka import ConsumerRecord

from gateway_service import dead_letter_queries
from patchbay_chassis import dead
from patchbay_chassis.dead import Kept, Letter

from .conftest import Gateway

MESSAGE = "0198a1de-5c1f-7d1e-8a51-6f3f0b2f9a10"
HEADERS = (("ce_id", MESSAGE.encode()), ("ce_type", b"numbers.HoldNumbers.v1"), ("x", b"\xff"))
BEGAN = 1_900_000_000_000


def letter(
    service: str = "numbers", offset: int = 0, reason: str = "handler_failed", value: bytes | None = b'{"wants": []}',
    headers: Any = HEADERS, topic: str = "",
) -> Kept:  # fmt: skip
    """One of that service's; the higher its offset, the later it died."""

    def record(name: str, body: Any, key: Any, headers_: Any) -> ConsumerRecord:
        return ConsumerRecord(
            name, 2, offset, BEGAN + offset * 1000, 0, key, body, None, 0, 0, tuple(headers_)
        )  # fmt: skip

    original = record(topic or f"{service}.commands.v1", value, b"order-1", headers)
    dying = dead.record(Letter(original, reason, "ValueError()"), f"{service}.dead.v1")
    return dead.read(record(dying.topic, dying.value, dying.key, dying.headers), "")


async def put_away(gateway: Gateway, *letters: Kept) -> None:
    async with gateway.database.transaction() as db:
        await dead_letter_queries.put_away(db, letters)
