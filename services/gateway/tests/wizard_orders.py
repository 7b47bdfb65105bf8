"""Orders that came from the wizard, and how they end."""

import json
from collections.abc import Mapping
from uuid import uuid4

from gateway_service.draft import Draft
from patchbay_contracts.v1.provisioning import PlaceOrder

from .conftest import Gateway


def placed(gateway: Gateway) -> int:
    """How many were said to provisioning."""
    return sum(said.type == PlaceOrder.type for said in gateway.kafka.said)


NO_PRICE = {"step": "billing", "reason": "no_price", "detail": "ask for one"}


async def end(gateway: Gateway, draft: Draft, state: str = "completed", failed: Mapping[str, str] = NO_PRICE) -> None:
    """The draft's order ends."""
    numbers = [f"+{number}" for number in draft.document.numbers]
    services = (
        [{"id": str(uuid4()), "line": 0, "service_type": "voice-line", "numbers": numbers}]
        if draft.document.ordered
        else []
    )
    made = uuid4()
    event = {"customer_id": str(made), "services": services}
    await gateway.do(
        "UPDATE orders SET state = $2, event = $3, customer_id = coalesce($4, customer_id), ended_at = now()"
        " WHERE id = $1",
        draft.order_id,
        state,
        json.dumps(event if state == "completed" else dict(failed)),
        made if state == "completed" else None,
    )
