"""Provisioning's HTTP on a real database, with nobody to send messages to."""

from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import BaseModel

from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns
from patchbay_contracts.catalogue import ServiceTypeEntry
from provisioning_service.http import app
from provisioning_service.settings import settings

WHO = {"by": "operator:ann@acme.example", "why": "the board wants it"}


class Served:
    """The service as other services ask it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        running = Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings())
        transport = httpx.ASGITransport(app(running), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://provisioning")

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        """The answer, whatever it is."""
        plain = {key: v.model_dump(mode="json") if isinstance(v, BaseModel) else v for key, v in body.items()}
        return await self.client.post(path, json=plain)

    async def ask(self, path: str, **body: Any) -> Any:
        """What a good answer says."""
        answer = await self.post(path, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def draft(self, entry: ServiceTypeEntry, revision: int = 0, service_type: str = "voice-line") -> Any:
        """The saved draft."""
        body = {"service_type": service_type, "revision": revision, "entry": entry}
        return await self.ask("/catalogue/draft", **WHO, **body)

    async def publish(self, draft: Any, valid_from: str) -> Any:
        """The published version."""
        which = {name: draft[name] for name in ("service_type", "version", "revision")}
        return await self.ask("/catalogue/publish", **WHO, **which, valid_from=valid_from)
