"""Times and days as callers write them (RFC 3339): pydantic would take a number of seconds as well, and a slip in a
field would be a time in 1970."""

import re
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

_NUMBER = re.compile(r"\s*[+-]?[0-9.]+\s*")


def _no_number(given: object) -> object:
    if isinstance(given, int | float) or (isinstance(given, str) and _NUMBER.fullmatch(given)):
        raise ValueError("a number says no day or time: write 2026-06-01, or 2026-06-01T09:00:00Z for a time")
    return given


def _one_fault(given: object, read: ValidatorFunctionWrapHandler) -> object:
    """One fault at the field itself, where it is neither."""
    try:
        return read(_no_number(given))
    except ValidationError:
        raise ValueError(
            "this is no day, and no time with its zone: write 2026-06-01, or 2026-06-01T09:00:00Z"
        ) from None


WrittenTime = Annotated[AwareDatetime, BeforeValidator(_no_number)]
"""A time with its zone."""
WrittenDay = Annotated[date, BeforeValidator(_no_number)]
WrittenTimeOrDay = Annotated[AwareDatetime | date, WrapValidator(_one_fault)]
