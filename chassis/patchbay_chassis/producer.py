"""Producing: every ack awaited, with a time limit, and a new producer when the old one is stuck."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from aiokafka import AIOKafkaProducer

from patchbay_chassis import metrics
from patchbay_chassis.crash import armed, crash
from patchbay_chassis.envelope import Envelope
from patchbay_chassis.log import log


class Record(NamedTuple):
    """What Kafka gets: `topic` with its prefix. The key says to which partition, where none is named."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    partition: int | None = None


class Producer:
    """An idempotent producer, acks=all. `send` returns when everything is acked and raises when it is not.

    The idempotent producer can be stuck after an outage of the broker and `stop` can hang: both have time
    limits, and after a failure the next `send` begins with a new producer. What was half sent is sent again
    under the same message ids, which readers recognise.
    """

    def __init__(self, kafka: str, source: str, topic_prefix: str, *, limit: float = 15.0) -> None:
        self._kafka = kafka
        self._source = source
        self._prefix = topic_prefix
        self._limit = limit
        self._producer: AIOKafkaProducer | None = None
        self._renewing = asyncio.Lock()
        self.healthy = False

    async def start(self) -> None:
        """Connect. Raises when the broker cannot be reached within the limit."""
        async with self._renewing:
            if self._producer is not None:
                return
            producer = AIOKafkaProducer(
                bootstrap_servers=self._kafka.split(","),
                acks="all",
                enable_idempotence=True,
                max_batch_size=262_144,
                max_request_size=4_000_000,
                request_timeout_ms=10_000,
            )
            try:
                await asyncio.wait_for(producer.start(), self._limit)
            except BaseException:
                await _stop(producer)
                raise
            self._producer, self.healthy = producer, True

    async def send(self, said: Sequence[Envelope]) -> None:
        """Produce these messages in order and wait for all acks."""
        records = [Record(self._prefix + e.topic, e.key.encode(), e.body, e.headers(self._source)) for e in said]
        if armed("after_some_acks") and records:
            half = (len(records) + 1) // 2
            await self.send_records(records[:half])
            crash("after_some_acks")
            records = records[half:]
        await self.send_records(records)

    async def send_records(self, records: Sequence[Record]) -> None:
        """Produce records as they are and wait for all acks."""
        if not records:
            return
        if self._producer is None:
            await self.start()
        producer = self._producer
        assert producer is not None
        try:
            async with asyncio.timeout(self._limit):
                await asyncio.gather(*await _submit(producer, records))
        except BaseException as error:
            log.warning("producer.failed", error=repr(error))
            if self._producer is producer:  # else another send has seen to it, and a new one may be at work
                self._producer, self.healthy = None, False
                await _stop(producer)
            raise
        metrics.produced.inc(len(records))

    async def stop(self) -> None:
        """Flush and close, within the limit."""
        producer, self._producer, self.healthy = self._producer, None, False
        if producer is not None:
            await _stop(producer)


async def _submit(producer: AIOKafkaProducer, records: Sequence[Record]) -> list[asyncio.Future[object]]:
    """Hand records over in one batch for each partition: a quarter of what it costs to hand over each alone.

    The partition of a key is what librdkafka's `consistent` partitioner picks, its CRC32: Kafka's own murmur2
    would have to be computed in Python.
    """
    partitions = {topic: len(await producer.partitions_for(topic)) for topic in {r.topic for r in records}}
    places: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        place = crc32(record.key or b"") if record.partition is None else record.partition
        places.setdefault((record.topic, place % partitions[record.topic]), []).append(record)
    acks = []
    for (topic, partition), there in places.items():
        batch = producer.create_batch()
        for r in there:
            if batch.append(timestamp=None, key=r.key, value=r.value, headers=r.headers) is None:
                acks.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(timestamp=None, key=r.key, value=r.value, headers=r.headers)
        acks.append(await producer.send_batch(batch, topic, partition=partition))
    return acks


async def _stop(producer: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(producer.stop(), 3)
    except Exception as error:
        log.warning("producer.not_stopped", error=repr(error))
