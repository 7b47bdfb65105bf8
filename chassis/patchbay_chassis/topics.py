"""`python -m patchbay_chassis.topics`: create the topics that contracts declare and that are not there yet."""

import asyncio
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from patchbay_chassis.settings import ServiceSettings
from patchbay_contracts.topics import Topic, load


async def create(kafka: str, prefix: str, topics: list[Topic], *, replication: int = -1) -> list[str]:
    """Create them; `replication` -1 takes the broker's default. Returns the names of the new ones."""
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
        return [prefix + topic.name for topic in missing]
    finally:
        await admin.close()


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
