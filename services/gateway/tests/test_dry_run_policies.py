"""Which lines a dry run leaves out as the order would, and where what is said of the rest stands."""

from typing import Any

import pytest

from gateway_service import dry_run_policies as policies
from patchbay_contracts.finding_texts import unknown
from patchbay_contracts.order import OrderDocument
from patchbay_contracts.validity import Finding

from .posted import line, order


def document(*optional: bool | None, **changes: Any) -> OrderDocument:
    lines = [line() | ({} if one is None else {"optional": one}) for one in optional]
    return OrderDocument.model_validate(order(lines=lines, **changes))


def found(pointer: str, code: str = "numbers.lost", severity: str = "error") -> Finding:
    of = {"code": code, "severity": severity, "tab": "numbers", "pointer": pointer, "message": "m", "remedy": "r"}
    return Finding.model_validate(of)


@pytest.mark.parametrize(
    ("optional", "failure", "pointers", "out"),
    [
        ((None, True), "all_or_nothing", ["/lines/1/numbers"], {1}),
        ((None, None), "keep_what_worked", ["/lines/0/numbers"], {0}),
        ((None, None), "keep_what_worked", ["/lines/0/numbers", "/lines/1/settings"], set()),
        ((None, False), "keep_what_worked", ["/lines/1/numbers"], set()),
        ((None, None), "all_or_nothing", ["/lines/1/numbers"], set()),
        ((None, True), "all_or_nothing", ["/lines/1/numbers", "/customer/id"], set()),
        ((None, True), "all_or_nothing", [], set()),
    ],
)
def test_a_line_drops_out_where_the_order_may_go_on_without_it(
    optional: tuple[bool | None, ...], failure: str, pointers: list[str], out: set[int]
) -> None:
    assert set(policies.left_out(document(*optional, failure=failure), map(found, pointers))) == out


def test_beyond_the_customers_credit_the_last_line_that_may_drops_out_first() -> None:
    beyond = found("/customer/id", policies.CREDIT)
    assert set(policies.left_out(document(True, True, False), [beyond])) == {1}
    assert not policies.left_out(document(False, False), [beyond])


def test_what_is_said_of_the_rest_stands_where_it_is_in_the_whole_order() -> None:
    of_all, of_rest = (
        [found("/lines/0/numbers"), found("/lines/1/numbers")],
        [found("/lines/0/settings/a"), found("/terms")],
    )
    said = policies.findings(of_all, of_rest, {0}, 2)
    assert [(one.code, one.pointer, one.severity) for one in said] == [
        ("numbers.lost", "/lines/0/numbers", "warning"),
        ("order.line_left_out", "/lines/0", "warning"),
        ("numbers.lost", "/lines/1/settings/a", "error"),
        ("numbers.lost", "/terms", "error"),
    ]
    assert unknown([said[1]]) == []
    assert policies.put_back(["all 0", "all 1", "all 2"], ["rest 0", "rest 1"], {1}) == ["rest 0", "all 1", "rest 1"]
