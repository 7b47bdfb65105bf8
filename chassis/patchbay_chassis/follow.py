"""Following a topic without a group: whoever keeps a picture of something in memory reads all of it, and keeps the
positions with the picture."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import chain

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError, UnknownTopicOrPartitionError

from patchbay_chassis import metrics
from patchbay_chassis.envelope import Unreadable, read
from patchbay_chassis.log import log
from patchbay_chassis.settings import ProcessSettings
from patchbay_contracts.message import Message

Positions = dict[int, int]
"""The offset of the next record, by partition."""
Take = Callable[[Sequence[Message]], Awaitable[None]]

WAIT_MS = 200
"""The broker answers at once when something comes, and after so long when nothing does: then we know to be level."""
MOST = 200
"""Records handed over together: others in the process want to have their turn."""
GATHER = 0.1
"""Seconds until more is fetched after some came: a fetch costs a millisecond of processor time whatever it brings. What
comes after a silence is not kept waiting, nor what is to be caught up with."""
SILENT = 15.0
"""Seconds without an answer about some partition, after which the connection is made anew."""
LIMIT = 10.0
PAUSE = 0.5
ANY_AGE = (0, 1 << 128)
"""Who follows has no journal that forgets: no message is too old."""


class Follower:
    """Reads all partitions of one topic. It outlives outages of the broker; what cannot be read is skipped."""

    def __init__(self, topic: str, settings: ProcessSettings) -> None:
        self.topic = settings.topic_prefix + topic
        self._name = topic
        self._kafka = settings.kafka
        self._most_bytes = settings.most_bytes
        self._positions: Positions = {}
        self._marks: dict[int, tuple[int, float]] = {}
        self._level: dict[int, float] = {}

    @property
    def positions(self) -> Positions:
        """Behind what was taken."""
        return dict(self._positions)

    @property
    def level_at(self) -> float:
        """The time (seconds since 1970) up to which all that was said has been taken; 0 before anything is known."""
        return min((self._level.get(p, 0.0) for p in self._positions), default=0.0)

    async def ends(self) -> Positions:
        """The positions behind all that has been said. Raises OSError in an outage."""
        async with self._asked() as consumer:
            ends = await consumer.end_offsets(await self._partitions(consumer))
            return {partition.partition: offset for partition, offset in ends.items()}

    async def reaches(self, positions: Mapping[int, int]) -> bool:
        """Whether the topic still has all from these positions on. Raises OSError in an outage."""
        async with self._asked() as consumer:
            there = await self._partitions(consumer)
            begins = await consumer.beginning_offsets(there)
            ends = await consumer.end_offsets(there)
        return {p.partition for p in there} >= positions.keys() and all(
            begins[p] <= positions.get(p.partition, 0) <= ends[p] for p in there
        )

    async def follow(self, positions: Mapping[int, int], take: Take) -> None:
        """Hand over what comes from these positions on, messages of a partition in order. After an outage some may
        come again. Returns only when the topic does not have any more what would come next."""
        self._positions, self._marks, self._level = dict(positions), {}, {}
        while True:
            try:
                async with self._connected() as consumer:
                    await self._read_on(consumer, take)
            except OffsetOutOfRangeError as lost:
                log.error("follower.lost_its_place", topic=self.topic, error=repr(lost))
                return
            except (KafkaError, OSError) as error:
                log.warning("follower.waits", topic=self.topic, error=repr(error))
            await asyncio.sleep(PAUSE)

    async def _read_on(self, consumer: AIOKafkaConsumer, take: Take) -> None:
        """Until the broker is silent for long, or has more partitions."""
        there = await self._partitions(consumer)
        consumer.assign(there)
        for partition in there:
            consumer.seek(partition, self._positions.setdefault(partition.partition, 0))
        heard = time.time()
        while time.time() - heard < SILENT and consumer.partitions_for_topic(self.topic) == set(self._positions):
            polled = await consumer.getmany(timeout_ms=WAIT_MS, max_records=MOST)
            records = list(chain.from_iterable(polled.values()))
            if messages := self._readable(records):
                await take(messages)
            for partition in there:
                self._positions[partition.partition] = await consumer.position(partition)
                self._note_level(consumer, partition)
            heard = max(heard, min(consumer.last_poll_timestamp(partition) or 0 for partition in there) / 1000)
            # what is fetched already comes without waiting: others have their turn
            await asyncio.sleep(GATHER if 0 < len(records) < MOST else 0)
        log.info("follower.reconnects", topic=self.topic)

    def _note_level(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """What the broker had at a time is taken when the position gets there, though more may have come by then."""
        number = partition.partition
        high, polled = consumer.highwater(partition), consumer.last_poll_timestamp(partition)
        if high is None or polled is None:
            return
        reached, mark = self._positions[number], self._marks.get(number)
        if mark is not None and reached >= mark[0]:
            self._level[number] = mark[1]
        if mark is None or reached >= mark[0]:
            self._marks[number] = (high, polled / 1000)
        if reached >= high:
            self._level[number] = polled / 1000

    def _readable(self, records: Iterable[ConsumerRecord]) -> list[Message]:
        found, unreadable = [], Counter[str]()
        for record in records:
            try:
                _, message = read(
                    record.headers, record.value, topic=self._name, most_bytes=self._most_bytes, bounds=ANY_AGE
                )
            except Unreadable as error:
                unreadable[error.reason] += 1
                place = f"{record.topic}/{record.partition}/{record.offset}"
                log.warning("follower.skipped", reason=error.reason, detail=str(error), place=place)
            else:
                found.append(message)
        for reason, many in unreadable.items():
            metrics.skipped.labels(reason).inc(many)
        return found

    async def _partitions(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        async with asyncio.timeout(LIMIT):
            await consumer._client.set_topics([self.topic])
        numbers = consumer.partitions_for_topic(self.topic)
        if not numbers:
            raise UnknownTopicOrPartitionError(f"there is no topic {self.topic}: python -m patchbay_chassis.topics")
        return [TopicPartition(self.topic, number) for number in sorted(numbers)]

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[AIOKafkaConsumer]:
        """For others than the chassis, an outage of Kafka is like any other."""
        try:
            async with self._connected() as consumer:
                yield consumer
        except KafkaError as error:
            raise ConnectionError(f"Kafka was asked about {self.topic}: {error!r}") from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._kafka.split(","),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=WAIT_MS,
            max_partition_fetch_bytes=4 << 20,
            request_timeout_ms=int(LIMIT * 1000),
            metadata_max_age_ms=30_000,
        )
        try:
            await asyncio.wait_for(consumer.start(), LIMIT)
            yield consumer
        finally:
            await close(consumer)


async def close(consumer: AIOKafkaConsumer) -> None:
    """Within a time limit. A task of aiokafka's that is cancelled here would cancel whoever waits for it, and leave
    connections open behind it."""
    for end in (consumer.stop, consumer._client.close):
        closing = asyncio.create_task(end())
        await asyncio.wait({closing}, timeout=3)
        if not closing.done():
            closing.cancel()
        elif not closing.cancelled() and (error := closing.exception()) is not None:
            log.warning("follower.not_closed", error=repr(error))
