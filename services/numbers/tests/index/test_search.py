"""Every filter with every method answers what looking at each number would."""

import random
from collections import Counter
from dataclasses import replace
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numbers_service.grading import GRADES
from numbers_service.index import Found, Index, PoolOf, Wanted
from services.numbers.tests.index.asking import wanted
from services.numbers.tests.index.oracle import Oracle, world

repeatable = settings(
    derandomize=True, deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow], database=None
)
seeds = st.integers(0, 11)
kept = cache(world)


def pages(index: Index, wanted: Wanted, most: int = 50) -> list[Found]:
    """All answers, one behind the other."""
    found = [index.search(wanted)]
    while found[-1].cursor and len(found) < most:
        found.append(index.search(replace(wanted, cursor=found[-1].cursor)))
    return found


def rows(found: list[Found]) -> list[tuple[PoolOf, int]]:
    return [(row.pool, row.number) for page in found for row in page.rows()]


def check_counts(oracle: Oracle, found: Found, matching: dict[PoolOf, list[int]]) -> None:
    by_grade = Counter(oracle.grade(number)[0] for numbers in matching.values() for number in numbers)
    by_pool = {pool: len(numbers) for pool, numbers in matching.items()}
    if found.exact:
        assert found.counts == {grade: by_grade[grade] for grade in GRADES}
        assert found.pool_counts == by_pool
    assert sum(found.pool_counts.values()) == found.total <= sum(by_pool.values())


def check_reasons(oracle: Oracle, found: Found) -> None:
    assert found.why
    assert found.why.field
    if found.nearest:
        assert len(oracle.index.search(found.nearest.wanted).numbers)


@repeatable
@given(seed=seeds, asked=wanted(("next", "segments")))
def test_the_lowest_numbers_come_pool_by_pool_and_page_by_page(seed: int, asked: Wanted) -> None:
    oracle = kept(seed)
    found = pages(oracle.index, asked)
    matching = oracle.matching(asked, list(found[0].read_as))
    expected = [(pool, number) for pool, numbers in matching.items() for number in numbers]
    shown = rows(found)
    assert shown == expected[: len(shown)]
    assert len(found) == 50 or len(shown) == len(expected)
    for page in found[:3]:
        check_counts(oracle, page, matching)
        assert page.exact or not asked.exact_counts
    for row in found[0].rows():
        assert (row.grade, row.rule) == oracle.grade(row.number)
    if not expected:
        check_reasons(oracle, found[0])


@repeatable
@given(seed=seeds, asked=wanted(("random",)))
def test_random_numbers_are_all_that_match_in_an_order_of_the_seed(seed: int, asked: Wanted) -> None:
    oracle = kept(seed)
    found = pages(oracle.index, asked)
    matching = oracle.matching(asked, list(found[0].read_as))
    expected = {(pool, number) for pool, numbers in matching.items() for number in numbers}
    shown = rows(found)
    assert len(set(shown)) == len(shown)
    assert set(shown) <= expected
    assert len(found) == 50 or len(shown) == len(expected)
    at_once = rows([oracle.index.search(replace(asked, count=10_000))])
    assert shown == at_once[: len(shown)]
    check_counts(oracle, found[0], matching)
    if not expected:
        check_reasons(oracle, found[0])


def runs(matching: dict[PoolOf, list[int]], length: int, aligned: int) -> list[tuple[PoolOf, int]]:
    """The rows of all runs, the lowest first, none with a number of the one before."""
    found = []
    for pool, numbers in matching.items():
        free, behind = set(numbers), 0
        for first in numbers:
            if first > behind and first % aligned == 0 and all(first + at in free for at in range(length)):
                found += [(pool, first + at) for at in range(length)]
                behind = first + length - 1
    return found


@repeatable
@given(seed=seeds, asked=wanted(("run",)))
def test_runs_are_in_one_pool_aligned_and_lowest_first(seed: int, asked: Wanted) -> None:
    oracle = kept(seed)
    found = pages(oracle.index, asked)
    matching = oracle.matching(asked, list(found[0].read_as))
    expected = runs(matching, asked.count, asked.aligned)
    shown = rows(found)
    assert shown == expected[: len(shown)]
    assert len(found) == 50 or len(shown) == len(expected)
    check_counts(oracle, found[0], matching)
    for row in found[0].rows():
        assert (row.grade, row.rule) == oracle.grade(row.number)
    if not expected:
        check_reasons(oracle, found[0])


@settings(repeatable, max_examples=100)
@given(seed=seeds, asked=wanted(("next", "random", "segments")))
def test_a_cursor_stays_right_while_numbers_come_and_go(seed: int, asked: Wanted) -> None:
    oracle, chance = world(seed), random.Random(seed)
    asked = replace(asked, count=7)
    found = oracle.index.search(asked)
    read_as = list(found.read_as)
    shown = rows([found])
    stayed = {(pool, n) for pool, ns in oracle.matching(asked, read_as).items() for n in ns}
    for _ in range(40):
        if not found.cursor:
            break
        oracle.change(chance)
        stayed &= {(pool, n) for pool, ns in oracle.matching(asked, read_as).items() for n in ns}
        found = oracle.index.search(replace(asked, cursor=found.cursor))
        shown += rows([found])
    if asked.method == "random" or len(asked.pools) == 1:
        assert len({n for _, n in shown}) == len(shown)
    assert len(set(shown)) == len(shown)
    if not found.cursor:
        assert stayed <= set(shown)
