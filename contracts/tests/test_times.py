"""Times and days that callers write: as texts with the zone, never as a number."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from patchbay_contracts.times import WrittenDay, WrittenTime, WrittenTimeOrDay

KINDS: list[Any] = [WrittenTime, WrittenDay, WrittenTimeOrDay]


@pytest.mark.parametrize("given", ["86400", '"86400"', '" -86400.0 "', "1e9", '"20300101"'])
@pytest.mark.parametrize("kind", KINDS, ids=["time", "day", "either"])
def test_a_number_says_no_time_and_no_day(kind: Any, given: str) -> None:
    with pytest.raises(ValidationError, match="write 2026-06-01"):
        TypeAdapter(kind).validate_json(given)


def test_what_is_neither_day_nor_time_is_one_fault() -> None:
    wrong: list[Any] = ["tomorrow", "2030-01-01T09:00:00", "2030-13-01", None, []]
    for given in wrong:
        with pytest.raises(ValidationError, match="this is no day") as found:
            TypeAdapter(WrittenTimeOrDay).validate_python(given)
        assert [error["loc"] for error in found.value.errors()] == [()]


def test_what_is_written_out_is_understood() -> None:
    assert TypeAdapter(WrittenTime).validate_json('"2030-01-01T00:00:00Z"').year == 2030
    assert TypeAdapter(WrittenDay).validate_json('"2030-01-01"').year == 2030
    assert TypeAdapter(WrittenTimeOrDay).validate_json('"2030-01-01"') == TypeAdapter(WrittenDay).validate_python(
        "2030-01-01"
    )
