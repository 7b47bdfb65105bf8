"""A replica over real Kafka begins, follows and comes back with the same picture, wherever it was cut off."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from numbers_service.grading import DEFAULT
from numbers_service.index import Index
from numbers_service.search import start, translating
from numbers_service.search.authority import Authority
from numbers_service.search.replica import Replica
from patchbay_chassis.testing import eventually
from patchbay_contracts.v1.blocks import BlockChanged
from services.numbers.tests.search.conftest import Topic
from services.numbers.tests.search.house import House
from services.numbers.tests.search.keeping import knows, replica, running


def states(one: Replica | Index, house: House) -> list[object]:
    index = one.index if isinstance(one, Replica) else one
    return [index.state(first) for first in house.blocks]


def true(house: House) -> Index:
    index = Index(DEFAULT)
    index.put_many(translating.state(house.stated(first)) for first in house.blocks)
    return index


def shaken(said: Sequence[BlockChanged], dice: Random) -> list[BlockChanged]:
    """As two processes might have said them: some twice, some after the next one."""
    order = sorted(range(len(said)), key=lambda at: at + dice.uniform(0, 3))
    return [said[at] for at in order for _ in range(1 + (dice.random() < 0.1))]


@pytest.mark.parametrize("seed", range(3))
async def test_a_snapshot_and_the_replay_from_any_cut_on_equal_a_fresh_start(
    house: House, authority: Authority, topic: Topic, store: str, tmp_path: Path, seed: int
) -> None:
    dice, folder = Random(seed), tmp_path / "snapshots"
    async with running(replica(authority, topic.settings, store, kept=100)) as first:
        await knows(first, house)
        for _ in range(6):
            await topic.say(*shaken(list(house.changes(dice.randrange(1, 40))), dice))
            if dice.random() < 0.5:  # the other snapshots are taken while changes come in
                await knows(first, house)
            await first.keep()
        await topic.say(*map(house.checked, house.blocks))
        await knows(first, house)
        assert states(first, house) == states(true(house), house)
    for written in sorted(folder.iterdir()):
        (alone := tmp_path / written.stem).mkdir()
        shutil.copy(written, alone)
        house.away = True  # a snapshot needs no authority
        async with running(replica(authority, topic.settings, f"file://{alone}")) as again:
            await knows(again, house)
            assert states(again, house) == states(first, house)
        house.away = False
    async with running(replica(authority, topic.settings)) as fresh:
        await knows(fresh, house)
        assert states(fresh, house) == states(first, house)


async def test_what_changes_while_all_blocks_are_read_is_not_missed(
    house: House, authority: Authority, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "PAGE", 1)

    async def busy() -> None:
        for _ in range(100):
            await topic.say(house.change())

    changing = asyncio.create_task(busy())
    async with running(replica(authority, topic.settings)) as one:
        await changing
        await knows(one, house)
        assert states(one, house) == states(true(house), house)


async def test_a_torn_snapshot_gives_way_to_the_one_before_and_the_replay(
    house: House, authority: Authority, topic: Topic, store: str, tmp_path: Path
) -> None:
    async with running(replica(authority, topic.settings, store)) as one:
        await knows(one, house)
        await topic.say(*house.changes(20))
        await knows(one, house)
        await one.keep()
    newest = max((tmp_path / "snapshots").iterdir())
    newest.write_bytes(newest.read_bytes()[:-100])
    house.away = True
    await topic.say(*house.changes(20))
    async with running(replica(authority, topic.settings, store)) as one:
        await knows(one, house)


async def test_a_snapshot_older_than_the_topic_reaches_back_is_not_used(
    house: House, authority: Authority, topic: Topic, store: str
) -> None:
    async with running(replica(authority, topic.settings, store)) as one:
        await knows(one, house)
        await topic.say(*house.changes(30))
        await knows(one, house)
    await _forget(topic)
    async with running(replica(authority, topic.settings, store)) as one:
        await knows(one, house)


async def test_an_authority_that_is_away_is_waited_for(house: House, authority: Authority, topic: Topic) -> None:
    house.away = True
    async with running(replica(authority, topic.settings)) as one:
        await topic.say(house.change())
        assert one.freshness().age > 10**6
        house.away = False
        await knows(one, house)


async def test_two_replicas_count_the_same_changes(house: House, authority: Authority, topic: Topic) -> None:
    async with (
        running(replica(authority, topic.settings)) as one,
        running(replica(authority, topic.settings)) as other,
    ):
        await topic.say(*house.changes(25))
        await knows(one, house)
        await knows(other, house)

        async def level() -> bool:
            return one.freshness().changes == other.freshness().changes == 25

        await eventually(level)


async def _forget(topic: Topic) -> None:
    """The broker drops what the topic holds."""
    admin = AIOKafkaAdminClient(bootstrap_servers=topic.settings.kafka)
    await admin.start()
    name = f"{topic.settings.topic_prefix}numbers.changes.v1"
    await admin.delete_records({TopicPartition(name, partition): RecordsToDelete(-1) for partition in range(4)})
    await admin.close()
