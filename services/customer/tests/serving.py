"""The customer service's HTTP on a real database, and customers as orders create them."""

import os
from base64 import urlsafe_b64encode
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import httpx
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from customer_service import model, pins, queries
from customer_service.http import app
from customer_service.settings import settings
from patchbay_chassis.database import Database
from patchbay_chassis.producer import Producer
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns
from patchbay_contracts.customers import CustomerRecord
from patchbay_contracts.order import SealedCustomer

BY = "operator:anna@acme.example"
KEY = bytes(range(32))


def sealed(bound_to: UUID, pin: str = "4711") -> str:
    nonce = os.urandom(12)
    return urlsafe_b64encode(nonce + AESGCM(KEY).encrypt(nonce, pin.encode(), bound_to.bytes)).decode()


class Served:
    """The service as the gateway asks it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.running = Running(database, Turns(database, Producer("nowhere:9092", "test", "")), settings())
        transport = httpx.ASGITransport(app(self.running), raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://customer")

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def created(self, name: str = "Grace", reseller: str = "acme", pin: str = "4711", **details: Any) -> UUID:
        """A customer as an order creates it."""
        order_id = uuid4()
        given = {"name": name, "email": f"{order_id}@example.com", "sealed_pin": ""} | details
        id_ = model.customer_id(order_id)
        hashed = pins.keyed_hash(pin, id_, settings().pin_pepper.get_secret_value())
        creation = queries.Creation(id_, order_id, reseller, SealedCustomer.model_validate(given), hashed)
        async with self.database.transaction() as db:
            assert await queries.create(db, [creation], "prepare") == {id_}
        return id_

    async def post(self, path: str, resellers: tuple[str, ...] = ("acme",), **asked: Any) -> httpx.Response:
        return await self.client.post(path, json={"resellers": resellers} | asked)

    async def ask(self, path: str, resellers: tuple[str, ...] = ("acme",), **asked: Any) -> Any:
        answer = await self.post(path, resellers, **asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def found(self, text: str = "", *resellers: str, **asked: Any) -> list[str]:
        """The names of those that a search finds."""
        answer = await self.ask("/customers/search", resellers or ("acme",), text=text, **asked)
        return [customer["name"] for customer in answer["customers"]]

    async def record(self, id_: UUID, reseller: str = "acme") -> CustomerRecord:
        answer = await self.ask("/customers/get", (reseller,), ids=[str(id_)])
        return CustomerRecord.model_validate(answer["customers"][0])

    async def change(self, record: CustomerRecord, **changes: Any) -> httpx.Response:
        """Ask for these details beside what the record has."""
        details = record.details.model_dump(mode="json") | changes
        asked: dict[str, Any] = {"id": str(record.id), "version": record.version, "by": BY, "details": details}
        return await self.post("/customers/change", **asked)

    async def log(self, id_: UUID) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (await self.ask("/customers/log", id=str(id_)))["entries"]
        return entries

    async def verify(self, id_: UUID, pin: str, reseller: str = "acme") -> httpx.Response:
        asked = {"id": str(id_), "by": BY, "sealed_pin": sealed(id_, pin)}
        return await self.post("/customers/pin/verify", (reseller,), **asked)
