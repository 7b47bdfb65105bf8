"""Why an order is not accepted, as its caller sees it."""

from collections.abc import Mapping

from pydantic import ValidationError

from patchbay_chassis.problems import REMEDIES, Problem, faults
from patchbay_contracts.order import OrderDocument

_REMEDIES: Mapping[str, str] = REMEDIES | {
    "too_long": "leave some out, or split the order",
    "union_tag_not_found": "add 'kind': 'new' for a customer to create, 'existing' for one that is there",
    "union_tag_invalid": "use 'new' for a customer to create, 'existing' for one that is there",
}


def invalid(error: ValidationError) -> Problem:
    """What is wrong with an order, field by field."""
    found = [fault | {"pointer": _in_order(fault["pointer"])} for fault in faults(error, _REMEDIES, OrderDocument)]
    return Problem(422, "The order is not valid", "Nothing was accepted.", found, code="invalid_order")


def _in_order(pointer: str) -> str:
    """pydantic puts in which kind of customer it took it for; that is no part of the order."""
    parts = pointer.split("/")
    return "/".join(parts[:2] + parts[3:]) if parts[1:2] == ["customer"] else pointer


def too_many(seconds: int = 1) -> Problem:
    """More orders are under way than there should be."""
    detail = f"So many orders are under way that new ones have to wait. Try again in {seconds} s."
    return Problem(
        429, "Too many open orders", detail, headers={"Retry-After": str(seconds)}, code="too_many_open_orders"
    )


def too_many_bulks(most: int) -> Problem:
    """A reseller sends more bulks at once than it may."""
    detail = f"{most} bulks of yours are being read. Send this one when another has ended."
    return Problem(429, "Too many bulks at once", detail, headers={"Retry-After": "5"}, code="too_many_bulks")


def too_long(most: int) -> Problem:
    """A bulk with more lines than one may have."""
    detail = f"A bulk may have {most:,} lines at the most: send the rest as another. Nothing from here on was accepted."
    return Problem(413, "The bulk is too long", detail, code="bulk_too_long")
