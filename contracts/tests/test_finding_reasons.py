"""Findings say the code that the order would have as its reason."""

import pytest

from patchbay_contracts.finding_catalogue import FINDINGS
from patchbay_contracts.finding_texts import REFUSALS, reason_of
from patchbay_contracts.reasons import REASONS


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("numbers.lost", "taken"),
        ("numbers.too_few", "too_few"),
        ("settings.bad_value", "bad_settings"),
        ("settings.unknown_number", "unknown_number"),
        ("service.unknown_type", "unknown_service_type"),
        ("customer.reference_taken", "reference_taken"),
        ("billing.credit_exceeded", "credit_exceeded"),
        ("draft.quote_ended", None),
        ("customer.name_known", None),
        ("numbers.of_a_later_release", None),
    ],
)
def test_a_finding_has_the_reason_of_the_order_and_what_refuses_none_has_none(code: str, reason: str | None) -> None:
    assert reason_of(code) == reason


def test_what_is_waited_for_is_a_number_that_was_named_or_some_that_match() -> None:
    assert reason_of("numbers.back_ordered", "/lines/0/numbers/exact/0") == "taken"
    assert reason_of("numbers.back_ordered", "/lines/0/numbers") == "too_few"


def test_there_are_no_other_reasons_than_those_of_the_catalogue() -> None:
    assert {reason_of(code) for code in FINDINGS} - {None} <= REASONS.keys()
    codes = {code for codes in REFUSALS.values() for code in codes if not code.startswith("draft.")}
    assert None not in {reason_of(code) for code in codes}
