"""Cells of CSVs that are opened in a spreadsheet."""

import re

_FORMULA = re.compile(r"^[\s\0]*[=+\-@＝＋－＠]|^[\t\r\n]")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may carry it out."""
    return _FORMULA.match(cell) is not None
