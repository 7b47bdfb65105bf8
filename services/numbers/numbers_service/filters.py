"""Rules about filters without IO: which numbers match one, and what may be given instead where too few do."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from numbers_service.grading import GRADES, Override
from numbers_service.model import graded
from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.numbers import Filter
from patchbay_contracts.words import Grade

Matches = Callable[[int, str, str, Override | None], bool]
"""Whether a number matches; beside it: the calling code and the trunk digit of its block, and its override."""


def named_grades(wanted: Filter) -> tuple[Grade, ...]:
    """The grades that a filter asks for; none if any will do."""
    if wanted.grade_at_least:
        return GRADES[: GRADES.index(wanted.grade_at_least) + 1]
    return wanted.grades


def accepted_grades(wanted: Filter) -> tuple[Grade, ...]:
    """The grades that a number may have."""
    return named_grades(wanted) or GRADES


@lru_cache(maxsize=1_000)
def matcher(wanted: Filter) -> Matches:
    """The filter as a test of one number. Whether it is one of a run is not its own matter."""
    grades = frozenset(accepted_grades(wanted))
    any_grade = grades == frozenset(GRADES)
    tests = [re.compile(".*".join(wanted.segments))] if wanted.in_order else list(map(re.compile, wanted.segments))
    if wanted.ends_with:
        tests.append(re.compile(f"{wanted.ends_with}$"))
    pattern = wanted.pattern.replace(" ", "")
    glob = re.compile(pattern.lstrip("+").replace("*", ".*").replace("?", "."))

    def matches(number: int, country: str, trunk: str, override: Override | None) -> bool:
        digits = str(number)
        national = digits[len(country) :]
        if pattern:
            forms = (digits,) if pattern[0] == "+" else (national, trunk + national)
            if not any(map(glob.fullmatch, forms)):
                return False
        if not _begins(wanted.prefix, digits, national, trunk) or not all(test.search(national) for test in tests):
            return False
        return any_grade or graded(number, override)[0] in grades

    return matches


def _begins(prefix: str, digits: str, national: str, trunk: str) -> bool:
    if prefix.startswith("+"):
        return digits.startswith(prefix[1:])
    return digits.startswith(prefix) or (trunk + national).startswith(prefix) or national.startswith(prefix)


def only_prefix(wanted: Filter) -> bool:
    """Whether nothing but a prefix is asked for, which needs no look at single numbers."""
    return wanted.method == "next" and wanted.model_copy(update={"prefix": "", "lowest": False}) == Filter()


@lru_cache(maxsize=1_000)
def substitutes(wanted: Filter) -> tuple[Filter, ...]:
    """What may be given instead, the nearest first: the same grade elsewhere, the next lower grade with the prefix, and
    that with ever shorter prefixes. Where any grade will do, shorter prefixes alone."""
    shorter = [wanted.prefix[:length] for length in range(len(wanted.prefix.lstrip("+")) - 1, 0, -1)]
    if wanted.prefix.startswith("+"):
        shorter = [wanted.prefix[:length] for length in range(len(wanted.prefix) - 1, 1, -1)]
    shorter += [""] if wanted.prefix else []
    grades = accepted_grades(wanted)
    worst = GRADES.index(max(grades, key=GRADES.index))
    if grades == GRADES:
        return tuple(_with(wanted, prefix=prefix) for prefix in shorter)
    elsewhere = [_with(wanted, prefix="")] if wanted.prefix else []
    if worst == len(GRADES) - 1:
        return tuple(elsewhere)
    lower = _with(wanted, grades=(GRADES[worst + 1],), grade_at_least=None)
    return (*elsewhere, lower, *(_with(lower, prefix=prefix) for prefix in shorter))


@lru_cache(maxsize=1_000)
def by_likeness(wanted: Filter, grade: Grade) -> tuple[Filter, ...]:
    """The filter for what is to be like a number of that grade: the grade itself, then better ones, then lower ones,
    the nearest first, as far as the filter asks for them."""
    at, accepted = GRADES.index(grade), accepted_grades(wanted)
    nearest = (*reversed(GRADES[: at + 1]), *GRADES[at + 1 :])
    return tuple(_with(wanted, grades=(one,), grade_at_least=None) for one in nearest if one in accepted)


@lru_cache(maxsize=1_000)
def within(instead: tuple[Filter, ...], rules: NumberRules | None) -> tuple[Filter, ...]:
    """Those that a service with such rules takes, as far as a filter can say that: a prefix that leaves more open is
    made as long as the rules need it."""
    if rules is None:
        return instead
    found = list(instead)
    if rules.grades:
        found = [_with(one, grades=both, grade_at_least=None) for one in instead if (both := _both(one, rules))]
    for known in (rules.prefixes, rules.countries):
        if known:
            found = [_with(one, prefix=prefix) for one in found for prefix in _prefixes(one.prefix, known)]
    return tuple(dict.fromkeys(found))


def asked_of(wanted: Filter, rules: NumberRules | None) -> tuple[Filter, ...]:
    """What was asked for, one after the other where a service with such rules takes it. Where it takes none of that,
    what was asked for: what is found then says what is wrong with it."""
    return within((wanted,), rules) or (wanted,)


def is_taken(number: int, grade: Grade, rules: NumberRules | None) -> bool:
    """Whether a service with such rules takes the number."""
    if rules is None:
        return True
    places = (known for known in (rules.prefixes, rules.countries) if known)
    return (not rules.grades or grade in rules.grades) and all(str(number).startswith(known) for known in places)


def _both(wanted: Filter, rules: NumberRules) -> tuple[Grade, ...]:
    return tuple(grade for grade in accepted_grades(wanted) if grade in rules.grades)


def _prefixes(prefix: str, known: Sequence[str]) -> list[str]:
    """Where both are true. What is written without its country may be anywhere."""
    if prefix and not prefix.startswith("+"):
        return [prefix]
    asked = prefix[1:]
    if asked.startswith(tuple(known)):
        return [prefix]
    return [f"+{one}" for one in known if one.startswith(asked)]


def _with(wanted: Filter, **changes: object) -> Filter:
    return wanted.model_copy(update=changes)
