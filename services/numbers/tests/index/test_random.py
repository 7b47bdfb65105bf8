"""Random choice is fair: of all that match, each number comes alike often, alone and together with each other."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations

from numbers_service.grading import DEFAULT
from numbers_service.index import BlockState, Index, Wanted
from services.numbers.tests.index.oracle import ACME, PUBLIC

CROWD = [441217371005, 441217371006, 441217371007, 441217371010, 441217371950]
LONELY = [441217372000, 441217378999, 441217911111, 441219000000, 442079460555]
"""Neighbours in one chunk, and numbers that are alone in theirs: near, in the same million, and far away."""


def index(free: Iterable[int]) -> Index:
    """The far ones are in another pool."""
    blocks: dict[int, list[int]] = {}
    for number in free:
        blocks.setdefault(number // 1000 * 1000, []).append(number)
    made = Index(DEFAULT)
    for first, numbers in blocks.items():
        pool = ACME if first > 442 * 10**9 else PUBLIC
        made.put(BlockState(first, first + 999, "44", "0", "", 1, {pool: [(n, n) for n in numbers]}))
    return made


def unfairness(drawn: Sequence[Hashable], kinds: int) -> float:
    """Chi-square in standard deviations: beyond 4, drawing is not fair (or one in ten thousand fair ones looks so)."""
    expected = len(drawn) / kinds
    square = sum((many - expected) ** 2 / expected for many in Counter(drawn).values())
    square += (kinds - len(set(drawn))) * expected
    return float((square - (kinds - 1)) / (2 * (kinds - 1)) ** 0.5)


def draws(free: Iterable[int], count: int, many: int) -> list[list[int]]:
    there = index(free)
    return [
        there.search(Wanted(count=count, method="random", pools=[PUBLIC, ACME], seed=seed)).numbers.tolist()
        for seed in range(many)
    ]


def test_each_number_is_the_first_alike_often() -> None:
    drawn = draws(CROWD + LONELY, 1, 5_000)
    assert abs(unfairness([one for (one,) in drawn], len(CROWD + LONELY))) < 4


def test_each_two_numbers_come_together_alike_often_and_in_either_order() -> None:
    drawn = draws(CROWD + LONELY, 2, 9_000)
    pairs = list(combinations(CROWD + LONELY, 2))
    assert abs(unfairness([tuple(sorted(two)) for two in drawn], len(pairs))) < 4
    assert abs(unfairness([one for one, _ in drawn], len(CROWD + LONELY))) < 4


def test_a_number_that_is_alone_comes_as_often_as_one_in_the_crowd() -> None:
    crowd = list(range(441217371000, 441217372000))
    drawn = [one for some in draws(crowd + LONELY, 10, 9_000) for one in some]
    lonely, several = [one for one in drawn if one in LONELY], len(drawn) / len(crowd + LONELY)
    assert abs(unfairness(lonely, len(LONELY))) < 4
    assert abs(len(lonely) - several * len(LONELY)) < 4 * (several * len(LONELY)) ** 0.5


def test_any_place_of_a_crowd_comes_alike_often() -> None:
    drawn = draws(range(441217371000, 441217372000), 3, 9_000)
    assert abs(unfairness([one % 10 for some in drawn for one in some], 10)) < 4
    assert abs(unfairness([one % 1000 // 10 for some in drawn for one in some], 100)) < 4
