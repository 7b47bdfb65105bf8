"""One batch: from raw records to committed effects and acked messages (DESIGN.md, section 4)."""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from aiokafka import ConsumerRecord

from patchbay_chassis import dead, journal, metrics
from patchbay_chassis.crash import crash
from patchbay_chassis.database import Connection, Database, Held, Overtaken, discreet, is_outage
from patchbay_chassis.envelope import NOTHING, Envelope, Unreadable, bounds, enclose, moment, pack, read, unpack
from patchbay_chassis.log import bound, log
from patchbay_chassis.producer import Producer
from patchbay_chassis.router import Router, flat, waves
from patchbay_chassis.settings import ServiceSettings
from patchbay_contracts.message import Message

PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)


class Arrived(NamedTuple):
    """A record that could be read."""

    envelope: Envelope
    message: Message
    record: ConsumerRecord | None
    """None only where no record was behind it, in tests."""


class Batches:
    """Handles batches, one at a time. `handle` returns when all that they say is acked."""

    def __init__(
        self, router: Router, database: Database, producer: Producer, settings: ServiceSettings, service: str
    ) -> None:
        self._router = router
        self._held = Held(database)
        self._producer = producer
        self._settings = settings
        self._dead_topic = f"{settings.topic_prefix}{service}.dead.v1"
        self._dead_times: deque[float] = deque()
        self._redelivering = True

    async def handle(self, records: Sequence[ConsumerRecord]) -> None:
        """Carry the batch through, however long the database or the broker is away."""
        began = time.perf_counter()
        arrived, letters = self._read(records)
        said = await self._until_it_works(arrived, letters)
        crash("after_commit")
        await self._say(said, letters)
        crash("after_acks")
        metrics.batch_messages.observe(len(records))
        metrics.batch_seconds.observe(time.perf_counter() - began)

    def _read(self, records: Sequence[ConsumerRecord]) -> tuple[list[Arrived], list[dead.Letter]]:
        arrived, letters = [], []
        within = bounds(self._settings.keep_journal)
        prefix = len(self._settings.topic_prefix)
        for record in records:
            try:
                envelope, message = read(
                    record.headers,
                    record.value,
                    topic=record.topic[prefix:],
                    most_bytes=self._settings.most_bytes,
                    bounds=within,
                )
            except Unreadable as error:
                letters.append(dead.Letter(record, error.reason, str(error)))
                continue
            if type(message) in self._router.routes:
                arrived.append(Arrived(envelope, message, record))
        return arrived, letters

    async def _until_it_works(self, arrived: list[Arrived], letters: list[dead.Letter]) -> list[Envelope]:
        """Handle all of them; what the handlers cannot take is narrowed down to single records."""
        if not arrived:
            return []
        tries = 0
        while True:
            try:
                return await self._transact(arrived)
            except Overtaken:
                metrics.restarted.labels("overtaken").inc()
                self._redelivering = True
                if tries and len(arrived) > 1:  # fewer messages at once are less in the way
                    return await self._in_halves(arrived, letters)
            except Exception as error:
                if not is_outage(error):
                    if self._redelivering:
                        return await self._bisect(arrived, letters, error)
                    self._redelivering = True  # perhaps it is only that a message came again
                    continue
                metrics.restarted.labels("outage").inc()
                log.warning("batch.delayed", tries=tries, error=repr(error))
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
            tries += 1

    async def _in_halves(self, arrived: list[Arrived], letters: list[dead.Letter]) -> list[Envelope]:
        middle = len(arrived) // 2
        first = await self._until_it_works(arrived[:middle], letters)
        return first + await self._until_it_works(arrived[middle:], letters)

    async def _bisect(self, arrived: list[Arrived], letters: list[dead.Letter], error: Exception) -> list[Envelope]:
        if len(arrived) > 1:
            return await self._in_halves(arrived, letters)
        (one,), error = arrived, discreet(error)
        with bound(message_id=str(one.envelope.id), order_id=one.message.key, reseller=one.message.reseller):
            log.error("message.failed", type=one.envelope.type, exc_info=error)
        self._stop_if_it_is_no_poison()
        letters.append(dead.Letter(one.record, "handler_failed", repr(error)))
        return []

    def _stop_if_it_is_no_poison(self) -> None:
        """Single bad messages are poison; a stream of them is a bug, and must not drain into dead letters."""
        now = time.monotonic()
        self._dead_times.append(now)
        while self._dead_times and self._dead_times[0] < now - 60:
            self._dead_times.popleft()
        if len(self._dead_times) > self._settings.most_dead_letters:
            raise SystemExit(f"{len(self._dead_times)} messages failed within a minute: stopping before more are lost")

    async def _transact(self, arrived: list[Arrived]) -> list[Envelope]:
        """The journal's key decides what is new. It is asked beforehand only while messages come again, as after a
        restart; a batch that finds one unasked is rolled back and begun again."""
        async with self._held.transaction() as db:
            known = await journal.known(db, [a.envelope.id for a in arrived]) if self._redelivering else {}
            new = {a.envelope.id: a for a in reversed(arrived) if a.envelope.id not in known}
            fresh = [a for a in arrived if new.get(a.envelope.id) is a]
            said = await run_handlers(self._router, db, fresh) if fresh else {}
            if said:
                last = fresh[-1].envelope
                said[last.id] += enclose(await db.close_up(), last.trace, moment())
                await journal.write(db, {c: pack(e) if e else NOTHING for c, e in said.items()}, sent=True)
            crash("before_commit")
        self._redelivering = bool(known)
        if known:
            metrics.redelivered.inc(len(arrived) - len(fresh))
            said |= {cause: unpack(packed) for cause, packed in known.items()}
        return [envelope for envelopes in said.values() for envelope in envelopes]

    async def _say(self, said: list[Envelope], letters: list[dead.Letter]) -> None:
        tries = 0
        records = [dead.record(letter, self._dead_topic) for letter in letters]
        while True:
            try:
                await self._producer.send(said)
                await self._producer.send_records(records)
            except Exception as error:
                log.warning("batch.unsaid", messages=len(said), tries=tries, error=repr(error))
                await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1
            else:
                for letter in letters:
                    metrics.dead.labels(letter.reason).inc()
                return


async def run_handlers(router: Router, db: Connection, fresh: Sequence[Arrived]) -> dict[UUID, list[Envelope]]:
    """Let the handlers answer, wave by wave; what each message caused, by its id."""
    now = moment()
    said: dict[UUID, list[Envelope]] = {}
    for wave in waves([a.message for a in fresh], router):
        for handler, positions in wave.items():
            group = [fresh[p] for p in positions]
            answers = await handler([a.message for a in group], db)
            if len(answers) != len(group):
                raise TypeError(f"{handler.__name__} gave {len(answers)} answers to {len(group)} messages")
            for one, answer in zip(group, answers, strict=True):
                said[one.envelope.id] = enclose(flat(answer), one.envelope.trace, now)
    for type_, many in Counter(a.envelope.type for a in fresh).items():
        metrics.handled.labels(type_).inc(many)
    return said
