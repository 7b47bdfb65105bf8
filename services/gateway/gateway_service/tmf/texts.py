"""Texts that older clients write as numbers."""

from typing import Annotated

from pydantic import BeforeValidator

from patchbay_contracts.words import Text

EXACT = 2**53


def as_whole(value: object) -> object:
    """A whole number that is written with a point or an exponent, as one; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_text(value: object) -> object:
    """A whole number as a text; anything else as it is. Raises ValueError for one that has lost digits."""
    if isinstance(value, float) and value.is_integer() and abs(value) > EXACT:
        raise ValueError("a number loses digits when it is so long: write it as a text")
    whole = as_whole(value)
    return str(whole) if isinstance(whole, int) and not isinstance(whole, bool) else value


Id = Annotated[Text, BeforeValidator(as_text)]
String = Annotated[str, BeforeValidator(as_text)]
