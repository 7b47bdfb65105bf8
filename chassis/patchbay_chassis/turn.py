"""Transactions that no message caused: an HTTP request, a timer, an errand. What they say goes through the journal."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from aiokafka.errors import KafkaError
from asyncpg import DeadlockDetectedError, SerializationError

from patchbay_chassis import journal, metrics
from patchbay_chassis.crash import crash
from patchbay_chassis.database import Connection, Database, Held, Overtaken
from patchbay_chassis.envelope import Envelope, Said, enclose, mint, moment, new_trace
from patchbay_chassis.log import log
from patchbay_chassis.producer import Producer, Record

SEND_LIMIT = 1.0
"""Seconds that a turn waits for acks; what is not acked by then goes on, or is sent by the sweep."""
REPLAY_LIMIT = 5.0
"""Seconds that a replay waits for its ack: it is within a transaction, which the server ends when it idles for long."""
PAUSES = (0.02, 0.05, 0.1, 0.2)
"""Seconds before work is done again that another transaction was in the way of."""

T = TypeVar("T")


class Turn:
    """One transaction: `db` to work with, `say` for what it causes."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.said: list[Envelope] = []

    def say(self, *messages: Said, trace: str = "") -> None:
        """To be journaled with the transaction and sent after it."""
        self.said += enclose(messages, trace or new_trace(), moment())


class Turns:
    """Opens turns, and sends again what they could not send."""

    def __init__(self, database: Database, producer: Producer) -> None:
        self._database = database
        self._producer = producer
        self._sent: list[UUID] = []
        self._sending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def turn(self, held: Held | None = None) -> AsyncIterator[Turn]:
        """A transaction that commits at the end of the block, on `held` if given; then its messages are sent.

        One journal row for all that was said, so a thousand orders accepted together cost one row.
        """
        cause = mint()
        async with held.transaction() if held is not None else self._database.transaction() as db:
            turn = Turn(db)
            yield turn
            turn.say(*await db.close_up())
            if turn.said:
                await journal.note_unsent(db, cause, turn.said)
        if turn.said:
            crash("after_turn")
            await self._send({cause: turn.said})

    async def carry_out(self, work: Callable[[Turn], Awaitable[T]]) -> T:
        """Do the work in a turn; where another transaction was in its way, roll back and do it again in a new one.
        Raises Overtaken when that happens again and again."""
        for pause in (*PAUSES, None):
            try:
                async with self.turn() as turn:
                    done = await work(turn)
            except (Overtaken, DeadlockDetectedError, SerializationError) as error:
                metrics.restarted.labels("overtaken").inc()
                if pause is None:
                    raise Overtaken from error
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
            else:
                return done
        raise AssertionError("the last try returns or raises")

    async def _send(self, said: dict[UUID, list[Envelope]]) -> None:
        """Wait for the acks, but no longer than SEND_LIMIT: the sending goes on behind the turn's back."""
        sending = asyncio.create_task(self._send_and_note(said))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        await asyncio.wait({sending}, timeout=SEND_LIMIT)

    async def _send_and_note(self, said: dict[UUID, list[Envelope]]) -> None:
        try:
            for envelopes in said.values():
                await self._producer.send(envelopes)
        except Exception as error:
            log.warning("turn.unsent", causes=len(said), error=repr(error))
        else:
            self._sent += said

    async def replay(self, record: Record) -> None:
        """Produce a record as it is once more, and wait for its ack. Raises OSError in an outage of Kafka."""
        try:
            async with asyncio.timeout(REPLAY_LIMIT):
                await self._producer.send_records([record])
        except (KafkaError, OSError) as error:
            raise ConnectionError(f"Kafka did not take it: {error!r}") from error

    async def mark(self, db: Connection) -> None:
        """Note in the journal what was acked since the last call: one statement for many turns."""
        if self._sent:
            sent, self._sent = self._sent, []
            try:
                await journal.mark_sent(db, sent)
            except BaseException:
                self._sent += sent
                raise

    async def sweep(self, held: Held, age: timedelta) -> None:
        """Send again what was not acked within `age`. Readers know by the ids what they have already."""
        async with held.transaction() as db:
            await db.execute("SET LOCAL synchronous_commit = off")  # a lost mark costs a second sending
            await self.mark(db)
            metrics.journal_unsent_oldest_seconds.set(await journal.oldest_unsent(db))
            unsent = await journal.unsent(db, age)
            if unsent:
                crash("sweeping")
                try:
                    for envelopes in unsent.values():
                        await self._producer.send(envelopes)
                except (KafkaError, OSError, TimeoutError) as error:  # the broker is away: the next sweep may find it
                    log.warning("turn.unsent", causes=len(unsent), error=repr(error))
                else:
                    log.info("messages.sent_again", causes=len(unsent))
                    await journal.mark_sent(db, list(unsent))
