"""A PIN is in nothing that the gateway keeps, says, answers or logs; only the customer service can unseal it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

import pytest
import structlog.testing
from asyncpg import IntegrityConstraintViolationError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError

from gateway_service.accepting import seal
from gateway_service.settings import Settings

from .conftest import TRANSPORT_KEY, Gateway
from .posted import PIN, line, ndjson, new, order

NDJSON = {"Content-Type": "application/x-ndjson"}


def test_a_pin_is_sealed_as_the_customer_service_unseals_it() -> None:
    # The same constants as in that service's tests of its own side.
    key = urlsafe_b64encode(TRANSPORT_KEY).decode()
    assert seal("4711", UUID("00000000-0000-7000-8000-000000000000"), key, bytes(12)) == (
        "AAAAAAAAAAAAAAAAOouE76zMjWv6m6ZAuU5QY7NVuIU="
    )


def test_two_orders_with_the_same_pin_say_nothing_of_it() -> None:
    key = urlsafe_b64encode(TRANSPORT_KEY).decode()
    assert seal(PIN, UUID(int=1), key, b"a" * 12) != seal(PIN, UUID(int=2), key, b"b" * 12)


@pytest.mark.parametrize("key", ["", "AAAA", "not base64 at all", urlsafe_b64encode(b"k" * 16).decode()])
def test_a_gateway_without_a_key_for_pins_does_not_start_and_does_not_show_it(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATCHBAY_PIN_TRANSPORT_KEY", key)
    with pytest.raises(ValidationError, match="pin_transport_key") as error:
        Settings()
    assert not key or key not in str(error.value)


async def _everything_kept(gateway: Gateway) -> str:
    kept = []
    for table in ("orders", "journal", "idempotency"):
        kept += [str(row) for row in await gateway.rows(f"SELECT * FROM {table}")]
    said = [str((envelope, envelope.headers("test"))) for envelope in gateway.kafka.said]
    return "\n".join(kept + said)


async def test_the_pin_of_an_accepted_order_is_kept_nowhere_and_can_be_unsealed_for_this_order(
    gateway: Gateway,
) -> None:
    posted = order(customer=new())
    answer = await gateway.client.post("/v1/orders", json=posted, headers={"Idempotency-Key": "k"})
    bulk = await gateway.client.post("/v1/orders/bulk", content=ndjson(posted, posted), headers=NDJSON)
    shown = await gateway.client.get(answer.headers["location"])
    assert await gateway.count() == 3
    assert PIN not in answer.text + bulk.text + shown.text + await _everything_kept(gateway)
    customer = json.loads(gateway.kafka.said[0].body)["customer"]
    assert "pin" not in customer
    raw = urlsafe_b64decode(customer["sealed_pin"])
    opened = AESGCM(TRANSPORT_KEY).decrypt(raw[:12], raw[12:], UUID(answer.json()["id"]).bytes)
    assert opened.decode() == PIN


@pytest.mark.parametrize(
    "customer",
    [
        {"kind": PIN, "pin": PIN},
        {"kind": "existing", "id": PIN, "pin": PIN},
        {"kind": "new", "pin": PIN * 2, "name": PIN, "email": PIN, "phone": PIN, "address": {"country": PIN}},
        {"kind": "new", "pin": [PIN], "name": [PIN], "contacts": [{"kind": PIN, "email": PIN}]},
        PIN,
    ],
)
async def test_a_refusal_repeats_nothing_that_may_be_a_pin(gateway: Gateway, customer: Any) -> None:
    posted = order(customer=customer, lines=[line(grouping=PIN, numbers={"exact": [PIN], "prefix": PIN})])
    answer = await gateway.client.post("/v1/orders", json=posted)
    bulk = await gateway.client.post("/v1/orders/bulk", content=ndjson(posted), headers=NDJSON)
    assert answer.status_code == 422
    assert PIN not in answer.text + bulk.text


async def test_a_fault_of_ours_is_logged_without_the_order(fragile: Gateway) -> None:
    await fragile.do("ALTER TABLE orders ADD CHECK (reference <> 'PO-1')")
    with structlog.testing.capture_logs() as logged:
        await fragile.client.post("/v1/orders", json=order(customer=new()))
        await fragile.client.post("/v1/orders/bulk", content=ndjson(order(customer=new())), headers=NDJSON)
    assert [entry["event"] for entry in logged] == ["http.failed", "bulk.failed"]
    assert all(isinstance(entry["exc_info"], IntegrityConstraintViolationError) for entry in logged)
    assert PIN not in str(logged)
