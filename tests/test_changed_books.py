"""The audit of changed services sees what may not be: each thing is made so, and found. No IO."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from bench.changed import changes
from bench.tables import Books, Order

ORDER, CHANGE, SERVICE = uuid4(), uuid4(), uuid4()
FIRST, SECOND = 441214960001, 441214960002


def charge(grade: str, quantity: int, *numbers: int, state: str = "active") -> dict[str, Any]:
    return {"line": 0, "grade": grade, "numbers": list(numbers), "quantity": quantity, "state": state}


def number(e164: int, state: str = "assigned") -> dict[str, Any]:
    return {"e164": e164, "state": state}


def books(
    state: str = "completed", charges: Any = None, numbers: Any = None, service: Any = None, added: Any = ()
) -> Books:
    """A service that was made with two numbers; a change took the second, or would have."""
    done = state == "completed"
    row = {
        "id": SERVICE, "order_id": ORDER, "line": 0, "numbers": [FIRST, SECOND], "changing": None, "state": "active",
        "has": [FIRST] if done else [FIRST, SECOND], "version": 2 if done else 1,
    }  # fmt: skip
    event = {"change": {"removed": [f"+{SECOND}"], "added": list(added)}} if done else {}
    change = Order(CHANGE, "acme", state, {"service_id": str(SERVICE)}, event)
    ordered = [charge("", 1), charge("standard", 2, FIRST, SECOND)]
    left = [charge("standard", -1, SECOND, state="active" if done else "void")]
    kept = [number(FIRST), number(SECOND, "quarantined" if done else "assigned")]
    nothing: dict[UUID, Any] = {}
    return Books(
        orders={}, changes={CHANGE: change}, sagas={}, services={ORDER: [row | (service or {})]},
        numbers={ORDER: kept} | (numbers or {}), charges={ORDER: ordered, CHANGE: left} | (charges or {}),
        customers=nothing, states={}, mails=nothing, unsent={},
    )  # fmt: skip


@pytest.mark.parametrize("state", ["completed", "failed"])
def test_the_books_of_a_changed_service_balance(state: str) -> None:
    assert list(changes(books(state))) == []


def test_a_service_that_ended_is_charged_for_nothing() -> None:
    ended = {"state": "ended", "has": [FIRST, SECOND]}
    rest = {ORDER: [number(FIRST, "quarantined"), number(SECOND, "quarantined")]}
    paid = {CHANGE: [charge("", -1), charge("standard", -2, FIRST, SECOND)]}
    assert list(changes(books(service=ended, numbers=rest, charges=paid))) == []


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"service": {"version": 1}}, "has version 1 after 1 changes"),
        ({"service": {"changing": CHANGE}}, "is still claimed"),
        ({"numbers": {ORDER: [number(SECOND, "quarantined")]}}, "which is not assigned to it"),
        ({"numbers": {ORDER: [number(FIRST), number(SECOND)]}}, "which is still assigned to it"),
        ({"charges": {CHANGE: []}}, "has 1 numbers and is charged for 2"),
        ({"charges": {CHANGE: [charge("", -1), charge("standard", -1, SECOND)]}}, "is charged 0 times"),
        ({"state": "failed", "charges": {CHANGE: [charge("", -1)]}}, "failed, but it is charged for"),
        ({"state": "failed", "numbers": {CHANGE: [number(7, "held")]}}, "failed, but keeps +7"),
    ],
)
def test_what_may_not_be_is_found(wrong: dict[str, Any], found: str) -> None:
    assert any(found in sentence for sentence in changes(books(**wrong)))
