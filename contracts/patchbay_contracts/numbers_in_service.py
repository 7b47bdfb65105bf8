"""The numbers that services have, listed, and the orders that made services with such numbers: asked of provisioning
over HTTP by the gateway."""

from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import Field

from patchbay_contracts.message import Frozen
from patchbay_contracts.services import MOST_LISTED, Asking, Resellers
from patchbay_contracts.words import E164, InternationalPrefix, Reseller, Slug

MOST_ORDERS = 1_000


class NumbersQuery(Asking):
    """Numbers in service, in their order. `number`: one, or how they begin; `service_id`, `customer_id`: what has them,
    and whose they are. `after`: the last number of the page before."""

    resellers: Resellers
    number: InternationalPrefix | None = None
    service_id: UUID | None = Field(default=None, exclude_if=not_)
    customer_id: UUID | None = Field(default=None, exclude_if=not_)
    count: int = Field(default=50, ge=1, le=MOST_LISTED)
    after: E164 | None = None


class NumberInService(Frozen):
    """A number, the service that has it, and whose it is."""

    e164: E164
    service_id: UUID
    customer_id: UUID
    reseller: Reseller
    service_type: Slug
    state: Literal["active", "suspended"]


class NumbersInService(Frozen):
    """A page of numbers; `more`: there are others behind it."""

    numbers: tuple[NumberInService, ...] = ()
    more: bool = False


class OrdersQuery(Asking):
    """Which orders made the services that have a number, or one that begins so, the newest first, by their ids.
    `before`: only those that are older than this one."""

    resellers: Resellers
    number: InternationalPrefix
    count: int = Field(default=MOST_ORDERS, ge=1, le=MOST_ORDERS)
    before: UUID | None = None


class OrdersFound(Frozen):
    """Their ids; `more`: there are older ones."""

    ids: tuple[UUID, ...] = ()
    more: bool = False
