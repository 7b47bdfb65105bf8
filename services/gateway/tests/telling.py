"""Orders that end, and what is told of them."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from gateway_service import event_bodies, event_queries, handlers
from gateway_service.event_queries import Place
from gateway_service.events import Cursor, written
from patchbay_chassis.database import Connection
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderFailed
from patchbay_contracts.words import Money

from .conftest import ACME, Gateway
from .posted import order


async def placed(gateway: Gateway, key: str = ACME, **more: Any) -> UUID:
    answer = await gateway.client.post("/v1/orders", json=order(**more), headers={"X-API-Key": key})
    return UUID(answer.json()["id"])


def completed(id_: UUID, reseller: str = "acme") -> OrderCompleted:
    made = CreatedService(id=uuid4(), line=0, service_type="voice-line", numbers=(441214960000,), note="as asked")
    money = (Money.model_validate({"amount": "25.00", "currency": "GBP"}),)
    return OrderCompleted(
        order_id=id_,
        reseller=reseller,
        customer_id=uuid4(),
        services=(made,),
        setup=money,
        monthly=money,
        reference="R",
    )


async def complete(gateway: Gateway, *ids: UUID, reseller: str = "acme") -> None:
    async with gateway.database.transaction() as db:
        await handlers.note_when_order_completed([completed(id_, reseller) for id_ in ids], db)


async def fail(gateway: Gateway, id_: UUID) -> None:
    failed = OrderFailed(order_id=id_, reseller="acme", step="billing", reason="no_price", detail="ask for one")
    async with gateway.database.transaction() as db:
        await handlers.note_when_order_failed([failed], db)


async def tell(db: Connection, *names: str, reseller: str = "acme") -> None:
    """Events that are only told: each names itself."""
    now = datetime.now(UTC)
    data = ({"webhook_id": str(uuid4()), "url": "https://x.example", "reason": name} for name in names)
    await event_queries.append(db, [event_bodies.event("webhook.disabled", reseller, now, one) for one in data])


async def replay(gateway: Gateway, after: str = "", key: str = ACME, **query: Any) -> dict[str, Any]:
    """A page, as it is answered."""
    answer = await gateway.client.get("/v1/events", params={"after": after, **query}, headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def names(gateway: Gateway, after: str = "") -> tuple[list[str], str]:
    """What was told since, by name, and where to go on."""
    page = await replay(gateway, after)
    return [event["data"]["reason"] for event in page["events"]], page["next"]


def cursor(at: datetime) -> str:
    return written(Cursor(Place(1, 1), at))


def garbage(text: bytes) -> str:
    return urlsafe_b64encode(text).decode()


async def told(gateway: Gateway, *names: str) -> None:
    """Events with these reasons, in a transaction of their own."""
    async with gateway.database.transaction() as db:
        await tell(db, *names)
