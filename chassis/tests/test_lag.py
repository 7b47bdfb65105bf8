"""How far a group is behind is what Kafka says: what it has not committed, and since when that lies there."""

import time

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from patchbay_chassis.lag import look

TOPIC, OTHER = "toy.commands.v1", "toy.replies.v1"
GROUPS = {"toy": (TOPIC, OTHER), "idle": (TOPIC,)}


async def test_what_is_not_committed_counts_and_its_oldest_record_tells_the_age(kafka: str, prefix: str) -> None:
    began = int(time.time() * 1000) - 60_000
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    for n in range(3):
        await producer.send_and_wait(prefix + TOPIC, b"x", partition=1, timestamp_ms=began + n)
    await producer.send_and_wait(prefix + TOPIC, b"x", partition=2, timestamp_ms=began + 7)
    await producer.stop()
    consumer = AIOKafkaConsumer(
        prefix + TOPIC, bootstrap_servers=kafka, group_id=f"{prefix}toy", group_instance_id=f"{prefix}toy-a-1",
        enable_auto_commit=False, auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    try:
        await consumer.getone()  # the group has settled
        await consumer.commit({TopicPartition(prefix + TOPIC, 1): 2, TopicPartition(prefix + TOPIC, 2): 1})
        found = await look(kafka, prefix, GROUPS)
        behind = {(one.group, one.topic): one for one in found.behind}
        assert [one.records for one in found.behind] == [1, 0, 4]
        oldest = [one.oldest_at and round(one.oldest_at.timestamp() * 1000) for one in found.behind]
        assert oldest == [began + 2, None, began]
        assert behind.keys() == {("toy", TOPIC), ("toy", OTHER), ("idle", TOPIC)}
        (member,) = found.members
        assert (member.group, member.name, member.partitions) == ("toy", "a-1", 4)
    finally:
        await consumer.stop()


async def test_without_a_broker_it_is_an_outage() -> None:
    with pytest.raises(ConnectionError):
        await look("127.0.0.1:1", "", GROUPS)
