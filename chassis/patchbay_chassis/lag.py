"""How far consumer groups are behind, and who is in them, as Kafka says. Asked when somebody looks: it costs Kafka a
few requests, and the groups nothing."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from patchbay_chassis.follow import LIMIT, close

LOOK = 1.0
"""Seconds for finding out how old the oldest unread records are; what is not found within them is not told."""
_UNIQUE = 37
"""So many characters Kafka puts behind the name of a static member: a hyphen and a UUID."""


class Behind(NamedTuple):
    """Of a group, in a topic (both without the prefix): so many records are not committed yet, and since when the
    oldest of them lies there. It is None if there is none, or it was not found out in time."""

    group: str
    topic: str
    records: int
    oldest_at: datetime | None


class Member(NamedTuple):
    """A process of a group, or a lane of one: its name without the group's, and how many partitions it has."""

    group: str
    name: str
    host: str
    partitions: int


class Look(NamedTuple):
    """What was found."""

    at: datetime
    behind: tuple[Behind, ...]
    members: tuple[Member, ...]


async def look(kafka: str, prefix: str, groups: Mapping[str, Sequence[str]]) -> Look:
    """The topics of each group. Raises OSError in an outage of Kafka."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.split(","), request_timeout_ms=int(LIMIT * 1000))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.split(","),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=1 << 16,
        request_timeout_ms=int(LIMIT * 1000),
    )
    try:
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(admin.start(), consumer.start())
            offsets = await asyncio.gather(*(_committed(admin, prefix + group) for group in groups))
            committed = dict(zip(groups, offsets, strict=True))
            members = await _members(admin, prefix, groups)
            topics = sorted({prefix + topic for of in groups.values() for topic in of})
            await consumer._client.set_topics(topics)
            there = [TopicPartition(t, n) for t in topics for n in sorted(consumer.partitions_for_topic(t) or ())]
            begins, ends = await consumer.beginning_offsets(there), await consumer.end_offsets(there)
            places = {
                (group, p): max(committed[group].get(p, -1), begins[p])
                for group, of in groups.items()
                for p in there
                if p.topic.removeprefix(prefix) in of
            }
            unread = {place: offset for place, offset in places.items() if offset < ends[place[1]]}
            oldest = await _times(consumer, {(p, offset) for (_, p), offset in unread.items()})
    except (KafkaError, OSError) as error:
        raise ConnectionError(f"Kafka was asked how far groups are: {error!r}") from error
    finally:
        await close(consumer)
        await asyncio.wait([asyncio.create_task(admin.close())], timeout=3)
    found = []
    for group, of in groups.items():
        for topic in of:
            mine = {p: o for (g, p), o in unread.items() if g == group and p.topic == prefix + topic}
            times = [oldest[one] for one in mine.items() if one in oldest]
            records = sum(ends[p] - offset for p, offset in mine.items())
            found.append(Behind(group, topic, records, min(times, default=None)))
    return Look(datetime.now(UTC), tuple(found), tuple(members))


async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    found: Mapping[TopicPartition, Any] = await admin.list_consumer_group_offsets(group)
    return {partition: committed.offset for partition, committed in found.items()}


async def _members(admin: AIOKafkaAdminClient, prefix: str, groups: Mapping[str, Sequence[str]]) -> list[Member]:
    found = []
    # One by one: the library cannot read an answer about several groups.
    for (described,) in await asyncio.gather(*(admin.describe_consumer_groups([prefix + one]) for one in groups)):
        ((_, group, _, _, _, members, *_rest),) = described.groups
        for id_, _client, host, _metadata, assigned in members:
            name = id_[:-_UNIQUE].removeprefix(f"{group}-")
            shares = ConsumerProtocolMemberAssignment.decode(assigned).partitions() if assigned else ()
            found.append(Member(group.removeprefix(prefix), name, host.lstrip("/"), len(shares)))
    return sorted(found)


async def _times(
    consumer: AIOKafkaConsumer, places: set[tuple[TopicPartition, int]]
) -> dict[tuple[TopicPartition, int], datetime]:
    """When the records there were said, or the first that is left behind them. Groups stand at different places of one
    partition, which are looked at in turn."""
    found = dict[tuple[TopicPartition, int], datetime]()
    until = time.monotonic() + LOOK
    while places - found.keys() and time.monotonic() < until:
        turn = dict(sorted(places - found.keys(), reverse=True))  # one place for each partition: the first
        consumer.assign(list(turn))
        for partition, offset in turn.items():
            consumer.seek(partition, offset)
        while turn and time.monotonic() < until:
            for partition, records in (await consumer.getmany(*turn, timeout_ms=100)).items():
                milliseconds = max(records[0].timestamp, 0)
                found[partition, turn.pop(partition)] = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return found
