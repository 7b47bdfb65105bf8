"""What is asked of provisioning, which owns the order saga. Owner: provisioning."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from patchbay_contracts.message import OrderMessage
from patchbay_contracts.order import ExistingCustomer, OrderBody, SealedCustomer


class PlaceOrder(OrderBody, OrderMessage, topic="provisioning.commands.v1", type="provisioning.PlaceOrder.v1"):
    """Carry an accepted order to its end. Answered by one event on `orders.events.v1`."""

    customer: Annotated[SealedCustomer | ExistingCustomer, Field(discriminator="kind")]
    accepted_at: AwareDatetime
