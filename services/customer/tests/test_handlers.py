"""The customer service against a real database: preparing, refusing, withdrawing; each twice, to the same effect."""

import os
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.order import Contact, ExistingCustomer, SealedCustomer
from patchbay_contracts.v1.customer import (
    CustomerReady,
    CustomerRefused,
    CustomerWithdrawn,
    PrepareCustomer,
    WithdrawCustomer,
)

from .conftest import TRANSPORT_KEY

pytestmark = pytest.mark.usefixtures("world")

ADA, BOB = (UUID(f"00000000-0000-7000-8000-00000000000{n}") for n in (1, 2))


def sealed(order_id: UUID, pin: str = "4711") -> str:
    nonce = os.urandom(12)
    return urlsafe_b64encode(nonce + AESGCM(TRANSPORT_KEY).encrypt(nonce, pin.encode(), order_id.bytes)).decode()


def new(order_id: UUID | None = None, reseller: str = "acme", notify: Any = (), **details: Any) -> PrepareCustomer:
    order_id = order_id or uuid4()
    given = {"name": "Grace", "email": "grace@example.com", "sealed_pin": sealed(order_id)}
    customer = SealedCustomer(**(given | details))
    return PrepareCustomer(order_id=order_id, reseller=reseller, customer=customer, notify=notify)


def existing(id_: UUID, reseller: str = "acme", notify: Any = ()) -> PrepareCustomer:
    return PrepareCustomer(order_id=uuid4(), reseller=reseller, customer=ExistingCustomer(id=id_), notify=notify)


async def states(db: Connection, order_id: UUID) -> list[str]:
    rows = await db.fetch("SELECT state FROM customer WHERE order_id = $1", order_id)
    return [state for (state,) in rows]


async def test_a_new_customer_is_created_once_however_often_it_is_asked_for(deliver: Deliver, db: Connection) -> None:
    command = new()
    (ready,) = await deliver(command)
    assert isinstance(ready, CustomerReady)
    assert await states(db, command.order_id) == ["active"]


async def test_customers_of_many_orders_are_created_together(deliver: Deliver, db: Connection) -> None:
    said = await deliver(*(new() for _ in range(50)))
    assert len({ready.customer_id for ready in said if isinstance(ready, CustomerReady)}) == 50


async def test_the_pin_is_kept_as_a_keyed_hash_only(deliver: Deliver, db: Connection) -> None:
    command = new()
    await deliver(command)
    ((pin_hash, kept),) = await db.fetch("SELECT pin_hash, customer::text FROM customer WHERE name = 'Grace'")
    assert len(pin_hash) == 32
    assert "4711" not in kept


async def test_a_pin_sealed_for_another_order_is_refused(deliver: Deliver, db: Connection) -> None:
    (answer,) = await deliver(command := new(sealed_pin=sealed(uuid4())))
    assert isinstance(answer, CustomerRefused)
    assert answer.reason == "pin_unreadable"
    assert await states(db, command.order_id) == []


@pytest.mark.parametrize("nonsense", ["", "x", "AAAA", "ÄÖÜ", "A" * 80])
async def test_a_pin_that_is_no_sealed_pin_is_refused(deliver: Deliver, nonsense: str) -> None:
    (answer,) = await deliver(new(sealed_pin=nonsense))
    assert isinstance(answer, CustomerRefused)
    assert answer.reason == "pin_unreadable"


async def test_the_organisations_that_the_order_names_are_the_recipients(deliver: Deliver) -> None:
    contacts = (
        Contact(name="Charles", email="charles@example.com"),
        Contact(kind="supplier", name="Wires", email="wires@example.com"),
    )
    (ready,) = await deliver(new(contacts=contacts, notify=("customer", "reseller", "supplier")))
    assert isinstance(ready, CustomerReady)
    assert [(r.kind, r.email) for r in ready.recipients] == [
        ("customer", "grace@example.com"),
        ("reseller", "orders@acme.example"),
        ("supplier", "wires@example.com"),
    ]


async def test_one_address_is_one_recipient(deliver: Deliver) -> None:
    contacts = (Contact(name="Grace herself", email="GRACE@example.com"),)
    (ready,) = await deliver(new(contacts=contacts, notify=("customer", "contact")))
    assert isinstance(ready, CustomerReady)
    assert [r.kind for r in ready.recipients] == ["customer"]


async def test_an_existing_customer_is_confirmed_with_its_contacts(deliver: Deliver) -> None:
    (ready,) = await deliver(existing(ADA, notify=("customer", "contact")))
    assert isinstance(ready, CustomerReady)
    assert ready.customer_id == ADA
    assert [r.name for r in ready.recipients] == ["Ada", "Charles"]


async def test_of_one_that_is_blocked_it_can_be_asked_whom_to_tell(deliver: Deliver) -> None:
    command = existing(BOB, notify=("customer", "reseller")).model_copy(update={"only_told": True})
    (answer,) = await deliver(command)
    assert isinstance(answer, CustomerReady)
    assert {one.kind for one in answer.recipients} == {"customer", "reseller"}
    assert (answer.customer_name, answer.reseller_name) == tuple(one.name for one in answer.recipients)
    (theirs,) = await deliver(command.model_copy(update={"order_id": uuid4(), "reseller": "borealis"}))
    assert isinstance(theirs, CustomerRefused)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (new(reseller="nobody"), "unknown_reseller"),
        (new(reseller="closed"), "reseller_blocked"),
        (existing(uuid4()), "unknown_customer"),
        (existing(BOB), "customer_blocked"),
        (existing(ADA, reseller="borealis"), "unknown_customer"),
        (new(reference="C-ADA"), "reference_taken"),
    ],
)
async def test_a_customer_that_may_not_order_is_refused_with_the_reason(
    deliver: Deliver, db: Connection, command: PrepareCustomer, reason: str
) -> None:
    (answer,) = await deliver(command)
    assert isinstance(answer, CustomerRefused)
    assert answer.reason == reason
    assert await states(db, command.order_id) == []


async def test_another_resellers_customer_is_answered_like_one_that_is_not_there(deliver: Deliver) -> None:
    theirs, none = existing(ADA, reseller="borealis"), existing(uuid4(), reseller="borealis")
    answers = await deliver(theirs, none)
    details = [a.detail for a in answers if isinstance(a, CustomerRefused)]
    assert details[0].replace(str(ADA), "") == details[1].replace(str(none.customer.id), "")  # type: ignore[union-attr]


async def test_a_refusal_tells_the_reseller_if_the_order_wants_it(deliver: Deliver) -> None:
    (answer,) = await deliver(existing(BOB, notify=("customer", "reseller")))
    assert isinstance(answer, CustomerRefused)
    assert [r.kind for r in answer.recipients] == ["reseller"]


async def test_of_two_orders_with_the_same_reference_one_gets_it(deliver: Deliver) -> None:
    said = await deliver(new(reference="C-9"), new(reference="C-9"))
    assert sorted(type(answer).__name__ for answer in said) == ["CustomerReady", "CustomerRefused"]


async def test_two_resellers_may_use_the_same_reference(deliver: Deliver) -> None:
    said = await deliver(new(reference="C-9"), new(reference="C-9", reseller="borealis"))
    assert [type(answer) for answer in said] == [CustomerReady, CustomerReady]


async def test_withdrawing_takes_the_new_customer_back_and_frees_its_reference(
    deliver: Deliver, db: Connection
) -> None:
    command = new(reference="C-9")
    await deliver(command)
    assert [type(a) for a in await deliver(WithdrawCustomer(order_id=command.order_id, reseller="acme"))] == [
        CustomerWithdrawn
    ]
    assert await states(db, command.order_id) == ["withdrawn"]
    assert [type(a) for a in await deliver(new(reference="C-9"))] == [CustomerReady]


async def test_withdrawing_leaves_an_existing_customer_as_it_was(deliver: Deliver, db: Connection) -> None:
    command = existing(ADA)
    await deliver(command)
    await deliver(WithdrawCustomer(order_id=command.order_id, reseller="acme"))
    assert await db.fetchval("SELECT state FROM customer WHERE id = $1", ADA) == "active"


async def test_a_withdrawal_that_comes_first_forbids_the_customer(deliver: Deliver, db: Connection) -> None:
    command = new()
    await deliver(WithdrawCustomer(order_id=command.order_id, reseller="acme"))
    (answer,) = await deliver(command)
    assert isinstance(answer, CustomerRefused)
    assert answer.reason == "withdrawn"
    assert await states(db, command.order_id) == []
