"""How a list is asked for (TMF630): filters by attribute, which attributes to show, and which part of the list."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from gateway_service.tmf.errors import bad

USUAL, MOST = 100, 1_000
"""So many are shown if nobody says how many, and at the most."""
MOST_OFFSET = 1_000_000
COMPARE = {"eq": eq, "ne": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}
SIGNS = {">": "gt", "<": "lt"}
_PATH = r"""["']*[^.<>"'][^.<>]*(?:\.["']*[^.<>"'][^.<>]*)*"""
NAME = rf"^({_PATH})(?:([<>])([\s\S]*))?$"
"""An attribute by its path, which older clients write in quotes; it may go on with a sign and a value."""
_NUMBER = r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?"
UNKNOWN = ("sort", "filter", "depth", "expand")
"""What TMF630 has beside this, and Patchbay has not."""
ALIKE = {"serviceOrderItem": "orderItem", "orderItem": "serviceOrderItem"}
"""What older clients call it."""


@dataclass(frozen=True)
class Filter:
    """An attribute, by its path, that has one of these values; or, with an operator, compares so to one of them."""

    path: tuple[str, ...]
    operator: str
    values: tuple[str, ...]

    def matches(self, shown: Mapping[str, Any]) -> bool:
        """Whether it is true of something. Of a list one member is enough; an attribute that is not there has no
        value."""
        found = list(_at(shown, self.path))
        if self.operator == "ne":
            return all(not _compares("eq", one, value) for one in found for value in self.values)
        return any(_compares(self.operator, one, value) for one in found for value in self.values)


@dataclass(frozen=True)
class Selection:
    """What somebody wants of a list."""

    filters: tuple[Filter, ...] = ()
    fields: tuple[str, ...] | None = None
    offset: int = 0
    limit: int = USUAL

    def matches(self, shown: Mapping[str, Any]) -> bool:
        """Whether all filters are true of something."""
        return all(one.matches(shown) for one in self.filters)

    def only(self, *paths: str) -> str | None:
        """The one value that the attribute has to have, where no other filter is about it and all others are left."""
        about = [one for one in self.filters if ".".join(one.path) in paths]
        if len(about) == 1 and about[0].operator == "eq" and len(about[0].values) == 1:
            return about[0].values[0]
        return None

    def shows(self, whole: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes that were asked for: exactly those. `none` asks for id and href."""
        return shown(whole, self.fields)


def shown(whole: Mapping[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
    """These attributes of it, or all."""
    return dict(whole) if fields is None else {name: whole[name] for name in fields if name in whole}


def read(given: Iterable[tuple[str, str]]) -> Selection:
    """What the parameters of a query ask. Raises Problem 400."""
    filters: dict[tuple[tuple[str, ...], str], list[str]] = {}
    plain: dict[str, str] = {}
    for name, value in given:
        if name in ("fields", "offset", "limit"):
            plain[name] = value
        elif name in UNKNOWN:
            raise bad(name, "Patchbay does not know this", "leave it out: filter by attributes, and sort for yourself")
        else:
            path, operator, values = _condition(name, value)
            filters.setdefault((path, operator), []).extend(values)
    return Selection(
        tuple(Filter(path, operator, tuple(values)) for (path, operator), values in filters.items()),
        fields(plain.get("fields")),
        _whole(plain, "offset", 0, 0, MOST_OFFSET),
        _whole(plain, "limit", USUAL, 0, MOST),
    )


def fields(given: str | None) -> tuple[str, ...] | None:
    """Which attributes; None is all of them."""
    if given is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    return ("id", "href") if names == ("none",) else names or None


def _condition(name: str, value: str) -> tuple[tuple[str, ...], str, list[str]]:
    found = re.fullmatch(NAME, name)
    if found is None:
        raise bad(name or "?", "not an attribute's name", "write such as state, or serviceOrderItem.action")
    path, operator = tuple(re.sub("[\"']", "", found[1]).split(".")), "eq"
    if found[2] and value and not found[3]:  # `a>=1` comes as the name `a>` and the value `1`
        operator = SIGNS[found[2]] + "e"
    elif found[2]:  # `a>1` comes as a name alone
        operator, value = SIGNS[found[2]], f"{found[3]}={value}" if value else found[3]
    elif len(path) > 1 and path[-1] in COMPARE:
        path, operator = path[:-1], path[-1]
    return path, operator, list(_values(value))


def _values(given: str) -> Iterator[str]:
    """Values with commas between them. What stands in quotes is one, with its commas."""
    value, quote, quoted = "", "", False
    for letter in given:
        if quote:
            value, quote = (value, "") if letter == quote else (value + letter, quote)
        elif letter in "\"'" and not value:
            quote, quoted = letter, True
        elif letter == ",":
            yield value
            value, quoted = "", False
        else:
            value += letter
    if value or quoted or not given:
        yield value


def _whole(given: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = given.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or not least <= int(text) <= most:
        raise bad(name, "not a number that it can be", f"give a whole number from {least} to {most}")
    return int(text)


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _at(one, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        name = path[0] if path[0] in value else ALIKE.get(path[0], path[0])
        if name in value:
            yield from _at(value[name], path[1:])


def _compares(operator: str, found: Any, wanted: str) -> bool:
    """Dates as dates, numbers as numbers, everything else as it is written."""
    if isinstance(found, Mapping) or found is None:
        return False
    if operator == "eq":
        return not spellings(found).isdisjoint(spellings(wanted, as_asked=True))
    text = _text(found)
    if (day := moment(wanted)) is not None:
        return (at := moment(text)) is not None and bool(COMPARE[operator](at, day))
    one, other = _number(text), _number(wanted)
    if one is not None and other is not None:
        return bool(COMPARE[operator](one, other))
    return bool(COMPARE[operator](text, wanted))


def spellings(value: Any, *, as_asked: bool = False) -> frozenset[str]:
    """Under what a value is found: as it is written, a number as a number too, a time as that moment. What is asked for
    is written, so it may mean a number."""
    if isinstance(value, Mapping | list | tuple) or value is None:
        return frozenset()
    text = _text(value)
    number = _number(text) if as_asked or (isinstance(value, int | float) and not isinstance(value, bool)) else None
    at = moment(text)
    return frozenset(
        [f"={text}", *([] if number is None else [f"#{number!r}"]), *([] if at is None else [f"@{at.timestamp()!r}"])]
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> int | float | None:
    if not (len(text) < 40 and re.fullmatch(_NUMBER, text)):
        return None
    number = float(text)
    return int(text) if text.lstrip("-").isdecimal() else int(number) if number.is_integer() else number


def moment(text: str) -> datetime | None:
    """A day or a time as that moment; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text) if 9 < len(text) < 40 else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
