"""The gateway under test: its router, and its API on a real database, with a producer that keeps what it is given."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from gateway_service import handlers, key_queries, machine, upstream
from gateway_service.http import app
from gateway_service.key_form import hashed
from gateway_service.replays import needs_key
from gateway_service.settings import settings
from patchbay_chassis.database import Database, Held
from patchbay_chassis.envelope import Envelope
from patchbay_chassis.lag import Look
from patchbay_chassis.producer import Producer, Record
from patchbay_chassis.router import Router
from patchbay_chassis.service import Running
from patchbay_chassis.turn import Turns

from . import connecting
from .behind import Behind
from .quick_routes import remembered_fields

if TYPE_CHECKING:
    from .clerk import Clerk
    from .operators import Visitor
    from .registry import Registry
    from .serving import Serving

TRANSPORT_KEY = bytes(range(32))
BATCHES = ("batch", "batch_line", "batch_change", "batch_count", "preview", "order_preview")
Outage = Callable[[], Awaitable[None]]
ACME, BOREALIS, REVOKED = "key-of-acme", "key-of-borealis", "key-that-was-revoked"
INVENTORY, ORDERS_ONLY, NUMBERS_ONLY = "key-of-an-inventory-manager", "key-for-orders-only", "key-for-numbers-only"
KEYS = {
    ACME: ("acme", "test", ["orders", "numbers", "events", "webhooks", "tmf"]),
    BOREALIS: ("borealis", "test", ["orders", "numbers", "events", "webhooks", "tmf"]),
    REVOKED: ("acme", "test", ["orders", "numbers"]),
    INVENTORY: ("acme", "Ines & Co", ["orders", "numbers", "inventory"]),
    ORDERS_ONLY: ("acme", "orders only", ["orders"]),
    NUMBERS_ONLY: ("acme", "numbers only", ["numbers"]),
}


@pytest.fixture(scope="session")
def service_package() -> str:
    return "gateway_service"


@pytest.fixture(scope="package", autouse=True)
def _quick_routes() -> Iterator[None]:
    with remembered_fields():
        yield


@pytest.fixture
def router() -> Router:
    return handlers.router


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What the process is told; a test that tells it more does so before the gateway is asked anything."""
    monkeypatch.setenv("PATCHBAY_PIN_TRANSPORT_KEY", urlsafe_b64encode(TRANSPORT_KEY).decode())
    monkeypatch.setenv("PATCHBAY_SECURE_COOKIES", "false")  # there is no HTTPS here
    # Whoever is asked is in this process too, and answers nobody while it is busy with something else.
    monkeypatch.setattr(upstream, "CONNECT", 30.0)
    monkeypatch.setattr(machine, "look", _kafka_is_away)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


async def _kafka_is_away(*_: Any) -> Look:
    """How far the gateway is behind is asked aside: what is under way then would outlast a test."""
    raise ConnectionError


class Kafka(Producer):
    """Keeps what is produced; while it is `down`, nothing is acked."""

    def __init__(self) -> None:
        super().__init__("nowhere:9092", "test", "")
        self.said: list[Envelope] = []
        self.records: list[Record] = []
        self.down = False

    async def send(self, said: Sequence[Envelope]) -> None:
        if self.down:
            raise ConnectionError("no broker")
        self.said += said

    async def send_records(self, records: Sequence[Record]) -> None:
        if self.down:
            raise ConnectionError("no broker")
        self.records += records


async def with_a_key(request: httpx.Request) -> None:
    """A caller who does not think of Idempotency-Keys has a new one for each request that needs one."""
    if needs_key(request.method, request.url.path) and "Idempotency-Key" not in request.headers:
        request.headers["Idempotency-Key"] = str(uuid4())


class Gateway:
    """A running gateway, and a caller who has a key of acme."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.kafka = Kafka()
        self.running = Running(database, Turns(database, self.kafka), settings())
        self.app = app(self.running)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(
            transport=transport,
            base_url="http://gateway",
            headers={"X-API-Key": ACME},
            event_hooks={"request": [with_a_key]},
        )

    async def rows(self, query: str, *values: Any) -> list[Any]:
        async with self.database.connection() as db:
            return list(await db.fetch(query, *values))

    async def do(self, statement: str, *values: Any) -> None:
        async with self.database.transaction() as db:
            await db.execute(statement, *values)

    async def sweep(self) -> None:
        """Send again what was not acked, however young it is."""
        held = Held(self.database)
        await self.running.turns.sweep(held, timedelta(0))
        await held.close()

    async def count(self) -> int:
        return int((await self.rows("SELECT count(*) FROM orders"))[0][0])


@pytest_asyncio.fixture
async def gateway(workbench: str, environment: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    """On a database that is emptied after each test."""
    database = Database(workbench, "tests")
    async with _on(database) as gateway:
        yield gateway
        tables = (
            "orders",
            "idempotency",
            "replay",
            "audit",
            "key_change",
            "journal",
            "reseller_key",
            "operator",
            "draft",
            "order_move",
            "event_log",
            "order_cancel",
            "unique_reference",
            "order_label",
            *BATCHES,
            "webhook",
            "webhook_delivery",
            "webhook_notice",
            "tmf_order",
            "tmf_cancel",
            "tmf_record",
            "tmf_hub",
            "tmf_told",
            "dead_letter",
            "dead_letter_replay",
        )
        await gateway.do("; ".join(f"DELETE FROM {table}" for table in tables))
    await database.close()


@pytest_asyncio.fixture
async def fragile(database: Database, environment: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    """On a database of its own, which the test may break."""
    async with _on(database) as gateway:
        yield gateway


@asynccontextmanager
async def _on(database: Database) -> AsyncIterator[Gateway]:
    async with database.transaction() as db:
        for key, (reseller, name, scopes) in KEYS.items():
            await key_queries.seed(db, hashed(key), reseller, name, scopes)
        await db.execute("UPDATE reseller_key SET revoked_at = now() WHERE hash = $1", hashed(REVOKED))
    gateway = Gateway(database)
    async with gateway.app.router.lifespan_context(gateway.app), gateway.client:
        yield gateway


@pytest_asyncio.fixture
async def behind(environment: pytest.MonkeyPatch) -> AsyncIterator[Behind]:
    """The services behind the gateway; ask for them before the gateway."""
    async with Behind() as behind:
        for name, value in behind.environment().items():
            environment.setenv(name, value)
        settings.cache_clear()
        yield behind


# What the pages' tests begin with is made from what is made here.
@pytest.fixture
def registry(behind: Behind) -> "Registry":
    """The owners as pages meet them."""
    from .registry import Registry  # noqa: PLC0415

    return Registry(behind)


@pytest.fixture
def serving(behind: Behind) -> "Serving":
    """The same with services."""
    from .serving import Serving  # noqa: PLC0415

    return Serving(behind)


@pytest_asyncio.fixture
async def anna(registry: "Registry", gateway: Gateway) -> "Visitor":
    """An operator of acme at her browser, signed in."""
    from .operators import clerk_of_acme  # noqa: PLC0415

    return await clerk_of_acme(gateway)


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> "Clerk":
    """Somebody at the wizard, with a new draft."""
    from .clerk import Clerk  # noqa: PLC0415

    return await Clerk.at_a_draft(gateway, behind)


@pytest.fixture
def client(gateway: Gateway) -> httpx.AsyncClient:
    return gateway.client


@pytest.fixture
def outage(postgres: str, database_url: str) -> Outage:
    """Called, it leaves the gateway without its database, as when the server starts up or shuts down."""

    async def begin() -> None:
        name = database_url.rpartition("/")[2]
        db = await Database(f"{postgres}/postgres", "tests").connect()
        await db.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await db.close()

    return begin


@pytest_asyncio.fixture
async def site_url(gateway: Gateway) -> AsyncIterator[str]:
    """The gateway over real HTTP, for browsers."""
    async with connecting.serving(gateway.app) as url:
        yield url


@pytest.fixture
def in_house(environment: pytest.MonkeyPatch) -> None:
    """Receivers of webhooks are on this machine, and nobody waits long."""
    for name, value in {
        "PATCHBAY_WEBHOOK_HTTP": "true",
        "PATCHBAY_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "PATCHBAY_WEBHOOK_PAUSE": "PT0.05S",
        "PATCHBAY_WEBHOOK_LIMIT": "PT0.3S",
    }.items():
        environment.setenv(name, value)
    settings.cache_clear()
