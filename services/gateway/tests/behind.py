"""The services behind the gateway, over real HTTP: they speak the contract, remember what they were asked, and can be
told to be slow, behind, cut off or gone."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from patchbay_chassis import problems
from patchbay_contracts.prices import Prices

ROW = {"e164": "+441217377007", "national": "0121 737 7007", "area": "Birmingham", "rule": "ABBA", "pool": "public"}
FOUND = {
    "numbers": [ROW | {"grade": "gold"}, ROW | {"grade": "platinum", "e164": "+441217377777"}],
    "as_of": {"changes": 7, "at": "2026-06-01T12:00:00Z", "age_ms": 12},
    "total": 2,
    "grades": {"gold": 1, "platinum": 1},
    "pools": {"public": 2},
}

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Call:
    """What a service was asked."""

    method: str
    path: str
    query: list[tuple[str, str]]
    kind: str
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def says(document: Any, status: int = 200, **headers: str) -> Answers:
    """An answer in JSON."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")

    return answer


def refuses(*faults: dict[str, str], status: int = 422, **headers: str) -> Answers:
    """A problem with these faults."""
    body = {"type": "about:blank", "title": "Not so", "status": status, "detail": "See there.", "errors": faults}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type=problems.KIND)

    return answer


async def breaks_off(request: web.Request) -> web.StreamResponse:
    """An answer that begins and does not end."""
    answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await answer.prepare(request)
    await answer.write(b'{"rows":1}\n')
    assert request.transport is not None
    request.transport.abort()
    return answer


@dataclass
class Service:
    """A service at a port that stays its own while it is gone. It `reads` bodies before it answers."""

    answers: Answers
    reads: bool = True
    asked: list[Call] = field(default_factory=list)
    _port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def come(self) -> None:
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        (self._port,) = (address[1] for address in self._runner.addresses)

    async def go(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.reads:
            body = await request.read()
            path, query = request.path, list(request.query.items())
            self.asked.append(Call(request.method, path, query, request.headers.get("Content-Type", ""), body))
        return await self.answers(request)


class Behind:
    """The owners that the gateway asks, and two search replicas."""

    def __init__(self) -> None:
        self.numbers = Service(says({"owner": {}, "held": [], "lost": []}))
        self.billing = Service(says({}))
        self.customer, self.provisioning, self.notifier = (Service(says({})) for _ in range(3))
        self.replicas = [Service(says(FOUND | {"total": total})) for total in (1, 2)]
        self._stack = AsyncExitStack()
        self._over = asyncio.Event()

    async def __aenter__(self) -> Self:
        owners = (self.numbers, self.billing, self.customer, self.provisioning, self.notifier)
        for service in (*owners, *self.replicas):
            await service.come()
            self._stack.push_async_callback(service.go)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await self._stack.aclose()

    async def silence(self, _: web.Request | None = None) -> web.StreamResponse:
        """No answer, as long as the test goes on."""
        await self._over.wait()
        return web.Response()

    def environment(self) -> dict[str, str]:
        """Where the gateway is told they are."""
        return {
            "PATCHBAY_NUMBERS_URL": self.numbers.url,
            "PATCHBAY_BILLING_URL": self.billing.url,
            "PATCHBAY_CUSTOMER_URL": self.customer.url,
            "PATCHBAY_PROVISIONING_URL": self.provisioning.url,
            "PATCHBAY_NOTIFIER_URL": self.notifier.url,
            "PATCHBAY_SEARCH_URLS": ",".join(replica.url for replica in self.replicas),
        }

    def searches(self) -> list[int]:
        """How many each replica was asked for."""
        return [len(replica.asked) for replica in self.replicas]


def price(setup: str, monthly: str) -> dict[str, Any]:
    """As rows and price lists show it."""
    return {"setup": {"amount": setup, "currency": "GBP"}, "monthly": {"amount": monthly, "currency": "GBP"}}


def prices(**services: dict[str, tuple[str, str]]) -> Answers:
    """A price list: for each service type its own price as `service`, and those of its numbers by grade."""
    shown = [
        {
            "service_type": name.replace("_", "-"),
            "service": price(*of.get("service", ("0", "0"))),
            "grades": {grade: price(*costs) for grade, costs in of.items() if grade != "service"},
        }
        for name, of in services.items()
    ]
    document = {"price_list": "house", "currency": "GBP", "valid_from": "2026-01-01", "services": shown}
    return says(Prices.model_validate(document).model_dump(mode="json"))
