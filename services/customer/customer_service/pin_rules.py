"""What a PIN must be, by the order's own rule, and what it had better not be."""

from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from customer_service.model import Refused
from customer_service.strength import weakness
from patchbay_contracts.order import Pin
from patchbay_contracts.validity import Finding

_PIN: TypeAdapter[object] = TypeAdapter(Pin)


def accepted(pin: str) -> Refused | None:
    """Why no order could have the PIN; None if one could."""
    try:
        _PIN.validate_python(pin)
    except ValidationError:
        message = "the PIN needs 4 to 12 characters"
        return Refused("pin_length", "/customer/pin", message, "choose one of that length")
    return None


def weak(pin: str, known: Iterable[str], pointer: str = "/customer/pin") -> Finding | None:
    """A warning, if the PIN is easily guessed by somebody who knows these things."""
    why = weakness(pin, known)
    if why is None:
        return None
    return Finding(
        code="customer.pin_weak",
        severity="warning",
        tab="customer",
        pointer=pointer,
        message=f"the PIN is easily guessed: {why}",
        remedy="choose another PIN",
    )
