"""When nothing matches: why, and the smallest change of the filter that finds something."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from numbers_service.grading import GRADES
from numbers_service.index import filters, reading
from numbers_service.index.searching import Answer
from numbers_service.index.wanted import Found, Nearest, Wanted, Why
from patchbay_contracts.words import Grade

if TYPE_CHECKING:
    from numbers_service.index.index import Index


def explained(index: "Index", wanted: Wanted, answer: Answer, found: Found) -> Found:
    """The same answer with the reason, and the nearest filter that was seen to find something."""
    tried = ((one, _matching(index, one.wanted)) for one in _changes(wanted, answer.longest[1]))
    nearest = next((one._replace(total=total) for one, total in tried if total), None)
    if nearest:
        nearest = _closer(index, wanted, nearest)
    return replace(found, why=_why(index, wanted, answer, found, nearest), nearest=nearest)


def _closer(index: "Index", wanted: Wanted, nearest: Nearest) -> Nearest:
    """Where digits were left out as a whole: with as many of them as still find something."""
    steps = list(_steps(wanted, nearest))  # each finds what the one before finds
    at = bisect_left(steps, True, key=lambda one: _matching(index, one.wanted) > 0)
    return steps[at]._replace(total=_matching(index, steps[at].wanted)) if at < len(steps) else nearest


def _steps(wanted: Wanted, nearest: Nearest) -> Iterator[Nearest]:
    """A digit less of what was left out, two less, and so on."""
    one = replace(nearest.wanted, method=wanted.method)
    if nearest.field == "ends_with":
        for ending in (wanted.ends_with[at:] for at in range(1, len(wanted.ends_with))):
            yield Nearest("ends_with", ending, replace(one, ends_with=ending))
    elif nearest.field == "pattern":
        digits = [at for at, character in enumerate(wanted.pattern) if character.isdigit()]
        for loose in (digits[-many:] for many in range(1, len(digits))):
            pattern = "".join("?" if at in loose else c for at, c in enumerate(wanted.pattern))
            yield Nearest("pattern", pattern, replace(one, pattern=pattern))
    elif nearest.field == "segments":
        left, all_ = list(nearest.wanted.segments), list(wanted.segments)
        at = next(at for at in range(len(all_)) if [*all_[:at], *all_[at + 1 :]] == left)
        for short in (all_[at][:end] for end in range(len(all_[at]) - 1, 0, -1)):
            segments = [*all_[:at], short, *all_[at + 1 :]]
            yield Nearest("segments", ", ".join(segments), replace(one, segments=segments))


def _matching(index: "Index", wanted: Wanted) -> int:
    """How many numbers match, as far as they are counted; 0 if there are not as many as it takes."""
    answer = index.run(wanted, filters.compiled(wanted, index.directory))
    return sum(map(sum, answer.counts)) if len(answer.numbers) else 0


def _why(index: "Index", wanted: Wanted, answer: Answer, found: Found, nearest: Nearest | None) -> Why:
    pools = ", ".join(str(pool).rstrip(":") for pool in wanted.pools)
    if wanted.method == "run" and answer.longest[1]:
        text = f"no {wanted.count} numbers in a row are free{' so aligned' if wanted.aligned > 1 else ''}"
        return Why("no_run", nearest.field if nearest else "count", f"{text}: the longest run has {answer.longest[1]}")
    if not _matching(index, Wanted(pools=wanted.pools)):
        return Why("pool_empty", "pools", f"nothing is free in {pools}")
    if found.read_as and not any(reading.has_numbers(prefix[1:], index.directory) for prefix in found.read_as):
        return Why("no_such_prefix", "prefix", f"there are no numbers that begin with {wanted.prefix.strip()}")
    field = nearest.field if nearest else "prefix" if wanted.prefix else "grades" if wanted.grades else "segments"
    return Why("nothing_matches", field, f"no free number in {pools} matches: change {field}")


def _changes(wanted: Wanted, longest: int) -> Iterator[Nearest]:
    """Filters that ask for less, the nearest first. One number is enough to know that there are some."""
    one = wanted if wanted.method == "run" else replace(wanted, count=1)
    one = replace(one, cursor="")
    if wanted.aligned != 1:
        yield Nearest("aligned", "1", replace(one, aligned=1))
    if wanted.method == "run" and longest:
        yield Nearest("count", str(longest), replace(one, count=longest, aligned=1))
    for lower in _lower(wanted):
        yield Nearest("grades", lower, replace(one, grades=frozenset([lower])))
    yield from _shorter(one)
    if wanted.grades:
        yield Nearest("grades", "any", replace(one, grades=frozenset()))
    yield from _fewer(one)
    if wanted.also_pools:
        more = [pool for pool in wanted.also_pools if pool not in wanted.pools]
        for pool in more:
            yield Nearest("pools", str(pool).rstrip(":"), replace(one, pools=[pool]))
    yield Nearest("prefix", "", Wanted(count=1, pools=wanted.pools))


def _lower(wanted: Wanted) -> Sequence[Grade]:
    return GRADES[max(map(GRADES.index, wanted.grades)) + 1 : -1] if wanted.grades else ()


def _shorter(wanted: Wanted) -> Iterator[Nearest]:
    prefix = wanted.prefix.replace(" ", "")
    while len(prefix) > 1:
        prefix = prefix[:-1]
        shorter = "" if prefix == "+" else prefix
        yield Nearest("prefix", shorter, replace(wanted, prefix=shorter))
    if prefix:
        yield Nearest("prefix", "", replace(wanted, prefix=""))


def _fewer(wanted: Wanted) -> Iterator[Nearest]:
    method = "next" if wanted.method == "segments" else wanted.method
    for at in range(len(wanted.segments)):
        fewer = [*wanted.segments[:at], *wanted.segments[at + 1 :]]
        left = fewer or wanted.ends_with or wanted.pattern
        changed = replace(wanted, segments=fewer, method=wanted.method if left else method)
        yield Nearest("segments", ", ".join(fewer), changed)
    if wanted.ends_with:
        yield Nearest("ends_with", "", replace(wanted, ends_with="", method=method))
    if wanted.pattern:
        yield Nearest("pattern", "", replace(wanted, pattern="", method=method))
