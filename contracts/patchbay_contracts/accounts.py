"""Billing accounts and charges: what the gateway asks billing over HTTP, and what it is answered."""

from operator import not_
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from patchbay_contracts.field_faults import FieldFault
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_NUMBERS
from patchbay_contracts.price_lists import Changing, Scoped
from patchbay_contracts.prices import Price
from patchbay_contracts.words import E164, Grade, Money, Reseller, Slug

MOST_CHARGES = 500


class ChargesQuery(Scoped):
    """What is charged to a customer or for an order, the newest order first. `after` is `next` of the answer before."""

    customer_id: UUID | None = None
    order_id: UUID | None = None
    states: tuple[Literal["pending", "active", "void"], ...] = ("pending", "active")
    count: int = Field(default=100, ge=1, le=MOST_CHARGES)
    after: Annotated[str, Field(max_length=100)] | None = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if (self.customer_id is None) == (self.order_id is None):
            raise ValueError("give either customer_id or order_id")
        return self


class Charged(Frozen):
    """One charge: so many services (no grade), or numbers of a grade. `pending` until its order completes, then active
    `since`; `void` if the order was undone. `price_list` and `version`: what it was priced by, where that is known."""

    order_id: UUID
    position: int
    line: int
    customer_id: UUID
    reseller: Reseller
    service_type: Slug
    grade: Grade | None = None
    quantity: int
    numbers: tuple[E164, ...] = ()
    each: Price
    total: Price
    state: str
    since: AwareDatetime | None = None
    price_list: Slug | None = None
    version: int | None = None


class Charges(Frozen):
    """Charges, and sums of all that match, page or not, one for each currency: what is charged a month (`monthly`), and
    what is to come when its orders complete, or from a later day on."""

    charges: tuple[Charged, ...] = ()
    monthly: tuple[Money, ...] = ()
    to_come: tuple[Price, ...] = ()
    next: str | None = None


class ServiceChargesQuery(Scoped):
    """What a service is charged for: the order and line that made it, and the `numbers` that it has. Those that it had
    are known from its changes."""

    service_id: UUID
    order_id: UUID
    line: int = Field(ge=0, lt=2**15)
    numbers: Annotated[tuple[E164, ...], Field(max_length=MOST_NUMBERS)] = ()


class ChargedPeriod(Frozen):
    """What is charged `since` one moment `until` another: for the service itself (no grade), or for each of its numbers
    of a grade. Without `since` it is to come when its order completes; without `until` it goes on."""

    order_id: UUID
    service_type: Slug
    grade: Grade | None = None
    numbers: tuple[E164, ...] = ()
    each: Price
    total: Price
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    price_list: Slug | None = None
    version: int | None = None


class ServiceCharges(Frozen):
    """What a service is and was charged for, the latest first, and what it is charged a month just now (`monthly`, by
    currency)."""

    charges: tuple[ChargedPeriod, ...] = ()
    monthly: tuple[Money, ...] = ()


class AccountQuery(Scoped):
    """A customer's account."""

    customer_id: UUID


class AccountChanging(Changing):
    """A change of an account. `changed_at`: when it was changed the last time, or opened, as it was read; if that is
    another time by now, the change is refused. `why` is kept."""

    customer_id: UUID
    changed_at: AwareDatetime | None = None


class BlockQuery(AccountChanging):
    """Block an account, so that its customer can order nothing, or unblock it."""


class LimitQuery(AccountChanging):
    """Limit what a customer's charges may come to a month in that currency; None lifts the limit. Charges in other
    currencies do not count."""

    limit: Money | None = None

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if self.limit is not None and self.limit.amount < 0:
            raise FieldFault("a limit is not negative: give 0 or more, or leave it out", "limit", "amount")
        return self


class AccountChange(Frozen):
    """What was done to an account, by whom and why."""

    at: AwareDatetime
    by: str
    action: str
    why: str


class Account(Frozen):
    """A billing account, with its changes, the newest first. `used`: what its charges come to a month at most, now or
    later, in the limit's currency."""

    customer_id: UUID
    reseller: Reseller
    state: Literal["active", "blocked"]
    opened_at: AwareDatetime
    limit: Money | None = None
    used: Money | None = None
    changes: tuple[AccountChange, ...] = Field(default=(), exclude_if=not_)
