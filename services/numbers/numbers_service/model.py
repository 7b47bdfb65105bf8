"""Rules about numbers without IO: grades, who may draw from which pool, what an order wants and gets."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.words import Grade, Pool


@dataclass(frozen=True)
class Rule:
    """A pattern over a number's last six digits and the grade that it gives."""

    name: str
    grade: Grade
    pattern: re.Pattern[str]


def _rule(name: str, grade: Grade, pattern: str) -> Rule:
    return Rule(name, grade, re.compile(pattern))


_UP = "(?:0123|1234|2345|3456|4567|5678|6789)"
_DOWN = "(?:9876|8765|7654|6543|5432|4321|3210)"

RULES = (
    _rule("last six equal", "platinum", r"(\d)\1{5}$"),
    _rule("ABCABC", "platinum", r"(\d{3})\1$"),
    _rule("last four equal", "gold", r"(\d)\1{3}$"),
    _rule("six digits ascending", "gold", r"(?:012345|123456|234567|345678|456789)$"),
    _rule("four digits ascending", "silver", _UP + "$"),
    _rule("four digits descending", "silver", _DOWN + "$"),
    _rule("ABAB", "silver", r"(\d\d)\1$"),
    _rule("AABB", "silver", r"(\d)\1(\d)\2$"),
    _rule("last three equal", "bronze", r"(\d)\1\1$"),
    _rule("ABBA", "bronze", r"(\d)(\d)\2\1$"),
)
"""The first rule that matches decides; none makes a number standard."""


@lru_cache(maxsize=65_536)
def _graded(last_six: int) -> tuple[Grade, str]:
    digits = f"{last_six:06}"
    for rule in RULES:
        if rule.pattern.search(digits):
            return rule.grade, rule.name
    return "standard", "no pattern"


def grade(number: int) -> tuple[Grade, str]:
    """A number's grade and the name of the rule that decided it."""
    return _graded(number % 1_000_000)


@dataclass(frozen=True)
class Taker:
    """Who wants numbers: pools are open to a reseller, and to a customer if it exists already."""

    order_id: UUID
    reseller: str
    customer_id: UUID | None

    def owner_of(self, pool: Pool) -> str | None:
        """Whose blocks these are in that pool: nobody's in the public one. None: the taker has no such pool."""
        match pool:
            case "public":
                return ""
            case "reseller":
                return self.reseller
            case "customer":
                return f"{self.reseller}/{self.customer_id}" if self.customer_id else None


def taker(command: HoldNumbers) -> Taker:
    """Who wants these numbers."""
    return Taker(command.order_id, command.reseller, command.customer_id)


@dataclass(frozen=True)
class Criteria:
    """What "n that match" means: a pool, its owner, and a prefix as digits that may begin with a trunk digit."""

    pool: Pool
    owner: str
    prefix: str


@dataclass(frozen=True)
class Search:
    """`count` numbers by criteria for one line of an order."""

    taker: Taker
    line: int
    criteria: Criteria
    count: int


def exact(commands: Iterable[HoldNumbers]) -> dict[int, Taker]:
    """The numbers that are named, each for the first who names it: a statement may name a row but once."""
    wanted: dict[int, Taker] = {}
    for command in commands:
        for want in command.wants:
            for number in want.numbers.exact:
                wanted.setdefault(number, taker(command))
    return wanted


def searches(command: HoldNumbers) -> list[Search]:
    """The lines of an order that want numbers by criteria; a pool that the taker does not have has no owner."""
    return [
        Search(taker(command), want.line, Criteria(n.pool, owner, n.prefix.lstrip("+")), n.count)
        for want in command.wants
        if (n := want.numbers).count and (owner := taker(command).owner_of(n.pool)) is not None
    ]


def lines_of(command: HoldNumbers, held: Mapping[int, int]) -> dict[int, list[int]]:
    """Held numbers by line: those that were named in the order of their names, those that were found ascending."""
    named = {n for want in command.wants for n in want.numbers.exact}
    found: dict[int, list[int]] = {}
    for number, line in sorted(held.items()):
        if number not in named:
            found.setdefault(line, []).append(number)
    return {
        want.line: [n for n in want.numbers.exact if n in held] or found.get(want.line, []) for want in command.wants
    }
