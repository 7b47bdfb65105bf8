"""What the saga's pivot says inside provisioning. These never travel: the same transaction takes them over."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from patchbay_contracts.message import OrderMessage
from patchbay_contracts.words import E164, Settings, Slug

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class PlannedService:
    """One service to create. `settings` hold for all of it, `settings_by_number` are laid over them."""

    id: UUID
    line: int
    service_type: Slug
    price_list: Slug
    numbers: tuple[E164, ...]
    settings: Settings
    settings_by_number: dict[E164, Settings]


class ActivateServices(OrderMessage, topic=LOCAL, type="provisioning.ActivateServices.v1"):
    """Create the services and activate them on the network. `day`: by whose catalogue the order was judged."""

    customer_id: UUID
    day: date | None = None
    services: tuple[PlannedService, ...]


class ServicesActivated(OrderMessage, topic=LOCAL, type="provisioning.ServicesActivated.v1"):
    """All of the order's services are active."""


class ServicesRefused(OrderMessage, topic=LOCAL, type="provisioning.ServicesRefused.v1"):
    """The network does not take a service; others of the order may be active."""

    reason: str
    detail: str


class WithdrawServices(OrderMessage, topic=LOCAL, type="provisioning.WithdrawServices.v1"):
    """Take the order's services off the network."""


class ServicesWithdrawn(OrderMessage, topic=LOCAL, type="provisioning.ServicesWithdrawn.v1"):
    """None of the order's services is active."""
