"""The producer through outages of the broker, over real Kafka."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from patchbay_chassis import producer as module
from patchbay_chassis.producer import Producer, Record


class FailsOnce(AIOKafkaProducer):  # type: ignore[misc]
    """The first of them acks nothing: commands are refused, and replies wait for ever."""

    made = 0
    asked: asyncio.Event

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        FailsOnce.made += 1
        self.stuck = FailsOnce.made == 1

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        if not self.stuck:
            return await super().send_batch(batch, topic, partition=partition)
        if "commands" in topic:
            raise KafkaTimeoutError
        self.asked.set()
        return asyncio.get_running_loop().create_future()


async def test_a_producer_that_was_renewed_stays_healthy_when_what_the_old_one_was_given_fails_later(
    kafka: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FailsOnce, "made", 0)
    monkeypatch.setattr(FailsOnce, "asked", asyncio.Event(), raising=False)
    monkeypatch.setattr(module, "AIOKafkaProducer", FailsOnce)
    producer = Producer(kafka, "patchbay/toy", prefix, limit=3)
    await producer.start()
    waits = asyncio.create_task(producer.send_records([Record(f"{prefix}toy.replies.v1", b"1", b"{}", [])]))
    await FailsOnce.asked.wait()
    with pytest.raises(KafkaTimeoutError):
        await producer.send_records([Record(f"{prefix}toy.commands.v1", b"1", b"{}", [])])
    healthy = [producer.healthy]
    await producer.send_records([Record(f"{prefix}toy.commands.v1", b"1", b"{}", [])])
    healthy.append(producer.healthy)
    with pytest.raises(TimeoutError):
        await waits
    healthy.append(producer.healthy)
    assert healthy == [False, True, True]
    await producer.stop()
