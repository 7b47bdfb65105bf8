"""`fields=`: of what is shown only what the caller names."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query

from patchbay_chassis.problems import invalid_fields

Fields = Annotated[
    str | None,
    Query(max_length=2_000, description="names of fields with commas between them: exactly those are shown"),
]


def chosen(given: str | None, known: Collection[str]) -> tuple[str, ...] | None:
    """The fields that are named; None for all. Raises Problem 422 that names those that there are not."""
    if given is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",")))
    unknown = [name[:60] for name in names if name not in known]
    if not unknown:
        return names
    remedy = f"use some of {', '.join(known)}"
    faults = [{"parameter": "fields", "message": f"there is no field {name!r}", "remedy": remedy} for name in unknown]
    raise invalid_fields(faults[:20])


def only(shown: Mapping[str, Any], names: Sequence[str] | None) -> Mapping[str, Any]:
    """What is shown of it; a field that it does not have at this time is null."""
    return shown if names is None else {name: shown.get(name) for name in names}
