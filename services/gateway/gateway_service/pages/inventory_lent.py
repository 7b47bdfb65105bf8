"""What became of numbers that were lent or taken back: said on the page that follows, and short enough for a cookie."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway_service.pages.language import gettext as _
from patchbay_contracts.inventory_answers import Lent, TakenBack

MOST_SHOWN = 12
Ranges = Sequence[tuple[int, int]]


class Row(NamedTuple):
    """What became of so many numbers, and the first ranges of them: so many of `pieces`."""

    what: str
    many: int
    pieces: int
    ranges: Ranges


def lent(said: Lent) -> str:
    """What is said of numbers that were to be lent."""
    return _word(
        ("lent", said.lent),
        ("there", said.there_already),
        *((one.state, one.ranges) for one in said.not_free),
        ("elsewhere", said.lent_elsewhere),
        ("unknown", said.unknown),
    )


def taken_back(said: TakenBack) -> str:
    """What is said of numbers that were to be taken back."""
    later = sorted(ends for one in said.when_free for ends in one.ranges)
    return _word(("returned", said.returned), ("later", later), ("never", said.not_lent))


def heard(word: str) -> Sequence[Row]:
    """The same for people; nothing for what was not said here."""
    try:
        return list(_rows(word))
    except (ValueError, KeyError):
        return []


def _word(*became: tuple[str, Ranges]) -> str:
    return "_".join(f"{what}:{_many(ranges)}:{len(ranges)}:{_first(ranges)}" for what, ranges in became if ranges)


def _many(ranges: Ranges) -> int:
    return sum(last - first + 1 for first, last in ranges)


def _first(ranges: Ranges) -> str:
    return ".".join(f"{first}-{last}" for first, last in ranges[:MOST_SHOWN])


def _rows(word: str) -> Iterator[Row]:
    for row in word.split("_"):
        what, many, pieces, ranges = row.split(":")
        ends = (one.split("-") for one in ranges.split("."))
        yield Row(_said()[what], int(many), int(pieces), [(int(first), int(last)) for first, last in ends])


def _said() -> dict[str, str]:
    return {
        "lent": _("lent now"),
        "there": _("lent to that pool already"),
        "held": _("not lent: held"),
        "assigned": _("not lent: in service"),
        "quarantined": _("not lent: at rest"),
        "elsewhere": _("not lent: lent to another pool, take them back first"),
        "unknown": _("not lent: in no block"),
        "returned": _("taken back"),
        "later": _("taken back once they are free"),
        "never": _("were not lent"),
    }
