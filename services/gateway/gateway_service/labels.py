"""Labels as filters name them: `campaign:autumn`, the name before the first colon."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import TypeAdapter, ValidationError

from patchbay_chassis.problems import invalid_parameter
from patchbay_contracts.order import LabelName, LabelValue

MOST = 5
Labels = Annotated[
    list[str],
    Query(
        alias="label",
        max_length=MOST,
        description="a label that the order has, such as `campaign:autumn`; given again: all of them",
    ),
]
_NAME, _VALUE = TypeAdapter[str](LabelName), TypeAdapter[str](LabelValue)


def label_in(given: str) -> tuple[str, str] | None:
    """Its name and value; None if it is none."""
    name, colon, value = given.partition(":")
    try:
        return (_NAME.validate_python(name), _VALUE.validate_python(value)) if colon else None
    except ValidationError:
        return None


def labels_in(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What a list is filtered by. Raises Problem 422."""
    found = [label_in(one) for one in given]
    if None in found:
        raise invalid_parameter("label", "it is no label", "write it as name:value")
    return tuple(one for one in dict.fromkeys(found) if one is not None)
