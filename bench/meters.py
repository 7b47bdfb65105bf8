"""What a run costs, read before and after it: processor time by process, records, bytes of WAL."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.world import World
from patchbay_contracts.topics import load
from patchbay_local.processes import SERVICES


@dataclass(frozen=True)
class Reading:
    """Counters at one moment: `cpu` in seconds by process, `records` by topic, `wal` in bytes."""

    cpu: Mapping[str, float]
    records: Mapping[str, int]
    wal: int


async def read(world: World) -> Reading:
    """Read all meters."""
    pids = world.pids() | {"load": os.getpid()}
    return Reading({name: _cpu(pid) for name, pid in pids.items()}, await _records(world.kafka), await _wal(world))


def _cpu(pid: int) -> float:
    """Of the process and its children, the ended ones included: PostgreSQL has one for each connection."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    living = sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True))
    return float(times.user + times.system + times.children_user + times.children_system + living)


async def _records(kafka: str) -> dict[str, int]:
    topics = load()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        partitions = [TopicPartition(name, n) for name, topic in topics.items() for n in range(topic.partitions)]
        found = dict.fromkeys(topics, 0)
        for partition, offset in (await consumer.end_offsets(partitions)).items():
            found[partition.topic] += offset
    finally:
        await consumer.stop()
    return found


async def _wal(world: World) -> int:
    db = await asyncpg.connect(world.database("gateway"))
    try:
        return int(await db.fetchval("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))
    finally:
        await db.close()


@dataclass(frozen=True)
class Cost:
    """Of one order: processor time in microseconds by process, records by topic, bytes of WAL."""

    cpu_us: dict[str, int]
    records: dict[str, float]
    wal_bytes: int

    @property
    def services_us(self) -> int:
        """Of all six services."""
        return sum(self.cpu_us[service] for service in SERVICES)


def cost(before: Reading, after: Reading, orders: int) -> Cost:
    """What happened between two readings, by order."""
    return Cost(
        {name: round((after.cpu[name] - before.cpu[name]) / orders * 1e6) for name in after.cpu},
        {
            name: round((after.records[name] - before.records[name]) / orders, 2)
            for name in after.records
            if after.records[name] > before.records[name]
        },
        round((after.wal - before.wal) / orders),
    )
