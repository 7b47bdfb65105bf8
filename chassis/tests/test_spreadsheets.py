"""What a spreadsheet would carry out is known, also where it does not look so."""

import pytest

from patchbay_chassis.spreadsheets import is_formula


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "\n1", " =1", "\0=1", "＝1", "＠x"])
def test_a_formula_is_one(evil: str) -> None:
    assert is_formula(evil)


@pytest.mark.parametrize("plain", ["", "a=b", "1", "'=1", "Ada - and others"])
def test_a_text_is_none(plain: str) -> None:
    assert not is_formula(plain)
