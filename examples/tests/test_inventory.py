"""The demo's numbers and searches: the API takes them, and each kind of search is there."""

from itertools import pairwise

from examples.inventory import blocks
from examples.searches import NOTHING, SEARCHES
from numbers_service import seed
from patchbay_contracts.inventory import NewBlocks
from patchbay_contracts.numbers import SearchQuery


def loaded() -> NewBlocks:
    return NewBlocks.model_validate({"why": "the demo's numbers", "blocks": blocks()})


def test_the_demo_loads_more_than_a_million_numbers_of_two_countries_and_several_lengths() -> None:
    numbers = loaded().blocks
    assert sum(block.size for block in numbers) > 1_000_000
    assert {block.country for block in numbers} == {"44", "49"}
    assert len({len(str(block.first)) for block in numbers}) > 1
    assert {block.pool for block in numbers} == {"public", "reseller"}


def test_no_two_blocks_of_the_demo_and_of_the_seed_have_a_number_in_common() -> None:
    ranges = [(block.first, block.last) for block in loaded().blocks]
    ranges += [(first, first + size - 1) for first, size, *_ in seed.BLOCKS]
    assert all(last < first for (_, last), (first, _) in pairwise(sorted(ranges)))


def test_orders_for_any_number_still_get_the_seeds_lowest() -> None:
    """So the exact numbers that orders name last for many runs."""
    assert min(block.first for block in loaded().blocks if block.pool == "public") > min(seed.BLOCKS)[0]


def test_there_is_a_search_of_every_kind() -> None:
    queries = [SearchQuery.model_validate(query) for query in (*(query for _, query in SEARCHES), NOTHING)]
    assert {query.method for query in queries} == {"next", "random", "segments", "run"}
    assert any(len(query.segments) == 2 for query in queries)
    assert any(query.ends_with for query in queries)
    assert any(query.pattern for query in queries)
    assert any(query.grade_at_least for query in queries)
    assert any("reseller" in query.pools for query in queries)
