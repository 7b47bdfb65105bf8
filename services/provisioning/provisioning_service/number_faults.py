"""Which numbers a service type takes, as far as that shows in what is asked for: by orders and by changes. No IO."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, get_args

from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.order import Numbers
from patchbay_contracts.words import Grade
from provisioning_service.catalogue import ServiceType

BEST_FIRST: tuple[Grade, ...] = get_args(Grade)


class Unwanted(NamedTuple):
    """What the service type does not take; `where` is below the numbers that are asked for."""

    reason: str
    where: str
    message: str
    remedy: str


Graded = Mapping[int, Grade]
NOT_KNOWN: Graded = {}


def unwanted(numbers: Numbers, type_: ServiceType, graded: Graded = NOT_KNOWN) -> Iterator[Unwanted]:
    """Numbers that lie elsewhere (those that are named, and a prefix that is written with its country), then grades:
    of what is named as far as they are known."""
    rules = type_.entry.numbers
    for known in (rules.prefixes, rules.countries):
        if known:
            yield from _elsewhere(numbers, type_.entry.name, known)
    if not rules.grades:
        return
    remedy = "choose one of these grades"
    message = f"{type_.entry.name} takes no such numbers, only {', '.join(rules.grades)}"
    if (asked := grades(numbers)) and not asked & set(rules.grades):
        yield Unwanted("wrong_grade", "grades" if numbers.grades else "grade_at_least", message, remedy)
    for at, number in enumerate(numbers.exact):
        if number in graded and graded[number] not in rules.grades:
            yield Unwanted("wrong_grade", f"exact/{at}", message, remedy)


def _elsewhere(numbers: Numbers, name: str, known: tuple[str, ...]) -> Iterator[Unwanted]:
    remedy = f"choose numbers that begin with {' or '.join(f'+{one}' for one in known)}"
    for at, number in enumerate(numbers.exact):
        if not str(number).startswith(known):
            yield Unwanted("wrong_prefix", f"exact/{at}", f"{name} does not take +{number}", remedy)
    prefix = numbers.prefix
    if prefix.startswith("+") and not any(prefix[1:].startswith(one) or one.startswith(prefix[1:]) for one in known):
        yield Unwanted("wrong_prefix", "prefix", f"{name} does not take numbers with prefix {prefix}", remedy)


def rules_of(type_: ServiceType | None) -> NumberRules | None:
    """Which numbers may come to a service of that type, if not all may."""
    return type_.entry.numbers if type_ is not None and type_.choosy else None


def narrowed(numbers: Numbers, rules: NumberRules | None) -> Numbers:
    """As many as match are looked for among those that the service takes, as far as a filter can say that."""
    if rules is None or not numbers.count:
        return numbers
    narrower = dict[str, object]()
    if rules.grades:
        asked = grades(numbers) or set(rules.grades)
        wanted = tuple(grade for grade in BEST_FIRST if grade in asked and grade in rules.grades)
        narrower = {"grades": wanted, "grade_at_least": None}
    known = rules.prefixes or rules.countries
    if len(known) == 1 and f"+{known[0]}".startswith(numbers.prefix):
        narrower["prefix"] = f"+{known[0]}"
    return numbers.model_copy(update=narrower)


def grades(numbers: Numbers) -> set[Grade]:
    """Those that are asked for; none: whichever come."""
    if (least := numbers.grade_at_least) is not None:
        return set(BEST_FIRST[: BEST_FIRST.index(least) + 1])
    return set(numbers.grades)
