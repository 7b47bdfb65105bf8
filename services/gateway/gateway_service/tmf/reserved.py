"""The characteristics by which a service says what is no setting of it: its numbers and its price list."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway_service.tmf.errors import refused
from gateway_service.tmf.sent import Resource, Service

PRICE_LIST, PRICE_LIST_FROM, GROUPING, NUMBERS = "priceList", "priceListFrom", "grouping", "numbers"
CRITERIA: Mapping[str, str] = {
    "numberCount": "count",
    "numberPrefix": "prefix",
    "numberPool": "pool",
    "numberPolicy": "policy",
    "numberGrade": "grades",
    "numberGradeAtLeast": "grade_at_least",
    "numberEndsWith": "ends_with",
    "numberPattern": "pattern",
    "numberMethod": "method",
    "numberSegments": "segments",
}
"""How numbers are wanted that are not named, and what an order calls that."""
LISTS = {"grades", "segments"}
RESERVED = {PRICE_LIST, PRICE_LIST_FROM, GROUPING, NUMBERS, *CRITERIA}


class Said(NamedTuple):
    """What the characteristics of a service say. `numbers` is None where nothing is said about them."""

    settings: dict[str, Any]
    numbers: list[Any] | None
    criteria: dict[str, Any]
    price_list: Any = None
    price_list_from: Any = None
    grouping: Any = None


def read(service: Service, where: str) -> Said:
    """Settings apart from the rest. Raises Problem 422 for a name that stands twice."""
    values: dict[str, Any] = {}
    for at, one in enumerate(service.characteristics):
        if one.name in values:
            place = f"{where}/serviceCharacteristic/{at}"
            raise refused(place, "a characteristic of that name stands there already", "name each once")
        values[one.name] = one.plain
    named = values.get(NUMBERS)
    numbers = None if NUMBERS not in values else _many(named)
    if service.resources:
        numbers = [*(numbers or []), *(_number(one) for one in service.resources)]
    criteria = {field: values[name] for name, field in CRITERIA.items() if name in values}
    return Said(
        {name: value for name, value in values.items() if name not in RESERVED},
        None if numbers is None else list(dict.fromkeys(str(one) for one in numbers)),
        {field: _many(value) if field in LISTS else value for field, value in criteria.items()},
        values.get(PRICE_LIST),
        values.get(PRICE_LIST_FROM),
        values.get(GROUPING),
    )


def _many(value: Any) -> list[Any]:
    """A list, or texts with commas between them."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if isinstance(value, list) else [value]


def _number(resource: Resource) -> Any:
    return resource.id or resource.value or resource.name or ""
