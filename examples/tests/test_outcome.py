"""Whether the demo notices what is not as it should be."""

from datetime import UTC, datetime

from examples.api import Order
from examples.outcome import Outcome, faults
from examples.parts import Made

NOW = datetime.now(UTC)


def outcome(*, again: bool = False, **endings: str) -> Outcome:
    states = {name: end if end in ("completed", "accepted") else "failed" for name, end in endings.items()}
    orders = {name: Order(name, state, NOW, None if state == "accepted" else NOW) for name, state in states.items()}
    failed = [{"id": name, "outcome": {"reason": endings[name]}} for name, state in states.items() if state == "failed"]
    return Outcome({name: name for name in endings}, orders, failed, again)


def made(name: str, first: str = "completed", again: str = "", rivals: str = "") -> Made:
    return Made({"reference": name}, first, again or first, rivals)


def test_orders_that_end_as_they_should_are_no_fault() -> None:
    assert faults(outcome(a="completed", b="too_few"), [made("a"), made("b", "too_few")]) == []


def test_another_ending_is_a_fault() -> None:
    expected = [made("a", "too_few"), made("b")]
    assert len(faults(outcome(a="completed", b="timed_out"), expected)) == 2


def test_an_order_that_was_not_accepted_or_has_not_ended_is_a_fault() -> None:
    found = faults(outcome(a="accepted"), [made("a"), made("b")])
    assert found[0] == "1 orders have not ended"
    assert found[-1] == "b: not accepted, but should be completed"


def test_of_rivals_exactly_one_wins() -> None:
    expected = [made("a", again="taken", rivals="n"), made("b", again="taken", rivals="n")]
    assert faults(outcome(a="completed", b="taken"), expected) == []
    assert faults(outcome(a="completed", b="completed"), expected) == ["n: 2 orders got it, but one should"]
    assert faults(outcome(a="taken", b="taken"), expected) == ["n: 0 orders got it, but one should"]


def test_what_an_earlier_run_took_may_be_taken() -> None:
    expected = [made("a", again="taken"), made("b", again="taken", rivals="n")]
    assert faults(outcome(again=True, a="taken", b="taken"), expected) == []
    assert faults(outcome(a="taken", b="completed"), expected) == ["a: taken, but should be completed"]
