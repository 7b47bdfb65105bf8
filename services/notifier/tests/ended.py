"""Orders that have ended, and mails about them."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from notifier_service.model import Mail
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted, OrderFailed
from patchbay_contracts.words import Money, Organisation

ADA = Organisation(kind="customer", name="Ada", email="ada@example.com")
ACME = Organisation(kind="reseller", name="Acme Telecom", email="orders@acme.example")
WIRES = Organisation(kind="supplier", name="Wires", email="wires@example.com")
CHARLES = Organisation(kind="contact", name="Charles", email="charles@example.com")
ID = UUID("0193f6a0-0000-7000-8000-000000000001")


def completed(*recipients: Organisation, **changes: Any) -> OrderCompleted:
    service = CreatedService(id=uuid4(), line=0, service_type="voice-line", numbers=(441214960000, 441214960001))
    given = {
        "order_id": uuid4(),
        "reseller": "acme",
        "customer_id": uuid4(),
        "services": (service,),
        "setup": (Money(amount=Decimal("5.0000"), currency="GBP"),),
        "monthly": (Money(amount=Decimal("9.9950"), currency="GBP"),),
        "recipients": recipients,
        "reference": "PO-1",
    }
    return OrderCompleted(**(given | changes))


def failed(*recipients: Organisation, **changes: Any) -> OrderFailed:
    given = {
        "order_id": uuid4(),
        "reseller": "acme",
        "step": "billing",
        "reason": "no_price",
        "detail": "/lines/0: ask for one",
        "recipients": recipients,
        "reference": "PO-1",
    }
    return OrderFailed(**(given | changes))


def mail(recipient: str = "ada@example.com", **changes: Any) -> Mail:
    facts = {"services": [["voice-line", ["+441214960000"]]], "setup": [], "monthly": [], "reference": "PO-1"}
    given: dict[str, Any] = {
        "order_id": ID,
        "recipient": recipient,
        "name": "Ada",
        "kind": "customer",
        "reseller": "acme",
        "outcome": "completed",
        "facts": facts,
        "tries": 1,
    }
    return Mail(**(given | changes))
