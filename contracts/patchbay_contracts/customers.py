"""Resellers and customers: what the gateway asks the customer service over HTTP, and what it is answered.

The gateway says which resellers the caller may use; another reseller's customer is answered like one that is not there.
`by` is who asked, such as `operator:anna@acme.example` or `key:demo`; it stands in the customer's log.
"""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from patchbay_contracts.field_faults import FieldFault
from patchbay_contracts.message import PLAIN, Frozen
from patchbay_contracts.order import Address, Contact, Phone
from patchbay_contracts.validity import Finding
from patchbay_contracts.words import Email, Reseller, Text

MOST_RESELLERS = 1_000
MOST_CUSTOMERS = 200
MOST_ENTRIES = 200

State = Literal["active", "blocked"]
Looked = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)]
"""What somebody types to find something."""
Cursor = Annotated[str, StringConstraints(max_length=200)]
Resellers = Annotated[tuple[Reseller, ...], Field(min_length=1, max_length=MOST_RESELLERS)]
SealedPin = Annotated[str, StringConstraints(max_length=400)]


class ResellersQuery(Frozen):
    """`POST /resellers/list`: those of the `resellers`, or of all without that, whose name has words that begin with
    the words of `text`, or whose id does."""

    model_config = ConfigDict(extra="forbid")

    resellers: Resellers | None = None
    text: Looked = ""
    limit: int = Field(default=50, ge=1, le=MOST_RESELLERS)


class ResellersGet(Frozen):
    """`POST /resellers/get`: these, as far as they are there."""

    model_config = ConfigDict(extra="forbid")

    ids: Resellers


class ResellerRecord(Frozen):
    """A reseller. What is blocked may not order. `parent`: the reseller that it is below, if it is below one."""

    id: Reseller
    name: Text
    email: Email
    state: State
    parent: Reseller | None = None


class ResellersFound(Frozen):
    """Resellers in alphabetical order of their names; `more` if there are others beyond the limit."""

    resellers: tuple[ResellerRecord, ...] = ()
    more: bool = False


class CustomersQuery(Frozen):
    """`POST /customers/search`, newest first. `text`: words of the name (each as far as it was typed), an e-mail
    address, or the reseller's own reference. `after` is `next` of the answer before."""

    model_config = ConfigDict(extra="forbid")

    resellers: Resellers
    text: Looked = ""
    states: tuple[State, ...] = Field(default=("active", "blocked"), min_length=1, max_length=2)
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None
    after: Cursor | None = None
    limit: int = Field(default=20, ge=1, le=MOST_CUSTOMERS)


class CustomerFound(Frozen):
    """A customer, as a list shows it."""

    id: UUID
    reseller: Reseller
    name: Text
    email: Email
    phone: Phone | None = None
    reference: Text | None = None
    state: State
    created_at: AwareDatetime


class CustomersFound(Frozen):
    """A page of customers."""

    customers: tuple[CustomerFound, ...] = ()
    next: str | None = None


class CustomersGet(Frozen):
    """`POST /customers/get`: these, as far as they are there and the resellers'."""

    model_config = ConfigDict(extra="forbid")

    resellers: Resellers
    ids: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_CUSTOMERS)


class Details(Frozen):
    """What is known of a customer, but for its PIN. `reference` is the reseller's own and unique to it."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    email: Email
    address: Address | None = None
    phone: Phone | None = None
    reference: Text | None = None
    contacts: tuple[Contact, ...] = Field(default=(), max_length=20)


class CustomerRecord(Frozen):
    """All of a customer, but for its PIN. `version` counts the changes of its details and its state."""

    id: UUID
    reseller: Reseller
    version: int
    state: State
    details: Details
    created_at: AwareDatetime
    order_id: UUID | None = None
    """The order that created it."""
    pin_locked_until: AwareDatetime | None = None
    """After too many wrong PINs nobody can try one before this time."""


class CustomerRecords(Frozen):
    """Customers, in the order in which they were asked for."""

    customers: tuple[CustomerRecord, ...] = ()


class OneCustomer(Frozen):
    """Which customer, and who asks. One that is not there is refused: 422, pointer `/id`."""

    model_config = ConfigDict(extra="forbid")

    resellers: Resellers
    id: UUID
    by: Text


class ChangeCustomer(OneCustomer):
    """`POST /customers/change`: its `details` and `state` as they shall be; what is left out stays. Answer: the
    `CustomerRecord`.

    `version` is the one that the caller saw. If somebody else changed the customer meanwhile: 409, with the
    CustomerRecord as `current`; but what is so already is no conflict, so the same change again is answered as before.
    """

    version: int = Field(ge=1)
    details: Details | None = None
    state: State | None = None
    why: Text | None = None

    @model_validator(mode="after")
    def _with_a_reason(self) -> Self:
        if self.state is not None and self.why is None:
            raise FieldFault("to block or unblock a customer needs a reason: give why", "why")
        return self


class SetPin(OneCustomer):
    """`POST /customers/pin`: a new PIN, sealed for the customer service and bound to the customer's id. Wrong tries of
    the old one are forgotten."""

    sealed_pin: SealedPin
    why: Text | None = None


class PinSet(Frozen):
    """The PIN is in force. `findings` are warnings, if it is easily guessed."""

    id: UUID
    findings: tuple[Finding, ...] = ()


class VerifyPin(OneCustomer):
    """`POST /customers/pin/verify`: whether this is the PIN that the caller on the phone should know, sealed and bound
    to the customer's id. Each call is a try, and stands in the log."""

    sealed_pin: SealedPin


class PinVerified(Frozen):
    """`right` is false also while no PIN can be tried: then `locked_until` says until when, whatever was tried."""

    right: bool
    tries_left: int
    locked_until: AwareDatetime | None = None


class LogQuery(Frozen):
    """`POST /customers/log`: what was done to a customer, newest first."""

    model_config = ConfigDict(extra="forbid")

    resellers: Resellers
    id: UUID
    after: Cursor | None = None
    limit: int = Field(default=50, ge=1, le=MOST_ENTRIES)


What = Literal["created", "changed", "blocked", "unblocked", "pin_set", "pin_right", "pin_wrong", "pin_locked"]


class FieldChanged(Frozen):
    """A field's value before and after, as people read it; none is empty. `field` is such as `email`, `address`,
    or `contacts`, where one entry speaks of one contact."""

    field: str
    before: str | None = None
    after: str | None = None


class LogEntry(Frozen):
    """What was done, when, by whom and why. `version` is the customer's after that."""

    at: AwareDatetime
    by: str
    what: What
    version: int
    changes: tuple[FieldChanged, ...] = ()
    why: str | None = None


class CustomerLog(Frozen):
    """A page of the log. The last entry of the last page is the creation."""

    entries: tuple[LogEntry, ...] = ()
    next: str | None = None
