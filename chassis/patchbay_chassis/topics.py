"""`python -m patchbay_chassis.topics`: create the topics that contracts declare and that are not there yet."""

import asyncio
import sys
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from patchbay_chassis.settings import ServiceSettings
from patchbay_contracts.topics import Topic, load

LIMIT = 60.0
"""Seconds until a topic that a broker has taken is led by one, for each of its partitions."""


async def create(kafka: str, prefix: str, topics: list[Topic], *, replication: int = -1) -> list[str]:
    """Create them; `replication` -1 takes the broker's default. Returns the names of the new ones, once they
    can be read and written: a broker that has taken a topic may deny for a moment that it knows it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.split(","))
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if prefix + topic.name not in there]
        if not missing:
            return []
        answer = await admin.create_topics([_new(topic, prefix, replication) for topic in missing])
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"topic {name} could not be created")
        made = [prefix + topic.name for topic in missing]
        async with asyncio.timeout(LIMIT):
            while True:
                if all(map(_is_led, await admin.describe_topics(made))):
                    return made
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


def _is_led(topic: dict[str, Any]) -> bool:
    partitions = topic["partitions"]
    return not topic["error_code"] and all(p["leader"] >= 0 and not p["error_code"] for p in partitions)


def _new(topic: Topic, prefix: str, replication: int) -> NewTopic:
    """Whatever somebody sends compressed, the broker unpacks: a reader without that codec would get no further than
    that record."""
    configs = {"retention.ms": str(topic.retention_hours * 3_600_000), "compression.type": "uncompressed"}
    new = NewTopic(prefix + topic.name, topic.partitions, 1, topic_configs=configs)
    new.replication_factor = replication  # its constructor does not take the -1 that brokers do
    return new


if __name__ == "__main__":
    settings = ServiceSettings()
    made = asyncio.run(create(settings.kafka, settings.topic_prefix, list(load().values())))
    sys.stdout.write(f"{len(made)} topics created\n")
