"""From filters of the TM Forum to what the owner of services and numbers finds by itself. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.selection import ALIKE, Filter, Selection, moment
from patchbay_contracts.taken_in import MOST_PART

MILLISECOND = timedelta(milliseconds=1)
YEARS = range(1900, 9_000)
NONE: Mapping[str, Any] = {"ids": ()}
"""Nothing is so."""
Narrowed = Mapping[str, Any]
Way = Callable[[Filter], Narrowed | None]
"""What the owner is asked for a filter; None where it has no such question."""


def narrowed(
    asked: Selection, ways: Mapping[tuple[str, ...], Way], always: Mapping[str, Any], roots: Set[str] | None = None
) -> tuple[dict[str, Any], Sequence[Filter]]:
    """What the owner is asked, and the filters that are left. `always`: what is the same of each thing. `roots`: the
    attributes that are not; without, that may be any."""
    found, rest = dict[str, Any](), list[Filter]()
    for one in asked.filters:
        path = tuple("serviceOrderItem" if name in ALIKE else name for name in one.path)
        if _is_in(always, path) or not (roots is None or path[0] in roots):
            more: Narrowed | None = {} if one.matches(always) else NONE
        else:
            way = ways.get(path)
            more = None if way is None else way(one)
        both = None if more is None else _both(found, more)
        if both is None:
            rest.append(one)
        else:
            found = both
    return found, rest


def _is_in(always: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        always = always[0] if isinstance(always, list) else always
        if not isinstance(always, Mapping) or name not in always:
            return False
        always = always[name]
    return True


def _both(one: dict[str, Any], other: Narrowed) -> dict[str, Any] | None:
    """What both ask for. None: a service may have several numbers, so two questions about them are not one."""
    both = one | dict(other)
    for name in one.keys() & other.keys():
        if name == "created_from":
            both[name] = max(one[name], other[name])
        elif name == "created_before":
            both[name] = min(one[name], other[name])
        elif name == "numbers":
            return None
        else:
            both[name] = tuple(value for value in one[name] if value in other[name])
    return both


def ids(name: str) -> Way:
    """One of these ids."""

    def way(asked: Filter) -> Narrowed | None:
        return _one_of(asked, name, lambda value: id_of(value) if str(id_of(value)) == value else None)

    return way


def names(name: str, pattern: str) -> Way:
    """One of these names."""

    def way(asked: Filter) -> Narrowed | None:
        if any(moment(value) for value in asked.values):
            return None
        return _one_of(asked, name, lambda value: value if re.fullmatch(pattern, value) else None)

    return way


def numbers(asked: Filter) -> Narrowed | None:
    """One of these numbers, as they are written."""
    return _one_of(asked, "numbers", lambda value: int(value) if re.fullmatch(r"\+[1-9][0-9]{6,14}", value) else None)


def _one_of(asked: Filter, name: str, read: Callable[[str], UUID | str | int | None]) -> Narrowed | None:
    if asked.operator != "eq" or len(asked.values) > MOST_PART:
        return None
    found = [read(value) for value in asked.values]
    return {name: tuple(dict.fromkeys(value for value in found if value is not None))}


def states(of: Mapping[str, Mapping[str, Any]]) -> Way:
    """In one of the states of which the filter is true. `of`: what is shown of each."""

    def way(asked: Filter) -> Narrowed:
        return {"states": tuple(state for state, shown in of.items() if asked.matches(shown))}

    return way


def since(asked: Filter) -> Narrowed | None:
    """Since then. Times are shown in whole milliseconds."""
    at = moment(asked.values[0]) if len(asked.values) == 1 else None
    if at is None or at.year not in YEARS:
        return None
    floor = at.replace(microsecond=at.microsecond // 1000 * 1000)
    ceiling = floor if floor == at else floor + MILLISECOND
    ways: Mapping[str, Mapping[str, datetime]] = {
        "eq": {"created_from": ceiling, "created_before": floor + MILLISECOND},
        "gt": {"created_from": floor + MILLISECOND},
        "gte": {"created_from": ceiling},
        "lt": {"created_before": ceiling},
        "lte": {"created_before": floor + MILLISECOND},
    }
    return ways.get(asked.operator)
