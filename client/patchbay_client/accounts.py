"""Billing accounts of customers: shown, limited, blocked and unblocked. Changes need the scope `prices`."""

from patchbay_client.calls import Call, get, new_key, post
from patchbay_client.kept_shapes import Account


def show(customer_id: str) -> Call[Account]:
    """Whether it is blocked, its limit, what is used of that, and who changed it. The first order opens it, or who
    blocks or limits it."""
    return get(_place(customer_id))


def limit(customer_id: str, amount: str, currency: str, why: str, key: str | None = None) -> Call[Account]:
    """What the customer's charges may come to a month, in that currency: "500", "GBP"."""
    return _limit(customer_id, {"amount": amount, "currency": currency}, why, key)


def lift_limit(customer_id: str, why: str, key: str | None = None) -> Call[Account]:
    """As much as the customer likes."""
    return _limit(customer_id, None, why, key)


def block(customer_id: str, why: str, key: str | None = None) -> Call[Account]:
    """The customer can order nothing then."""
    return post(f"{_place(customer_id)}/block", {"why": why}, key)


def unblock(customer_id: str, why: str, key: str | None = None) -> Call[Account]:
    """The customer can order again."""
    return post(f"{_place(customer_id)}/unblock", {"why": why}, key)


def _place(customer_id: str) -> str:
    return f"/v1/customers/{customer_id}/account"


def _limit(customer_id: str, to: dict[str, str] | None, why: str, key: str | None) -> Call[Account]:
    body = {"limit": to, "why": why}
    return Call("PUT", f"{_place(customer_id)}/limit", {}, body, key or new_key())
