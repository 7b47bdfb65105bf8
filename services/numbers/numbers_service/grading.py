"""Grades from declared rules: data that can be edited, checked and applied to one number or to all endings at once."""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from patchbay_contracts.inventory import MOST_RULES
from patchbay_contracts.numbers import GradeRule
from patchbay_contracts.words import Grade

DIGITS = 6
"""Rules look at a number's last six digits and at no others."""
GRADES: tuple[Grade, ...] = get_args(Grade)
"""Best first."""
NO_PATTERN: tuple[Grade, str] = ("standard", "no pattern")
_STATED = "override: "


class Override(NamedTuple):
    """A grade that an inventory manager stated for one number, and why."""

    grade: Grade
    reason: str

    @property
    def rule(self) -> str:
        """What stands where otherwise a rule's name does."""
        return f"{_STATED}{self.reason}"

    @classmethod
    def of(cls, grade: Grade, rule: str) -> "Override":
        """The override that shows so."""
        return cls(grade, rule.removeprefix(_STATED))


def matches(rule: GradeRule, digits: Any) -> Any:
    """Whether six digits match: integers give a bool, arrays of integers an array of bools."""
    if rule.letters:
        tail = digits[DIGITS - len(rule.letters) :]
        return _all([tail[at] == tail[rule.letters.index(a)] for at, a in enumerate(rule.letters)])
    if rule.endings:
        return _any([
            _all([digits[DIGITS - len(e) + at] == int(d) for at, d in enumerate(e) if d != "?"])
            for e in rule.endings
        ])  # fmt: skip
    tail = digits[DIGITS - (rule.ascending or rule.descending or 0) :]
    step = 1 if rule.ascending else -1
    return _all([tail[at + 1] == tail[at] + step for at in range(len(tail) - 1)])


def _all(conditions: Sequence[Any]) -> Any:
    result: Any = True
    for condition in conditions:
        result = result & condition
    return result


def _any(conditions: Sequence[Any]) -> Any:
    result: Any = False
    for condition in conditions:
        result = result | condition
    return result


class Grading:
    """Rules in the order in which they decide: the first that matches; none makes a number standard."""

    def __init__(self, rules: Sequence[GradeRule]) -> None:
        """Raises ValueError if there are too many."""
        if len(rules) > MOST_RULES:
            raise ValueError(f"{len(rules)} grade rules: keep to {MOST_RULES}")
        self.rules = tuple(rules)
        self.names: tuple[tuple[Grade, str], ...] = (*((rule.grade, rule.name) for rule in rules), NO_PATTERN)
        self._decided = lru_cache(maxsize=65_536)(self._decide)

    def grade(self, number: int) -> tuple[Grade, str]:
        """A number's grade and the name of the rule that decided it."""
        return self._decided(number % 10**DIGITS)

    def _decide(self, ending: int) -> tuple[Grade, str]:
        digits = [int(d) for d in f"{ending:06}"]
        return next((self.names[at] for at, rule in enumerate(self.rules) if matches(rule, digits)), NO_PATTERN)

    @cached_property
    def table(self) -> npt.NDArray[np.uint8]:
        """For each of the million endings the place of its rule in `names`."""
        digits = [d.astype(np.int8).reshape(-1) for d in np.indices((10,) * DIGITS, dtype=np.int8)]
        table = np.full(10**DIGITS, len(self.rules), np.uint8)
        for at in reversed(range(len(self.rules))):
            table[matches(self.rules[at], digits)] = at
        return table

    def as_data(self) -> list[dict[str, Any]]:
        """The rules as JSON can hold them."""
        return [rule.model_dump(mode="json", exclude_defaults=True) for rule in self.rules]

    @classmethod
    def from_data(cls, data: Sequence[Mapping[str, Any]]) -> "Grading":
        """The rules from such data. Raises ValueError for what is no rule."""
        return cls([GradeRule.model_validate(one) for one in data])


DEFAULT = Grading([
    GradeRule(name="last six equal", grade="platinum", letters="AAAAAA"),
    GradeRule(name="ABCABC", grade="platinum", letters="ABCABC"),
    GradeRule(name="last four equal", grade="gold", letters="AAAA"),
    GradeRule(name="six digits ascending", grade="gold", ascending=6),
    GradeRule(name="four digits ascending", grade="silver", ascending=4),
    GradeRule(name="four digits descending", grade="silver", descending=4),
    GradeRule(name="ABAB", grade="silver", letters="ABAB"),
    GradeRule(name="AABB", grade="silver", letters="AABB"),
    GradeRule(name="last three equal", grade="bronze", letters="AAA"),
    GradeRule(name="ABBA", grade="bronze", letters="ABBA"),
])  # fmt: skip
"""The rules that hold until an inventory manager declares others."""


class InForce:
    """By what this process grades: `rules.heed` keeps it level with what was declared."""

    def __init__(self) -> None:
        self.grading = DEFAULT


IN_FORCE = InForce()
