"""Rules about numbers without IO: grades, who may draw from which pool, what an order wants and gets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from numbers_service import grading
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.words import Grade, Pool


def grade(number: int) -> tuple[Grade, str]:
    """A number's grade and the name of the rule that decided it."""
    return grading.DEFAULT.grade(number)


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
                return str(self.customer_id) if self.customer_id else None


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
