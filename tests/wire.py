"""The topics as they lie in Kafka: every record raw, and records put there that nobody should have sent."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from patchbay_contracts.topics import load
from tests.suite import Suite


async def records(suite: Suite, *topics: str) -> list[ConsumerRecord]:
    """Every record of these topics, or of all, from the first to the one that is the last now."""
    prefix = suite.stack.around.topic_prefix
    partitions = [TopicPartition(prefix + t.name, p) for t in load().values() for p in range(t.partitions)]
    if topics:
        partitions = [p for p in partitions if p.topic.removeprefix(prefix) in topics]
    consumer = AIOKafkaConsumer(bootstrap_servers=suite.stack.kafka, auto_offset_reset="earliest")
    await consumer.start()
    found: list[ConsumerRecord] = []
    try:
        consumer.assign(partitions)
        for partition, end in (await consumer.end_offsets(partitions)).items():
            while await consumer.position(partition) < end:
                found += (await consumer.getmany(partition, timeout_ms=1000)).get(partition, [])
    finally:
        await consumer.stop()
    return found


class Intruder:
    """Puts records on topics as no service would."""

    def __init__(self, suite: Suite) -> None:
        self._prefix = suite.stack.around.topic_prefix
        self._producer = AIOKafkaProducer(bootstrap_servers=suite.stack.kafka, max_request_size=4_000_000)

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def put(self, topic: str, value: bytes | None, key: bytes | None, headers: Mapping[str, bytes]) -> str:
        """Put one there; where it came to lie."""
        there = await self._producer.send_and_wait(self._prefix + topic, value, key, headers=list(headers.items()))
        return f"{there.topic}/{there.partition}/{there.offset}"
