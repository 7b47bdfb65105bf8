"""Provisioning's HTTP on a real database, and services that are there already."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

from patchbay_chassis.database import Connection

CUSTOMER, OTHER = UUID("00000000-0000-7000-8000-00000000c0a1"), UUID("00000000-0000-7000-8000-00000000c0a2")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def have_service(
    db: Connection,
    *numbers: int,
    reseller: str = "acme",
    customer_id: UUID = CUSTOMER,
    state: str = "active",
    days: float = 0,
    **more: Any,
) -> UUID:
    """A service that was ordered so many days after the new year."""
    id_, settings = uuid4(), {"settings": more.pop("settings", {}), "settings_by_number": {}}
    given = {
        "id": id_,
        "order_id": uuid4(),
        "line": 0,
        "siblings": 1,
        "reseller": reseller,
        "customer_id": customer_id,
        "service_type": "voice-line",
        "price_list": "standard-gbp",
        "numbers": list(numbers),
        "settings": orjson.dumps(settings).decode(),
        "state": state,
        "created_at": LONG_AGO + timedelta(days=days),
    } | more
    places = ", ".join(f"${at}" for at in range(1, len(given) + 1))
    await db.execute(f"INSERT INTO service ({', '.join(given)}) VALUES ({places})", *given.values())
    await db.executemany(
        "INSERT INTO service_number VALUES ($1, $2, $3)", [(reseller, number, id_) for number in numbers]
    )
    return id_


class Asked:
    """Provisioning as the gateway asks it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self._client.post(path, json=body)

    async def says(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.post(path, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ids(self, resellers: Sequence[str] = ("acme",), **query: Any) -> list[UUID]:
        """The services that are found, page after page of two."""
        found, after = list[UUID](), None
        while True:
            page = await self.says("/services/search", resellers=resellers, count=2, after=after, **query)
            found += [UUID(one["id"]) for one in page["services"]]
            if (after := page["next"]) is None:
                return found
