"""A program that works on a draft, over the API."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx

from patchbay_contracts.v1.provisioning import PlaceOrder

from .conftest import Gateway
from .owners import Owners

NUMBERS = ["+441217377007", "+441217377117"]
PIN = "90210-pin"


class Wizard:
    """A program that works on one draft, and always knows its version."""

    def __init__(self, client: httpx.AsyncClient, owners: Owners) -> None:
        self.client, self.owners = client, owners
        self.draft: dict[str, Any] = {}

    async def begin(self) -> None:
        self.draft = (await self.client.post("/v1/drafts", json={})).json()

    @property
    def path(self) -> str:
        return f"/v1/drafts/{self.draft['id']}"

    async def send(self, method: str, path: str, body: Any = None, *, version: int | None = None) -> httpx.Response:
        content = {} if body is None else {"json": body}
        headers = {"If-Match": f'"{version or self.draft["version"]}"'}
        answer = await self.client.request(method, f"{self.path}{path}", headers=headers, **content)
        if answer.status_code < 300 and "version" in answer.json():
            self.draft = answer.json()
        return answer

    async def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.send(method, path, body)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def fill(self, **customer: Any) -> None:
        """A new customer with a service of two numbers, agreed to."""
        typed = {"name": "Ada", "email": "ada@example.com", "pin": PIN} | customer
        await self.done("PUT", "/customer", typed)
        await self.done("PUT", "/services/a", {"service_type": "voice-line", "price_list": "standard-gbp"})
        await self.done("POST", "/services/a/numbers", {"numbers": NUMBERS})
        await self.done("PUT", "/agreement", {"agreed": True})

    async def report(self, seen: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"{self.path}/validity", params={"seen": seen})).json()
        return found

    async def codes(self) -> set[str]:
        return {finding["code"] for finding in (await self.report())["findings"]}


def placed(gateway: Gateway) -> list[dict[str, Any]]:
    """What was said to provisioning."""
    return [json.loads(said.body) for said in gateway.kafka.said if said.type == PlaceOrder.type]


async def end(
    gateway: Gateway, draft: dict[str, Any], state: str = "completed", services: Sequence[list[str]] = (NUMBERS,)
) -> None:
    """The draft's order ends; its first line became services with these numbers."""
    made = [{"id": str(uuid4()), "line": 0, "numbers": numbers} for numbers in services]
    event = {"customer_id": str(uuid4()), "services": made}
    failed = {"step": "billing", "reason": "no_price", "detail": "ask for one"}
    await gateway.do(
        "UPDATE orders SET state = $2, event = $3, ended_at = now() WHERE id = $1",
        UUID(draft["order_id"]),
        state,
        json.dumps(event if state == "completed" else failed),
    )
