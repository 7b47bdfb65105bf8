"""The numbers that services have, listed: asked of provisioning over HTTP by the gateway."""

from operator import not_
from typing import Literal
from uuid import UUID

from pydantic import Field

from patchbay_contracts.message import Frozen
from patchbay_contracts.services import MOST_LISTED, Asking, Resellers
from patchbay_contracts.words import E164, InternationalPrefix, Reseller, Slug


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
