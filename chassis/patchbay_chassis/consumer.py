"""The batch consumer: FastStream's batch subscriber with the traps of DESIGN.md, section 8, closed."""

import asyncio
import os
import sys
import time
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from patchbay_chassis.batch import Batches
from patchbay_chassis.log import log
from patchbay_chassis.router import Router
from patchbay_chassis.settings import ServiceSettings

POLL_MS = 500
LOAD = 100
"""A batch of so many records is a sign that more are on their way."""
GATHER = 0.01
"""Seconds to wait for them."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Polls batches, has them handled, and commits the offsets of what is done about once a second.

    A late commit costs only a longer replay, because the journal makes redelivery harmless. The process is a
    static group member: killed and started again, it has its partitions back at once.
    """

    def __init__(
        self, service: str, router: Router, batches: Batches, settings: ServiceSettings, lane: int = 0
    ) -> None:
        self._batches = batches
        self._due: dict[TopicPartition, int] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self.finished_at = time.monotonic()
        group = f"{settings.topic_prefix}{service}"
        self._broker = KafkaBroker(settings.kafka.split(","), logger=None, consumer_only=True, apply_types=False)
        self._subscriber = self._broker.subscriber(
            *(settings.topic_prefix + topic for topic in router.topics),
            batch=True,
            max_records=settings.most_records,
            batch_timeout_ms=POLL_MS,
            group_id=group,
            group_instance_id=f"{group}-{settings.replica}" + (f"-{lane}" if lane else ""),
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=POLL_MS,
            max_partition_fetch_bytes=4 << 20,
            session_timeout_ms=int(settings.session_timeout.total_seconds() * 1000),
            heartbeat_interval_ms=int(settings.session_timeout.total_seconds() * 300),
            listener=self,
            parser=_parse,
            decoder=_decode,
        )
        self._subscriber.get_msg = self._poll  # type: ignore[method-assign]
        self._subscriber(self._on_batch)
        self._most = settings.most_records
        self._under_load = False

    @property
    def _consumer(self) -> AIOKafkaConsumer | None:
        return self._subscriber.consumer

    @property
    def assigned(self) -> set[TopicPartition]:
        """The partitions that this process has now."""
        return set(self._consumer.assignment()) if self._consumer is not None else set()

    async def start(self) -> None:
        """Join the group and begin to poll."""
        await self._broker.start()

    async def stop(self) -> None:
        """Let the running batch end, commit what is due, leave."""
        self._subscriber.running = False
        try:
            await asyncio.wait_for(self._idle.wait(), 5)
            await asyncio.wait_for(self.commit_offsets(), 3)
            await asyncio.wait_for(self._broker.stop(), 5)
        except TimeoutError:
            log.warning("consumer.stop_timed_out")

    async def _poll(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """One long poll; FastStream's own sleeps after an empty one, blind to what arrives meanwhile. Under load
        what comes within the next moment joins the batch: a batch costs much the same whatever it holds."""
        polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=self._most)
        records: list[ConsumerRecord] = list(chain.from_iterable(polled.values()))
        if self._under_load and records and len(records) < self._most:
            await asyncio.sleep(GATHER)
            more = await consumer.getmany(timeout_ms=0, max_records=self._most - len(records))
            records.extend(chain.from_iterable(more.values()))
        self._under_load = len(records) >= LOAD
        return tuple(records)

    async def _on_batch(self, records: Any) -> None:
        """No exception may leave here: FastStream would swallow it and go on behind the lost batch."""
        self._idle.clear()
        try:
            await self._batches.handle(records)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            log.critical("batch.abandoned", exc_info=error)
            sys.stdout.flush()
            os._exit(70)
        finally:
            self._idle.set()
        last = {(record.topic, record.partition): record.offset for record in records}
        self._due |= {TopicPartition(*place): offset + 1 for place, offset in last.items()}
        self.finished_at = time.monotonic()

    async def commit_offsets(self) -> None:
        """Commit what is done, of the partitions that are still ours."""
        consumer = self._consumer
        if consumer is None or not self._due:
            return
        due, self._due = self._due, {}
        offsets = {partition: offset for partition, offset in due.items() if partition in consumer.assignment()}
        if not offsets:
            return
        try:
            await consumer.commit(offsets)
        except (KafkaError, OSError) as error:
            # Whoever has the partitions now replays from an older offset; the journal knows those messages.
            log.warning("offsets.not_committed", error=repr(error))

    async def on_partitions_revoked(self, revoked: Any) -> None:  # noqa: ARG002
        """Called before the group gives partitions to others."""
        await self.commit_offsets()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Called with the partitions that are ours now."""
        log.info("partitions.assigned", partitions=len(assigned))
        self.finished_at = time.monotonic()

    def lag(self) -> int:
        """Records in the assigned partitions that were not polled yet, as far as the last fetches told. A partition in
        which we stand nowhere yet counts as one: that should last for moments only."""
        consumer, lag = self._consumer, 0
        for partition in self.assigned:
            high = consumer.highwater(partition) if consumer is not None else None
            position = consumer._subscription.subscription.assignment.state_value(partition) if consumer else None
            if position is None or not position.has_valid_position:
                lag += 1
            elif high is not None:
                lag += max(0, high - position.position)
        return lag

    @property
    def busy(self) -> bool:
        """Whether a batch is being handled now."""
        return not self._idle.is_set()


async def _parse(raw: Any) -> KafkaMessage:
    """Hand the raw records on: a parser that cannot fail loses no batch."""
    return KafkaMessage(
        body=b"",
        raw_message=raw,
        message_id="",
        correlation_id="",
        reply_to="",
        headers={},
        path={},
        consumer=None,  # type: ignore[arg-type]
    )


async def _decode(message: KafkaMessage) -> Any:
    return message.raw_message
