"""The sweep of unsent messages: it outlasts a broker that is away, and sends when it is back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, ProducerClosed

from patchbay_chassis import journal
from patchbay_chassis.database import Database, Held
from patchbay_chassis.envelope import Envelope, mint
from patchbay_chassis.producer import Producer
from patchbay_chassis.testing import envelope_of
from patchbay_chassis.turn import Turns
from toy.main import Pong

AT_ONCE = timedelta(seconds=-1)
UNSENT = "SELECT count(*) FROM journal WHERE NOT sent"


class Broker(Producer):
    """A producer whose broker can be away."""

    def __init__(self) -> None:
        super().__init__("nowhere:1", "patchbay/toy", "")
        self.away: Exception | None = None
        self.sent: list[Envelope] = []

    async def send(self, said: Sequence[Envelope]) -> None:
        if self.away is not None:
            raise self.away
        self.sent += said


@pytest.mark.parametrize("away", [KafkaTimeoutError(), ProducerClosed(), KafkaConnectionError(), TimeoutError()])
async def test_a_broker_that_is_away_leaves_messages_unsent_until_it_is_back(
    database: Database, away: Exception
) -> None:
    broker, held = Broker(), Held(database)
    pong = envelope_of(Pong(order_id=uuid4(), reseller="acme"))
    async with database.transaction() as db:
        await journal.note_unsent(db, mint(), [pong])
    broker.away = away
    turns = Turns(database, broker)
    await turns.sweep(held, AT_ONCE)
    async with database.connection() as db:
        assert await db.fetchval(UNSENT) == 1
    broker.away = None
    await turns.sweep(held, AT_ONCE)
    async with database.connection() as db:
        assert await db.fetchval(UNSENT) == 0
    assert [envelope.id for envelope in broker.sent] == [pong.id]
    await held.close()
