"""Putting dead letters away as they come, whatever they are. Replicas share the partitions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from patchbay_chassis.database import is_outage
from patchbay_chassis.dead import Kept, read
from patchbay_chassis.follow import LIMIT, close
from patchbay_chassis.log import log
from patchbay_chassis.settings import ServiceSettings

Take = Callable[[Sequence[Kept]], Awaitable[None]]

WAIT_MS = 5_000
"""The broker answers at once when something comes, which is seldom: otherwise nobody need ask often."""
MOST = 100
PAUSE = 1.0


async def keep(name: str, topics: Sequence[str], settings: ServiceSettings, take: Take) -> None:
    """Hand over the letters that come on these topics (without the prefix), from the first one on, and commit what was
    taken, as the group of that name. For ever, through outages. After one some letters may come again."""
    group = settings.topic_prefix + name
    while True:
        consumer = AIOKafkaConsumer(
            *(settings.topic_prefix + topic for topic in topics),
            bootstrap_servers=settings.kafka.split(","),
            group_id=group,
            group_instance_id=f"{group}-{settings.replica}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=WAIT_MS,
            max_partition_fetch_bytes=4 << 20,
            session_timeout_ms=int(settings.session_timeout.total_seconds() * 1000),
            heartbeat_interval_ms=int(settings.session_timeout.total_seconds() * 300),
        )
        try:
            await asyncio.wait_for(consumer.start(), LIMIT)
            await _read_on(consumer, settings.topic_prefix, take)
        except Exception as error:
            if not (isinstance(error, KafkaError) or is_outage(error)):
                raise
            log.warning("keeper.waits", group=group, error=repr(error))
        finally:
            await close(consumer)
        await asyncio.sleep(PAUSE)


async def again(topics: Sequence[str], settings: ServiceSettings, take: Take) -> None:
    """Hand over all letters that these topics have by now, in no group. Raises OSError in an outage of Kafka."""
    names = [settings.topic_prefix + topic for topic in topics]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka.split(","),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
    )
    try:
        await asyncio.wait_for(consumer.start(), LIMIT)
        await consumer._client.set_topics(names)
        there = [TopicPartition(one, number) for one in names for number in consumer.partitions_for_topic(one) or ()]
        await _read_all(consumer, there, settings.topic_prefix, take)
    except KafkaError as error:
        raise ConnectionError(f"Kafka was asked for dead letters: {error!r}") from error
    finally:
        await close(consumer)


async def _read_all(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], prefix: str, take: Take) -> None:
    ends = await consumer.end_offsets(partitions)
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    while True:
        left = [one for one in partitions if await consumer.position(one) < ends[one]]
        if not left:
            return
        polled = await consumer.getmany(*left, timeout_ms=200, max_records=MOST)
        if records := list(chain.from_iterable(polled.values())):
            await take([read(record, prefix) for record in records])


async def _read_on(consumer: AIOKafkaConsumer, prefix: str, take: Take) -> None:
    while True:
        polled = await consumer.getmany(timeout_ms=WAIT_MS, max_records=MOST)
        records = list(chain.from_iterable(polled.values()))
        if records:
            await take([read(record, prefix) for record in records])
            behind = {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
            await consumer.commit(behind)
