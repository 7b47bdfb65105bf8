"""The search bench compares what it times: its inventory, its searches and what numpy finds go together."""

from bench.search_data import index_of, made
from bench.search_oracle import check
from bench.search_shapes import SHAPES


def test_every_search_of_the_bench_finds_what_numpy_finds() -> None:
    inventory = made(50_000)
    index = index_of(inventory)
    for shape in SHAPES:
        for wanted in shape.searches(inventory, 3):
            check(index, inventory, wanted)
