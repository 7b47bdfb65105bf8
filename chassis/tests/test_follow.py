"""Following a topic over real Kafka: from given positions, past what nobody can read, through outages."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from patchbay_chassis import follow, topics
from patchbay_chassis.follow import Follower
from patchbay_chassis.producer import Producer
from patchbay_chassis.settings import ProcessSettings
from patchbay_chassis.testing import envelope_of, eventually
from patchbay_contracts.message import Message
from patchbay_contracts.topics import Topic
from patchbay_local.kafka import KafkaServer
from patchbay_local.running import Running
from patchbay_local.state import State
from patchbay_local.waiting import wait_for
from toy.main import Ping

from .conftest import TOPICS, Wire

COMMANDS = TOPICS[0]


def pings(many: int) -> list[Ping]:
    return [Ping(order_id=uuid4(), reseller="acme", word=str(n)) for n in range(many)]


def commands_topic() -> Topic:
    return Topic(
        name=COMMANDS, owner="toy", producers=(), consumers=(), key="", partitions=4, retention_hours=1, about=""
    )


class Reader:
    """A follower, and what it was given."""

    def __init__(self, kafka: str, prefix: str) -> None:
        self.follower = Follower(COMMANDS, ProcessSettings(kafka=kafka, topic_prefix=prefix))
        self.took: list[Message] = []
        self.ended = False

    async def take(self, messages: Sequence[Message]) -> None:
        self.took += messages

    @asynccontextmanager
    async def reading(self, positions: Mapping[int, int]) -> AsyncIterator[None]:
        async def read() -> None:
            await self.follower.follow(positions, self.take)
            self.ended = True

        task = asyncio.create_task(read())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def has(self, expected: Sequence[Ping]) -> None:
        async def there() -> bool:
            return {m.word for m in self.took if isinstance(m, Ping)} >= {p.word for p in expected}

        await eventually(there)

    async def has_lost_touch(self, within: float) -> None:
        """It knows that it has not heard for so long how far the others are."""

        async def behind() -> bool:
            return time.time() - self.follower.level_at > within

        await eventually(behind)

    async def is_level_since(self, moment: float) -> None:
        async def level() -> bool:
            return self.follower.level_at > moment

        await eventually(level)


@pytest.fixture
def reader(kafka: str, prefix: str) -> Reader:
    return Reader(kafka, prefix)


async def test_a_follower_is_given_all_from_its_positions_on_and_nothing_before(reader: Reader, wire: Wire) -> None:
    await wire.put(*map(envelope_of, pings(5)))
    now, later = await reader.follower.ends(), pings(7)
    async with reader.reading(now):
        await wire.put(*map(envelope_of, later))
        await reader.has(later)
        assert sorted(reader.took, key=lambda m: int(m.word)) == later  # type: ignore[attr-defined]

        async def behind_them() -> bool:
            return reader.follower.positions == await reader.follower.ends()

        await eventually(behind_them)


async def test_what_one_follower_took_another_takes_from_the_same_positions_on(
    reader: Reader, wire: Wire, kafka: str, prefix: str
) -> None:
    begin = await reader.follower.ends()
    async with reader.reading(begin):
        await wire.put(*map(envelope_of, first := pings(3)))
        await reader.has(first)
    second, other = pings(9)[3:], Reader(kafka, prefix)
    await wire.put(*map(envelope_of, second))
    async with other.reading(reader.follower.positions):
        await other.has(second)
        assert len(other.took) == len(second)


async def test_what_cannot_be_read_is_skipped(reader: Reader, wire: Wire) -> None:
    begin, sent = await reader.follower.ends(), pings(2)
    async with reader.reading(begin):
        await wire.put_raw(b"{}")
        await wire.put(envelope_of(sent[0]))
        await wire.put_raw(b"{", headers=envelope_of(sent[0]).headers("test"))
        await wire.put(envelope_of(sent[1]))
        await reader.has(sent)
        assert len(reader.took) == 2


async def test_a_quiet_topic_is_known_to_be_level(reader: Reader) -> None:
    ends = await reader.follower.ends()
    assert reader.follower.level_at == 0
    async with reader.reading(ends):
        await reader.is_level_since(0)
        await reader.is_level_since(reader.follower.level_at)
        assert (reader.took, reader.follower.positions) == ([], ends)


async def test_a_place_that_is_no_longer_there_ends_the_following(
    reader: Reader, wire: Wire, kafka: str, prefix: str
) -> None:
    begin = await reader.follower.ends()
    assert await reader.follower.reaches(begin)
    await wire.put(*map(envelope_of, pings(50)))
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    places = [TopicPartition(prefix + COMMANDS, partition) for partition in begin]
    await admin.delete_records({place: RecordsToDelete(-1) for place in places})
    await admin.close()
    assert not await reader.follower.reaches(begin)
    assert await reader.follower.reaches(await reader.follower.ends())
    async with reader.reading(begin):

        async def ended() -> bool:
            return reader.ended

        await eventually(ended)


async def test_positions_beyond_the_end_are_of_another_topic(reader: Reader) -> None:
    ends = await reader.follower.ends()
    assert not await reader.follower.reaches({partition: offset + 1 for partition, offset in ends.items()})
    assert not await reader.follower.reaches({**ends, 99: 0})


class OwnBroker:
    """A broker that the test may kill or freeze."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server = KafkaServer(State(folder))
        self.start()

    def start(self) -> None:
        self.server.prepare()
        self.running = Running(self.server.process(), self._folder / "kafka.log", self._folder)
        wait_for(self.server.answers, 60, "kafka")


@pytest.fixture
def own_broker() -> Iterator[OwnBroker]:
    folder = Path(tempfile.mkdtemp(prefix="patchbay-follow-"))
    own = OwnBroker(folder)
    yield own
    own.running.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture
async def producer(own_broker: OwnBroker) -> AsyncIterator[Producer]:
    producer = Producer(own_broker.server.bootstrap, "test", "")
    yield producer
    await producer.stop()


@pytest.mark.parametrize("outage", ["killed", "frozen"])
async def test_a_follower_outlives_a_broker_that_is(
    own_broker: OwnBroker, producer: Producer, outage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "SILENT", 2.0)
    kafka = own_broker.server.bootstrap
    await topics.create(kafka, "", [commands_topic()], replication=1)
    reader = Reader(kafka, "")
    first, second = pings(9)[:4], pings(9)[4:]
    async with reader.reading(await reader.follower.ends()):
        await producer.send([envelope_of(ping) for ping in first])
        await reader.has(first)
        if outage == "frozen":
            own_broker.running.freeze()
            await reader.has_lost_touch(within=3.0)
            own_broker.running.thaw()
        else:
            own_broker.running.kill()
            await reader.has_lost_touch(within=3.0)
            await asyncio.to_thread(own_broker.start)
        back = time.time()

        async def sent() -> bool:
            with suppress(KafkaError, OSError):
                await producer.send([envelope_of(ping) for ping in second])
                return True
            return False

        async def is_at_the_end() -> bool:
            with suppress(OSError):  # a broker that was frozen knows of no broker for a moment
                return reader.follower.positions == await reader.follower.ends()
            return False

        await eventually(sent)
        await reader.has(second)
        await reader.is_level_since(back)
        assert not reader.ended
        await eventually(is_at_the_end)
