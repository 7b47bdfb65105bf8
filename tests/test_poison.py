"""Bad records on any topic are dead letters, one by one, with reason and origin; their neighbours go through."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import uuid4

import orjson
import pytest
from confluent_kafka import Producer

from patchbay_chassis.envelope import mint
from patchbay_contracts import schemas
from patchbay_contracts.message import BY_TYPE
from patchbay_contracts.topics import load
from tests.documents import line, order
from tests.suite import Suite, eventually
from tests.wire import Intruder, records

BROKERS_LIMIT = 1_048_500
"""Bytes of a record that the broker just takes: its message.max.bytes is 1,048,588."""
schemas.load_all()

NAMES = [name for name, topic in load().items() if topic.consumers]
TYPES = {message.topic: type_ for type_, message in BY_TYPE.items()}


class Poison(NamedTuple):
    """A record that cannot be handled, and the reason to be given."""

    reason: str
    headers: Mapping[str, bytes]
    value: bytes | None = b"{}"
    key: bytes | None = b"k"


def poisons(topic: str) -> list[Poison]:
    """One of every kind, each under an id of its own."""

    def headers(**changes: bytes) -> dict[str, bytes]:
        return {"ce_id": str(mint()).encode(), "ce_type": TYPES[topic].encode(), "ce_specversion": b"1.0"} | changes

    huge = b"x" * BROKERS_LIMIT
    return [
        Poison("missing_header", {}),
        Poison("missing_header", {}, b"", None),
        Poison("bad_header", headers(ce_id=b"\xff\xfe")),
        Poison("bad_id", headers(ce_id=str(uuid4()).encode())),
        Poison("too_old", headers(ce_id=b"00000000-0000-7000-8000-000000000001")),
        Poison("unknown_type", headers(ce_type=b"orders.OrderEaten.v7")),
        Poison("unknown_type", headers(ce_type=b"x" * 10_000)),
        Poison("no_body", headers(), None),
        Poison("bad_body", headers(), b"\xff\xfe{"),
        Poison("bad_body", headers(), b'{"order_id": 5}'),
        Poison("bad_body", headers(), b"[" * 100_000),
        Poison("too_large", headers(), huge[:-200]),
        Poison("missing_header", {}, None, huge),
        Poison("missing_header", {"x": huge}),
        Poison("missing_header", {"x" * BROKERS_LIMIT: b"x"}),
        Poison("missing_header", {f"x{n}": b"x" for n in range(10_000)}),
    ]


async def dead(suite: Suite, service: str, origins: Collection[str]) -> list[str]:
    """Reasons of the service's dead letters from these origins, in order, once there is one for each."""

    async def all_of_them() -> list[str]:
        found = {}
        for letter in await records(suite, f"{service}.dead.v1"):
            said = {name: content.decode() for name, content in letter.headers if name.startswith("dead_")}
            if said["dead_origin"] in origins:
                assert said["dead_origin"] not in found, f"{said['dead_origin']} is dead twice"
                found[said["dead_origin"]] = said["dead_reason"]
        return [found[origin] for origin in origins] if len(found) == len(origins) else []

    return await eventually(all_of_them)


@pytest.mark.parametrize("topic", NAMES)
async def test_poison_is_set_aside_one_by_one_and_orders_go_on(suite: Suite, topic: str) -> None:
    async with Intruder(suite) as intruder:
        before = [await suite.place(order(line()))]
        put = {}
        for poison in poisons(topic):
            put[await intruder.put(topic, poison.value, poison.key, poison.headers)] = poison.reason
            before.append(await suite.place(order(line())))
    for service in load()[topic].consumers:
        assert await dead(suite, service, put) == list(put.values())
    after = await suite.place(order(line()))
    for id_ in (*before, after):
        assert (await suite.shows(id_, "completed", "failed"))["state"] == "completed"
    await suite.balanced()


async def test_a_message_that_its_handler_cannot_take_is_set_aside_alone(suite: Suite) -> None:
    id_ = await suite.place(order(line()))
    wants = [{"line": 99_999, "numbers": {"exact": ["+442079460999"]}}]
    body = {"order_id": str(uuid4()), "reseller": "acme", "wants": wants}
    headers = {"ce_id": str(mint()).encode(), "ce_type": b"numbers.HoldNumbers.v1"}
    async with Intruder(suite) as intruder:
        origin = await intruder.put("numbers.commands.v1", orjson.dumps(body), b"k", headers)
    later = await suite.place(order(line()))
    assert await dead(suite, "numbers", [origin]) == ["handler_failed"]
    for one in (id_, later):
        assert (await suite.shows(one, "completed", "failed"))["state"] == "completed"
    await suite.balanced()


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_a_record_that_somebody_compressed_holds_nobody_up(suite: Suite, codec: str) -> None:
    topic = f"{suite.stack.around.topic_prefix}billing.commands.v1"
    producer = Producer({"bootstrap.servers": suite.stack.kafka, "compression.type": codec})
    delivered: list[str] = []
    for partition in range(4):
        body = b"x" * 10_000
        producer.produce(
            topic,
            body,
            partition=partition,
            on_delivery=lambda _, there: delivered.append(f"{there.topic()}/{there.partition()}/{there.offset()}"),
        )
    assert producer.flush(30) == 0
    assert await dead(suite, "billing", delivered) == ["missing_header"] * 4
    assert (await suite.ended(order(line())))["state"] == "completed"
    await suite.balanced()
