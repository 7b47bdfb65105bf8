"""What is asked of the customer service, and its answers. Owner: customer."""

from operator import not_
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from patchbay_contracts.message import OrderMessage
from patchbay_contracts.order import ExistingCustomer, SealedCustomer
from patchbay_contracts.words import Organisation, OrganisationKind

COMMANDS, ANSWERS = "customer.commands.v1", "provisioning.replies.v1"


class PrepareCustomer(OrderMessage, topic=COMMANDS, type="customer.PrepareCustomer.v1"):
    """Create the customer, or confirm that the existing one may order; say whom to notify. `only_told`: nothing is
    ordered, so those who are blocked are told as well, and the answer says what customer and reseller are called."""

    customer: Annotated[SealedCustomer | ExistingCustomer, Field(discriminator="kind")]
    notify: tuple[OrganisationKind, ...] = ()
    only_told: bool = Field(default=False, exclude_if=not_)


class CustomerReady(OrderMessage, topic=ANSWERS, type="customer.CustomerReady.v1"):
    """The customer exists and may order. `recipients` are the organisations that the order wants notified."""

    customer_id: UUID
    recipients: tuple[Organisation, ...] = ()
    customer_name: str = Field(default="", exclude_if=not_)
    reseller_name: str = Field(default="", exclude_if=not_)


class CustomerRefused(OrderMessage, topic=ANSWERS, type="customer.CustomerRefused.v1"):
    """Nothing was created."""

    reason: Literal[
        "unknown_reseller",
        "reseller_blocked",
        "unknown_customer",
        "customer_blocked",
        "reference_taken",
        "pin_unreadable",
        "withdrawn",
    ]
    detail: str
    recipients: tuple[Organisation, ...] = ()


class WithdrawCustomer(OrderMessage, topic=COMMANDS, type="customer.WithdrawCustomer.v1"):
    """Take back what the order's PrepareCustomer did, or forbid it if it never came."""


class CustomerWithdrawn(OrderMessage, topic=ANSWERS, type="customer.CustomerWithdrawn.v1"):
    """The order leaves no customer behind; an existing customer is as it was."""
