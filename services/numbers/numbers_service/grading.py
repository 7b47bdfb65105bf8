"""Grades from declared rules: data that can be edited, checked and applied to one number or to all endings at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from patchbay_contracts.words import Grade

DIGITS = 6
"""Rules look at a number's last six digits and at no others."""
GRADES: tuple[Grade, ...] = get_args(Grade)
"""Best first."""
NO_PATTERN: tuple[Grade, str] = ("standard", "no pattern")
MOST_RULES = 200
_STATED = "override: "
_KINDS = ("letters", "ascending", "descending", "endings")


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


@dataclass(frozen=True)
class Rule:
    """What a number's last digits must look like, in exactly one way, and the grade that this gives.

    letters: such as ABAB; equal letters are equal digits, different letters may be equal too.
    ascending, descending: so many digits, each one more (or less) than the one before.
    endings: fixed digits, ? for any.
    """

    name: str
    grade: Grade
    letters: str = ""
    ascending: int = 0
    descending: int = 0
    endings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError with the rule's name and the remedy."""
        if not self.name.strip():
            raise ValueError("a grade rule has no name: give it one")
        if self.grade not in GRADES:
            raise self._wrong(f"grade {self.grade!r} is unknown", f"use one of {', '.join(GRADES)}")
        if sum(bool(getattr(self, kind)) for kind in _KINDS) != 1:
            raise self._wrong("it needs exactly one kind", f"give one of {', '.join(_KINDS)}")
        if self.letters and not re.fullmatch(f"[A-Z]{{1,{DIGITS}}}", self.letters):
            raise self._wrong(f"letters {self.letters!r}", f"use 1 to {DIGITS} capital letters, such as ABAB")
        for kind in ("ascending", "descending"):
            length = getattr(self, kind)
            if length and (not isinstance(length, int) or not 2 <= length <= DIGITS):
                raise self._wrong(f"{kind} {length!r}", f"use 2 to {DIGITS} digits")
        for ending in self.endings:
            if not re.fullmatch(f"[0-9?]{{1,{DIGITS}}}", ending):
                raise self._wrong(f"ending {ending!r}", f"use 1 to {DIGITS} digits, with ? for any")

    def _wrong(self, what: str, remedy: str) -> ValueError:
        return ValueError(f"grade rule {self.name!r}: {what}: {remedy}")

    def matches(self, digits: Any) -> Any:
        """Whether six digits match: integers give a bool, arrays of integers an array of bools."""
        if self.letters:
            tail = digits[DIGITS - len(self.letters) :]
            return _all([tail[at] == tail[self.letters.index(a)] for at, a in enumerate(self.letters)])
        if self.endings:
            return _any([
                _all([digits[DIGITS - len(e) + at] == int(d) for at, d in enumerate(e) if d != "?"])
                for e in self.endings
            ])  # fmt: skip
        tail = digits[DIGITS - (self.ascending or self.descending) :]
        step = 1 if self.ascending else -1
        return _all([tail[at + 1] == tail[at] + step for at in range(len(tail) - 1)])

    def as_data(self) -> dict[str, Any]:
        """The rule as JSON can hold it."""
        kind = next(kind for kind in _KINDS if getattr(self, kind))
        value = getattr(self, kind)
        return {"name": self.name, "grade": self.grade, kind: list(value) if kind == "endings" else value}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Rule":
        """The rule from such data. Raises ValueError with the rule's name and the remedy."""
        unknown = data.keys() - {"name", "grade", *_KINDS}
        if unknown or not {"name", "grade"} <= data.keys():
            known = f"give name, grade and one of {', '.join(_KINDS)}"
            raise ValueError(f"grade rule {data.get('name', '')!r}: {sorted(unknown) or 'incomplete'}: {known}")
        return cls(**{**data, "endings": tuple(data.get("endings", ()))})


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

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Raises ValueError if two rules have one name, or there are too many."""
        names = [rule.name for rule in rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"grade rule {twice[0]!r} is there twice: give each rule a name of its own")
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
        return next((self.names[at] for at, rule in enumerate(self.rules) if rule.matches(digits)), NO_PATTERN)

    @cached_property
    def table(self) -> npt.NDArray[np.uint8]:
        """For each of the million endings the place of its rule in `names`."""
        digits = [d.astype(np.int8).reshape(-1) for d in np.indices((10,) * DIGITS, dtype=np.int8)]
        table = np.full(10**DIGITS, len(self.rules), np.uint8)
        for at in reversed(range(len(self.rules))):
            table[self.rules[at].matches(digits)] = at
        return table

    def as_data(self) -> list[dict[str, Any]]:
        """The rules as JSON can hold them."""
        return [rule.as_data() for rule in self.rules]

    @classmethod
    def from_data(cls, data: Sequence[Mapping[str, Any]]) -> "Grading":
        """The rules from such data. Raises ValueError with the rule's name and the remedy."""
        return cls([Rule.from_data(one) for one in data])


DEFAULT = Grading([
    Rule("last six equal", "platinum", letters="AAAAAA"),
    Rule("ABCABC", "platinum", letters="ABCABC"),
    Rule("last four equal", "gold", letters="AAAA"),
    Rule("six digits ascending", "gold", ascending=6),
    Rule("four digits ascending", "silver", ascending=4),
    Rule("four digits descending", "silver", descending=4),
    Rule("ABAB", "silver", letters="ABAB"),
    Rule("AABB", "silver", letters="AABB"),
    Rule("last three equal", "bronze", letters="AAA"),
    Rule("ABBA", "bronze", letters="ABBA"),
])  # fmt: skip
"""The rules that hold until an inventory manager declares others."""


class InForce:
    """By what this process grades: `rules.heed` keeps it level with what was declared."""

    def __init__(self) -> None:
        self.grading = DEFAULT


IN_FORCE = InForce()
