"""A batch: what a message that fails leaves behind."""

import traceback
from collections.abc import Sequence
from uuid import uuid4

import pytest
import structlog.testing

from patchbay_chassis.batch import Batches
from patchbay_chassis.database import Connection, Database, Overtaken, give_back
from patchbay_chassis.envelope import Envelope
from patchbay_chassis.producer import Producer, Record
from patchbay_chassis.router import Router
from patchbay_chassis.settings import ServiceSettings
from patchbay_chassis.testing import record_of
from toy.main import Ping

SECRET = "forbidden"
"""A word that the toy's table does not take."""


class Broker(Producer):
    """A producer that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__("nowhere:1", "patchbay/toy", "")
        self.sent: list[Record] = []

    async def send(self, said: Sequence[Envelope]) -> None:
        assert said == []

    async def send_records(self, records: Sequence[Record]) -> None:
        self.sent += records


@pytest.mark.parametrize("statement", ["INSERT INTO ping (id, word) VALUES (gen_random_uuid(), $1)", "SELECT $1::int"])
async def test_why_a_message_failed_is_told_without_what_is_in_it(database: Database, statement: str) -> None:
    router, broker = Router(), Broker()

    @router.handles(Ping)
    async def fail(pings: Sequence[Ping], db: Connection) -> list[None]:
        for ping in pings:
            await db.execute(statement, ping.word)
        return [None for _ in pings]

    batches = Batches(router, database, broker, ServiceSettings(), "toy")
    with structlog.testing.capture_logs() as logged:
        await batches.handle([record_of(Ping(order_id=uuid4(), reseller="acme", word=SECRET))])
    await give_back()
    (letter,) = broker.sent
    assert dict(letter.headers)["dead_reason"] == b"handler_failed"
    assert SECRET.encode() not in dict(letter.headers)["dead_detail"]
    (entry,) = logged
    assert entry["event"] == "message.failed"
    assert SECRET not in "".join(traceback.format_exception(entry["exc_info"]))


async def test_a_batch_that_is_in_the_way_of_others_again_and_again_is_handled_in_parts(database: Database) -> None:
    router, sizes = Router(), list[int]()

    @router.handles(Ping)
    async def only_alone(pings: Sequence[Ping], db: Connection) -> list[None]:
        sizes.append(len(pings))
        if len(pings) > 1:
            raise Overtaken
        return [None for _ in pings]

    batches = Batches(router, database, broker := Broker(), ServiceSettings(), "toy")
    await batches.handle([record_of(Ping(order_id=uuid4(), reseller="acme")) for _ in range(3)])
    await give_back()
    assert (sizes, broker.sent) == ([3, 3, 1, 2, 2, 1, 1], [])
