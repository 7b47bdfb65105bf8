"""The consumers of one process: one computes while another waits for the database."""

import asyncio

from patchbay_chassis.batch import Batches
from patchbay_chassis.consumer import Consumer
from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.router import Router
from patchbay_chassis.settings import ServiceSettings


class Lanes:
    """As many consumers as the settings say, each with partitions and a connection of its own."""

    def __init__(
        self, service: str, router: Router, database: Database, producer: Producer, settings: ServiceSettings
    ) -> None:
        self.consumers = [
            Consumer(service, router, Batches(router, database, producer, settings, service), settings, lane)
            for lane in range(settings.lanes)
        ]

    @property
    def have_partitions(self) -> bool:
        """Whether any of them has."""
        return any(consumer.assigned for consumer in self.consumers)

    async def commit_offsets(self) -> None:
        """Commit what is done, of the partitions that are still theirs."""
        for consumer in self.consumers:
            await consumer.commit_offsets()

    async def stop(self) -> None:
        """Let running batches end, commit what is due, leave."""
        await asyncio.gather(*(consumer.stop() for consumer in self.consumers))
