"""Service orders as clients of the TM Forum API send them, and the owners as the facade meets them."""

from typing import Any
from uuid import UUID

from patchbay_chassis.testing import message_of
from patchbay_contracts.customers import CustomersFound
from patchbay_contracts.message import Message

from .conftest import Gateway
from .registry import ADA
from .serving import Serving

ORDERS = "/tmf-api/serviceOrdering/v4/serviceOrder"
CANCELS = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"
CUSTOMER = {"role": "customer", "id": str(ADA), "@referredType": "Organization"}
NEW = {"role": "customer", "name": "Grace Hopper", "email": "grace@example.com", "pin": "90210-pin"}


class Owners(Serving):
    """They know customers by their own references too."""

    def customers_search(self, asked: dict[str, Any]) -> CustomersFound:
        known = [one for one in self.customers.values() if one.reseller in asked["resellers"]]
        named = [one for one in known if one.details.reference == asked["text"]]
        rows = [self._found(one.reseller, one.details.model_dump(), one.id) for one in named]
        return CustomersFound.model_validate({"customers": rows})


def item(id_: str = "1", action: str = "add", *, spec: str = "voice-line", **service: Any) -> dict[str, Any]:
    """An item that adds a voice line, without numbers."""
    given = {"serviceCharacteristic": [{"name": "priceList", "value": "standard-gbp"}]}
    named = {"serviceSpecification": {"id": spec}} if spec else {}
    return {"id": id_, "action": action, "service": named | given | service}


def about(id_: UUID, action: str = "modify", **service: Any) -> dict[str, Any]:
    """An item about a service that is there."""
    return {"id": "1", "action": action, "service": {"id": str(id_)} | service}


def characteristics(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def order(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"externalId": "PO-7", "relatedParty": [CUSTOMER], "serviceOrderItem": list(items or [item()])} | changes


async def place(gateway: Gateway, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = await gateway.client.post(ORDERS, json=order(*items, **changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def show(gateway: Gateway, id_: str) -> dict[str, Any]:
    answer = await gateway.client.get(f"{ORDERS}/{id_}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def placed(gateway: Gateway) -> list[Message]:
    """What was said so far."""
    return [message_of(envelope) for envelope in gateway.kafka.said]
