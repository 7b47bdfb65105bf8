"""The numbers service's HTTP on a real database, with a producer that keeps what it is given."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from numbers_service.http import app
from numbers_service.settings import settings
from patchbay_chassis.database import Database
from patchbay_chassis.envelope import Envelope
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.testing import message_of
from patchbay_chassis.turn import Turns
from patchbay_contracts.message import Message


class Kafka(Producer):
    """Keeps what is produced."""

    def __init__(self) -> None:
        super().__init__("nowhere:9092", "test", "")
        self.said: list[Message] = []

    async def send(self, said: Sequence[Envelope]) -> None:
        self.said += map(message_of, said)


class Served:
    """The service as other services ask it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.kafka = Kafka()
        self.running = Running(database, Turns(database, self.kafka), settings())
        self.app = app(self.running)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://numbers")

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def do(self, statement: str, *values: Any) -> None:
        """Change the database beside the service."""
        async with self.database.transaction() as db:
            await db.execute(statement, *values)

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """What stands in the database."""
        async with self.database.connection() as db:
            return list(await db.fetch(query, *values))
