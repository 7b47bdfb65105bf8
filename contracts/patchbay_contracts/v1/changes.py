"""Changes of services: placed as orders of their own, carried through by a saga, and what that asks of billing."""

from datetime import date
from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from patchbay_contracts.message import Frozen, OrderMessage
from patchbay_contracts.services import ChangeBody
from patchbay_contracts.words import E164, HeldNumber, Money, Slug, Text

BILLING, ANSWERS = "billing.commands.v1", "provisioning.replies.v1"


class PlaceChange(ChangeBody, OrderMessage, topic="provisioning.commands.v1", type="provisioning.PlaceChange.v1"):
    """Carry an accepted change of a service to its end. Answered by one event on `orders.events.v1`, as an order is."""

    service_id: UUID
    by: Text
    accepted_at: AwareDatetime


class PricedFrom(Frozen):
    """By which price list from that date on; no date: since the service is charged."""

    price_list: Slug
    from_date: date | None = None


class ChargedService(Frozen):
    """What billing knows a service by: the order and line that made it, and the `numbers` that it was made with."""

    id: UUID
    order_id: UUID
    line: int
    service_type: Slug
    numbers: tuple[E164, ...] = ()


class AmendBilling(OrderMessage, topic=BILLING, type="billing.AmendBilling.v1"):
    """Write what a change adds to the charges of a service and what it takes from them, pending until it completes.

    `price_list`: what is charged costs by it from its date on. `adds`: numbers that are charged from now on, by the
    service's `price_lists`. `removes`: numbers that are charged no more. `ends`: nothing is charged any more.
    """

    customer_id: UUID
    service: ChargedService
    price_list: PricedFrom | None = None
    adds: tuple[HeldNumber, ...] = Field(default=(), exclude_if=not_)
    price_lists: tuple[PricedFrom, ...] = Field(default=(), exclude_if=not_)
    removes: tuple[E164, ...] = Field(default=(), exclude_if=not_)
    ends: bool = Field(default=False, exclude_if=not_)


class BillingAmended(OrderMessage, topic=ANSWERS, type="billing.BillingAmended.v1"):
    """The amendments are written. What is charged once, and by how much the monthly charges rise or fall at last."""

    setup: tuple[Money, ...] = ()
    monthly: tuple[Money, ...] = ()


class BillingAmendRefused(OrderMessage, topic=ANSWERS, type="billing.BillingAmendRefused.v1"):
    """Nothing was written."""

    reason: Literal[
        "unknown_price_list", "price_list_not_in_force", "no_price", "account_blocked", "credit_exceeded", "withdrawn"
    ]
    detail: str


class RestoreBilling(OrderMessage, topic=BILLING, type="billing.RestoreBilling.v1"):
    """Void the change's amendments, or forbid them if they never came."""


class BillingRestored(OrderMessage, topic=ANSWERS, type="billing.BillingRestored.v1"):
    """The change amends nothing."""
