"""Orders and answers for the tests of provisioning."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from patchbay_contracts.order import Line, Numbers, SealedCustomer
from patchbay_contracts.v1.billing import BillingOpened, BillingRefused, BillingVoided
from patchbay_contracts.v1.customer import CustomerReady, CustomerRefused, CustomerWithdrawn
from patchbay_contracts.v1.numbers import HeldLine, NumbersHeld, NumbersReleased, NumbersUnavailable
from patchbay_contracts.v1.provisioning import PlaceOrder
from patchbay_contracts.words import HeldNumber, Money, Organisation

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CUSTOMER = UUID("00000000-0000-7000-8000-00000000c001")
ADA_DRAFT = UUID("00000000-0000-7000-8000-00000000d001")
FIRST, SECOND = 441214960001, 441214960002
ADA = Organisation(kind="customer", name="Ada", email="ada@example.com")


def line(*numbers: int, **other: Any) -> Line:
    given = {"service_type": "voice-line", "price_list": "standard-gbp", "numbers": Numbers(exact=numbers)}
    return Line(**(given | other))


def order(*lines: Line, **other: Any) -> PlaceOrder:
    customer = SealedCustomer(name="Ada", email="ada@example.com", sealed_pin="sealed")
    given = {"order_id": uuid4(), "reseller": "acme", "customer": customer, "lines": lines, "accepted_at": NOW}
    return PlaceOrder(**(given | other))


class Answers:
    """What the other services may answer to one order."""

    def __init__(self, of: PlaceOrder) -> None:
        ids: dict[str, Any] = {"order_id": of.order_id, "reseller": of.reseller}
        held = HeldLine(
            line=0,
            numbers=tuple(
                HeldNumber(e164=n, grade="standard", rule="no pattern") for line in of.lines for n in line.numbers.exact
            ),
        )
        until = max(NOW, datetime.now(UTC)) + timedelta(hours=24)
        self.customer_ready = CustomerReady(**ids, customer_id=CUSTOMER, recipients=(ADA,))
        self.customer_refused = CustomerRefused(**ids, reason="customer_blocked", detail="ask the reseller")
        self.customer_withdrawn = CustomerWithdrawn(**ids)
        self.numbers_held = NumbersHeld(**ids, lines=(held,), held_until=until)
        given = held.model_copy(update={"acted": "available", "note": "1 of 2 were available"})
        self.fewer_held = NumbersHeld(**ids, lines=(given,), held_until=until)
        self.held_briefly = NumbersHeld(**ids, lines=(held,), held_until=NOW + timedelta(minutes=1))
        self.numbers_unavailable = NumbersUnavailable(**ids, reason="taken", detail="choose others", numbers=(FIRST,))
        self.numbers_released = NumbersReleased(**ids)
        self.billing_opened = BillingOpened(**ids, setup=(Money(amount=Decimal("5.00"), currency="GBP"),))
        self.billing_refused = BillingRefused(**ids, reason="unknown_price_list", detail="no such list", line=0)
        self.billing_voided = BillingVoided(**ids)
