"""A search's filters in the form that the kernel reads, checked."""

from ctypes import addressof, c_int64, pointer
from dataclasses import dataclass, field

from numbers_service.grading import GRADES
from numbers_service.index import reading
from numbers_service.index.blocks import Directory
from numbers_service.index.kernel import ANY_GRADE, Digits, Filter
from numbers_service.index.reading import EVERYTHING, LONGEST, Ranges
from numbers_service.index.wanted import MOST, BadFilter, Wanted

GRADE_BITS = {grade: 1 << at for at, grade in enumerate(GRADES)}
TOKENS = {**{str(d): d for d in range(10)}, "?": 10, "*": 11}
METHODS = ("next", "random", "segments", "run")
MOST_SEGMENTS = 8
LONGEST_SEGMENT = 8


@dataclass
class Compiled:
    """Ranges of numbers, grades as bits, digits (None: any), and the prefixes that were read."""

    ranges: Ranges
    grades: int
    digits: Digits | None
    read_as: list[str]
    _kept: list[object] = field(default_factory=list)

    def shared(self, ranges: Ranges | None = None) -> int:
        """The address of this filter, for these ranges of it; it stands as long as this object does."""
        mine = self.ranges if ranges is None else ranges
        flat = (c_int64 * (2 * len(mine)))(*[number for one in mine for number in one])
        c = Filter(self.grades, len(mine), addressof(flat), pointer(self.digits) if self.digits else None)
        self._kept += [flat, c]
        return addressof(c)


def compiled(wanted: Wanted, directory: Directory) -> Compiled:
    """Raises BadFilter for what no number can match."""
    _check(wanted)
    read_as: list[str] = []
    ranges = EVERYTHING
    if wanted.prefix.strip():
        read_as = reading.read_prefix(wanted.prefix, directory)
        ranges = reading.ranges_of(read_as, directory)
    digits = None
    if wanted.segments or wanted.ends_with or wanted.pattern:
        digits = _digits(wanted)
        if wanted.pattern:
            ranges = _patterned(wanted.pattern, digits, ranges, directory)
    grades = sum(GRADE_BITS[grade] for grade in wanted.grades) or ANY_GRADE
    return Compiled(ranges, grades, digits, read_as)


def _check(wanted: Wanted) -> None:
    if not 1 <= wanted.count <= MOST:
        raise BadFilter("count", f"{wanted.count} wanted", f"ask for 1 to {MOST:,}")
    if not wanted.pools:
        raise BadFilter("pools", "none is given", "name at least one")
    if len(set(wanted.pools)) != len(wanted.pools):
        raise BadFilter("pools", "one is named twice", "name each once")
    if unknown := sorted(wanted.grades - GRADE_BITS.keys()):
        raise BadFilter("grades", f"{unknown[0]!r} is unknown", f"use {', '.join(GRADES)}")
    _check_method(wanted)
    for segment in wanted.segments:
        _check_digits("segments", segment)
    if wanted.ends_with:
        _check_digits("ends_with", wanted.ends_with)
    if len(wanted.segments) > MOST_SEGMENTS:
        raise BadFilter("segments", f"{len(wanted.segments)} are given", f"give up to {MOST_SEGMENTS}")
    if wanted.in_order and sum(map(len, wanted.segments)) >= LONGEST:
        raise BadFilter("segments", "together they are longer than any number", "give fewer or shorter ones")


def _check_method(wanted: Wanted) -> None:
    if wanted.method not in METHODS:
        raise BadFilter("method", f"{wanted.method!r} is unknown", f"use {', '.join(METHODS)}")
    if wanted.aligned not in {1, 10, 100}:
        raise BadFilter("aligned", f"{wanted.aligned} is no alignment", "use 1, 10 or 100")
    if wanted.aligned != 1 and wanted.method != "run":
        raise BadFilter("aligned", "only a run is aligned", "use method run, or leave it out")
    if wanted.method == "segments" and not (wanted.segments or wanted.ends_with or wanted.pattern):
        raise BadFilter("segments", "none is given", "give segments, ends_with or a pattern")


def _check_digits(name: str, digits: str) -> None:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_SEGMENT):
        raise BadFilter(name, f"{digits!r} is no group of digits", f"give 1 to {LONGEST_SEGMENT} digits")


def _digits(wanted: Wanted) -> Digits:
    digits = Digits(segments=len(wanted.segments), in_order=wanted.in_order and len(wanted.segments) > 0)
    for at, segment in enumerate(wanted.segments):
        digits.length[at] = len(segment)
        digits.digit[at][: len(segment)] = list(map(int, segment))
    digits.ends = len(wanted.ends_with)
    digits.end[: digits.ends] = list(map(int, wanted.ends_with))
    return digits


def _patterned(pattern: str, digits: Digits, ranges: Ranges, directory: Directory) -> Ranges:
    """Adds a pattern to the digits; the ranges that are left of it: a pattern's first digits are a prefix."""
    countries, tokens, national = reading.read_pattern(pattern, directory)
    digits.tokens, digits.national = len(tokens), national
    digits.token[: len(tokens)] = [TOKENS[token] for token in tokens]
    head = reading.head(tokens)
    if not national:
        return reading.in_both(ranges, reading.ranges_of([head], directory)) if head else ranges
    if countries is None and not head:
        return ranges
    codes = sorted(directory.countries) if countries is None else countries
    return reading.in_both(ranges, reading.ranges_of([code + head for code in codes], directory))
