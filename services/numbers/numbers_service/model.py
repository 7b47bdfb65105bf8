"""Rules about numbers without IO: grades, who may draw from which pool, what an order wants and gets."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from numbers_service.grading import GRADES, IN_FORCE, Override
from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.numbers import Filter, Policy
from patchbay_contracts.order import Numbers
from patchbay_contracts.v1.numbers import HoldNumbers, Want
from patchbay_contracts.words import Grade, Pool


def grade(number: int) -> tuple[Grade, str]:
    """A number's grade and the name of the rule that decided it."""
    return IN_FORCE.grading.grade(number)


OwnerKind = Literal["order", "draft", "basket"]


def graded(number: int, override: Override | None) -> tuple[Grade, str]:
    """A number's grade and what decided it: the override if there is one, else a rule."""
    return grade(number) if override is None else (override.grade, override.rule)


def owner_of(pool: Pool, reseller: str, customer_id: UUID | None) -> str | None:
    """The one owner in whose pool of that kind a reseller may draw, for that customer of its: nobody in the public
    one. None: there is no such pool."""
    match pool:
        case "public":
            return ""
        case "reseller":
            return reseller
        case "customer":
            return f"{reseller}/{customer_id}" if customer_id else None


@dataclass(frozen=True)
class Taker:
    """Who wants numbers: an order, a draft or a basket. Pools are open to a reseller, and to a customer if it exists
    already. `held_by` is the draft or basket of the same reseller whose numbers an order may take over."""

    owner: UUID
    reseller: str
    customer_id: UUID | None = None
    kind: OwnerKind = "order"
    held_by: UUID | None = None

    def owner_of(self, pool: Pool) -> str | None:
        """Whose blocks these are in that pool; None: the taker has no such pool."""
        return owner_of(pool, self.reseller, self.customer_id)

    def may_draw(self, pool: Pool, owner: str) -> bool:
        """Whether that pool is open to the taker."""
        return self.owner_of(pool) == owner


def is_known(taker: Taker, place: tuple[Pool, str] | None) -> bool:
    """Whether the taker may know of a number that stands there: one in no block and one in another's pool are alike."""
    return place is not None and taker.may_draw(*place)


def taker(command: HoldNumbers) -> Taker:
    """Who wants these numbers."""
    return Taker(command.order_id, command.reseller, command.customer_id, "order", command.held_by)


class Claim(NamedTuple):
    """For whom a number is held, and for which line. Only a number that is `named` may be one that rests."""

    taker: Taker
    line: int = 0
    named: bool = True


@dataclass(frozen=True)
class Criteria:
    """What "n that match" means: a pool, its owner, and a filter."""

    pool: Pool
    owner: str
    filter: Filter


@dataclass(frozen=True)
class Search:
    """`count` numbers for one line of an order, by the first of the criteria, then by the next, and then by its policy,
    within the rules of the service. An order's criteria are of different pools, and have the same filter."""

    taker: Taker
    line: int
    criteria: tuple[Criteria, ...]
    count: int
    policy: Policy = "all"
    rules: NumberRules | None = None


def contested(commands: Iterable[HoldNumbers]) -> set[int]:
    """The numbers that more than one of these orders name."""
    named = Counter(number for command in commands for want in command.wants for number in want.numbers.exact)
    return {number for number, times in named.items() if times > 1}


def exact(commands: Iterable[HoldNumbers], holders: Mapping[int, UUID]) -> dict[int, Claim]:
    """The numbers that are named, each for the order that holds it already, else for the first who names it: a
    statement may name a row but once."""
    wanted: dict[int, Claim] = {}
    for command in commands:
        for want in command.wants:
            for number in want.numbers.exact:
                if number not in wanted or holders.get(number) == command.order_id:
                    wanted[number] = Claim(taker(command), want.line)
    return wanted


def searches(command: HoldNumbers) -> list[Search]:
    """The lines of an order that want numbers by criteria; a pool that the taker does not have has no owner."""
    who = taker(command)
    return [
        Search(who, want.line, criteria, n.count, n.policy, rules=want.rules)
        for want in command.wants
        if (n := want.numbers).count and (criteria := _criteria(who, n))
    ]


def _criteria(who: Taker, numbers: Numbers) -> tuple[Criteria, ...]:
    owners = ((pool, who.owner_of(pool)) for pool in numbers.drawn_from)
    return tuple(Criteria(pool, owner, filter_of(numbers)) for pool, owner in owners if owner is not None)


_FILTER = tuple(Filter.model_fields)


def filter_of(wider: Filter) -> Filter:
    """Only the filter of something that has more than a filter, so that equal filters are equal."""
    return Filter.model_construct(**{field: getattr(wider, field) for field in _FILTER})


def least(want: Want) -> int:
    """With fewer numbers than these the line is refused."""
    numbers = want.numbers
    return max(1, want.least) if numbers.count and numbers.policy == "available" else numbers.count


def lines_of(command: HoldNumbers, held: Mapping[int, int]) -> dict[int, list[int]]:
    """Held numbers by line: those that were named in the order of their names, what was given instead of one in its
    place; those that were found ascending."""
    named = {n for want in command.wants for n in want.numbers.exact}
    found: dict[int, list[int]] = {}
    for number, line in sorted(held.items()):
        if number not in named:
            found.setdefault(line, []).append(number)
    lines: dict[int, list[int]] = {}
    for want in command.wants:
        others = found.get(want.line, [])
        if want.numbers.exact and others:
            given = instead_of(want, held, others)
            lines[want.line] = [n for n in (given.get(n, n) for n in want.numbers.exact) if n in held]
        else:
            lines[want.line] = [n for n in want.numbers.exact if n in held] or others
    return lines


def instead_of(want: Want, held: Collection[int], others: Sequence[int]) -> dict[int, int]:
    """Which of the others stands for which named number that is not held: the best for the best."""
    return best_for_best([n for n in want.numbers.exact if n not in held], others)


def best_for_best(lost: Sequence[int], others: Sequence[int]) -> dict[int, int]:
    """Which of the others stands for which that is lost."""
    return dict(zip(sorted(lost, key=_best_first), sorted(others, key=_best_first), strict=False))


def _best_first(number: int) -> tuple[int, int]:
    return GRADES.index(grade(number)[0]), number
